"""MariaDB and Redis for measurements and tests: on free ports, with their data in a given folder."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import redis

from router.process import free_ports
from subgraphs.store.processes import Child, LaunchFailed, Program


@contextmanager
def mariadb(folder: Path, port: int = 0, buffer_pool: str = "512M") -> Iterator[tuple[Child, str]]:
    """A MariaDB with default durability; gives its process and its URL (database name `steampunk`).

    Without a `port`, it takes any that is free. Raises LaunchFailed.
    """
    data, port = folder / "mariadb", port or free_ports(1)[0]
    # Of its own: a server that starts removes temporary tables which it takes for its own.
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    install = [program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    install += ["--auth-root-authentication-method=normal", "--user=root", f"--tmpdir={temporary}"]
    subprocess.run(install, check=True, capture_output=True)
    command = [program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={port}"]
    command += ["--bind-address=127.0.0.1", f"--socket={folder}/mariadb.sock", "--user=root"]
    command += [f"--innodb-buffer-pool-size={buffer_pool}", "--max-connections=400"]
    command += [f"--tmpdir={temporary}"]
    server = Program("mariadb", command, {}, folder / "logs")

    def ready() -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
        except pymysql.Error:
            return False
        return True

    try:
        server.wait_until(ready, 60)
        yield server, f"mysql+aiomysql://root@127.0.0.1:{port}/steampunk"
    finally:
        server.stop(30)


@contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[tuple[Child, str]]:
    """A Redis that appends every write to a file; gives its process and its URL.

    Without a `port`, it takes any that is free. Raises LaunchFailed.
    """
    data, port = folder / "redis", port or free_ports(1)[0]
    data.mkdir(parents=True)
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data)]
    server = Program("redis", [*command, "--appendonly", "yes", "--save", ""], {}, folder / "logs")
    url = f"redis://127.0.0.1:{port}/0"

    def ready() -> bool:
        try:
            with redis.Redis.from_url(url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    try:
        server.wait_until(ready, 30)
        yield server, url
    finally:
        server.stop()


def program(name: str) -> str:
    """The path of an installed program. Raises LaunchFailed."""
    path = shutil.which(name)
    if path is None:
        raise LaunchFailed(f"{name} is not installed.")
    return path
