"""HAProxy as the tests find and ask it."""

import csv
import shutil
import socket
from contextlib import suppress
from pathlib import Path

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


def ask(path: Path, command: str) -> str:
    """What HAProxy answers at its socket; empty if nothing."""
    answer = b""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(f"{command}\n".encode())
        while part := connection.recv(65_536):
            answer += part
    return answer.decode()


def statistics(path: Path) -> list[dict[str, str]]:
    """A row for each frontend, backend and server."""
    return list(csv.DictReader(ask(path, "show stat").removeprefix("# ").splitlines()))
