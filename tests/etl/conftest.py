"""Databases for the load: SQLite always, MariaDB or MySQL where a server is installed."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pymysql
import pytest
from sqlalchemy.engine import URL, make_url

from etl.target import product_database, target_of
from subgraphs.kit.migrations import migrate

_names = count(1)


@pytest.fixture(scope="session")
def mysql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MariaDB of the tests' own; the URL's database name is to be chosen."""
    if not shutil.which("mariadbd"):
        pytest.skip("mariadbd is not installed")
    home = tmp_path_factory.mktemp("mariadb")
    install = ["mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run([*install, f"--datadir={home}/data"], check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["mariadbd", "--no-defaults", f"--datadir={home}/data", f"--port={port}", "--bind-address=127.0.0.1"]
        + [f"--socket={home}/socket", f"--log-error={home}/log", "--user=root"]
    )
    try:
        _wait_for(port)
        yield f"mysql+aiomysql://root@127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(params=["sqlite", "mysql"])
def base_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What STEAMPUNK_DATABASE_URL would be; nothing has been made in it yet."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/steampunk"
    return f"{request.getfixturevalue('mysql_url')}etl_{next(_names)}"


@pytest.fixture
def url(base_url: str) -> URL:
    """The product subgraph's database, migrated and empty."""
    product = product_database(base_url)
    asyncio.run(migrate("product", product))
    return product


def _wait_for(port: int) -> None:
    arguments = dict(target_of(make_url(f"mysql+pymysql://root@127.0.0.1:{port}")).arguments)
    for _ in range(300):
        try:
            pymysql.connect(**arguments).close()
            return
        except pymysql.err.OperationalError:
            time.sleep(0.1)
    raise TimeoutError("mariadbd did not start")
