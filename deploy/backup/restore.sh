#!/bin/sh
# Restores a file of backup.sh: restore.sh FILE. The databases must not exist, and the store must not run.
# It needs BACKUP_HOST, BACKUP_PORT, BACKUP_USER and MYSQL_PWD.
set -eu

gzip --test "$1"
gzip --decompress --stdout "$1" |
    mariadb --host="$BACKUP_HOST" --port="$BACKUP_PORT" --user="$BACKUP_USER" --default-character-set=utf8mb4
