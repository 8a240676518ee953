"""The scripts of deploy/backup, run as Compose runs them, and the database user that Compose makes."""

import os
import subprocess
from pathlib import Path

import pymysql
from sqlalchemy.engine import URL

from etl.catalogue import parameters_of

DEPLOY = Path(__file__).parents[2] / "deploy"
USER, PASSWORD = "steampunk", "k3Jx9Qm2Vt7Lz5Rw"
KEPT = 2


def make_user(url: URL) -> None:
    """The user of docker-compose.yml, with the grants of deploy/mariadb/grants.sql and no others."""
    server = url.set(database="")
    with pymysql.connect(**dict(parameters_of(server).arguments)) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE USER '{USER}'@'%%' IDENTIFIED BY %s", (PASSWORD,))
        cursor.execute((DEPLOY / "mariadb" / "grants.sql").read_text())


def run(script: str, url: URL, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `backup.sh` or `restore.sh` on the server of `url`."""
    environment = {
        "PATH": os.environ["PATH"],
        "BACKUP_FOLDER": str(folder),
        "BACKUP_HOST": str(url.host),
        "BACKUP_PORT": str(url.port),
        "BACKUP_USER": USER,
        "BACKUP_DATABASE": "steampunk",
        "BACKUP_KEEP": str(KEPT),
        "MYSQL_PWD": PASSWORD,
    }
    command = ["sh", str(DEPLOY / "backup" / script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def copy_database(url: URL, name: str, copy: str) -> None:
    """Copies one database of a server into a new one beside it, by a dump of its own."""
    login = ["--no-defaults", f"--host={url.host}", f"--port={url.port}", f"--user={url.username}"]
    dump = subprocess.run(["mariadb-dump", *login, "--single-transaction", name], check=True, capture_output=True)
    made = f"CREATE DATABASE {copy}; USE {copy};\n".encode()
    subprocess.run(["mariadb", *login], check=True, capture_output=True, input=made + dump.stdout)
