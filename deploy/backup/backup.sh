#!/bin/sh
# Dumps the store's six databases, as they all were at one moment, into one file, while the store runs.
# It needs BACKUP_FOLDER, BACKUP_HOST, BACKUP_PORT, BACKUP_USER, BACKUP_DATABASE (steampunk), MYSQL_PWD, and BACKUP_KEEP:
# how many files stay. docs/containers.md says how to restore one.
set -eu
umask 077

file="$BACKUP_FOLDER/$BACKUP_DATABASE-$(date -u +%Y%m%dT%H%M%SZ).sql"
trap 'rm -f "$file"' EXIT

# One transaction reads all six: a dump of each by itself would be of another moment, and they would not fit together.
# A file that is restored over existing tables fails: it drops none.
mariadb-dump --host="$BACKUP_HOST" --port="$BACKUP_PORT" --user="$BACKUP_USER" \
    --single-transaction --quick --no-tablespaces --skip-add-drop-table --result-file="$file" \
    --databases "${BACKUP_DATABASE}_user" "${BACKUP_DATABASE}_product" "${BACKUP_DATABASE}_order" \
    "${BACKUP_DATABASE}_payment" "${BACKUP_DATABASE}_stock" "${BACKUP_DATABASE}_library"
gzip "$file"
echo "$file.gz"

ls -1t "$BACKUP_FOLDER/$BACKUP_DATABASE"-*.sql.gz | tail -n "+$((BACKUP_KEEP + 1))" | xargs -r rm -f
