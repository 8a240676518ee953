"""A MariaDB server on a host of its own, with the configuration of deploy/mariadb."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from subgraphs.store.processes import Program
from tests.clusters.databases.hosts import Host

DEPLOY = Path(__file__).parents[3] / "deploy"
PORT = 3306
READY_SECONDS = 180
ANSWER_SECONDS = 30
USERS = """
FLUSH PRIVILEGES;
CREATE USER haproxy@'%';
CREATE USER shop@'%' IDENTIFIED BY 'password';
GRANT CREATE, ALTER, INDEX, DROP, REFERENCES, SELECT, INSERT, UPDATE, DELETE ON `steampunk\\_%`.* TO shop@'%';
CREATE USER operator@'%' IDENTIFIED BY 'password';
GRANT ALL ON *.* TO operator@'%';
CREATE USER replica@'%' IDENTIFIED BY 'password';
GRANT REPLICATION SLAVE ON *.* TO replica@'%';
"""


class Node:
    """One server of a cluster. `options` are lines of its own configuration."""

    def __init__(self, number: int, host: Host, folder: Path, common: str, options: str) -> None:
        self.name = f"db-{number}"
        self.host = host
        self.folder = folder / self.name
        self._options = self.folder / "my.cnf"
        self._options.parent.mkdir()
        own = f"datadir = {self.folder}/data\nsocket = {self.folder}/mariadb.sock\ntmpdir = {self.folder}/tmp\n"
        own += f"port = {PORT}\nbind_address = {host.address}\nuser = root\ninnodb_buffer_pool_size = 128M\n"
        own += f"max_connections = 400\nserver_id = {number}\n{options}"
        self._options.write_text(f"[mariadbd]\n{own}\n!include {DEPLOY}/mariadb/{common}\n")
        self._folder("tmp").mkdir()
        self._process: Program | None = None

    @property
    def address(self) -> str:
        return f"{self.host.address}:{PORT}"

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    def take_data(self, template: Path) -> None:
        shutil.copytree(template, self._folder("data"))

    def start(self, *options: str) -> None:
        """Starts the server. Does not wait until it is ready."""
        command = ["mariadbd", f"--defaults-file={self._options}", *options]
        self._process = Program(self.name, self.host.inside(command), dict(os.environ), self.folder / "logs")

    def run_once(self, *options: str) -> str:
        """Runs the server for a job that ends by itself, and returns what it prints."""
        command = self.host.inside(["mariadbd", f"--defaults-file={self._options}", *options])
        return subprocess.run(command, check=True, capture_output=True, text=True).stderr

    def wait_until(self, condition: str) -> None:
        """Waits until an SQL expression is true."""
        assert self._process is not None
        self._process.wait_until(lambda: self._is(condition), READY_SECONDS)

    @property
    def runs(self) -> bool:
        return self._process is not None and not self._process.has_ended

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def freeze(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.runs:
            assert self._process is not None
            os.killpg(self._process.pid, signal.SIGCONT)

    def query(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a statement. It goes through the server's Unix socket, which works while its network is cut."""
        connection = pymysql.Connection(user="root", autocommit=True, cursorclass=DictCursor, defer_connect=True)
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_SECONDS)
            line.connect(f"{self.folder}/mariadb.sock")
            connection.connect(line)
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())

    def value(self, expression: str) -> Any:
        return next(iter(self.query(f"SELECT {expression}")[0].values()))

    def status(self, name: str) -> str:
        return str(
            self.value(f"(SELECT variable_value FROM information_schema.global_status WHERE variable_name = '{name}')")
        )

    def _is(self, condition: str) -> bool:
        try:
            return bool(self.value(condition))
        except (pymysql.Error, OSError):
            return False

    def _folder(self, name: str) -> Path:
        return self.folder / name


def template(folder: Path) -> Path:
    """A new server's data, with the users of a cluster."""
    data, users = folder / "template", folder / "users.sql"
    users.write_text(USERS)
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", "--user=root"]
    install += ["--auth-root-authentication-method=normal", f"--extra-file={users}"]
    subprocess.run(install, check=True, capture_output=True)
    return data
