"""The database server that the load is measured on."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from router.process import free_ports
from subgraphs.store.processes import Child


@contextmanager
def server(folder: Path, url: str | None) -> Iterator[str]:
    """The given server, or a MariaDB of our own with default durability and a buffer pool of 1 GB."""
    if url:
        yield f"{url}_perf"
        return
    program = shutil.which("mariadbd")
    if not program:
        raise SystemExit("mariadbd is not installed: install it, or give --database-url.")
    data, [port] = folder / "mariadb", free_ports(1)
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", "--user=root"]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    command = [program, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1"]
    command += [f"--socket={folder}/socket", "--user=root", "--innodb-buffer-pool-size=1G"]
    process = Child("mariadb", command, {}, folder / "logs")

    def ready() -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
        except pymysql.Error:
            return False
        return True

    try:
        process.wait_until(ready, 60)
        yield f"mysql+aiomysql://root@127.0.0.1:{port}/perf"
    finally:
        process.stop(60)
