"""Everything that this project can do, as sessions: `nox -l` lists them, `nox -s up` starts the store.

Without nox: `python3 noxfile.py -s up`. That makes an environment for nox itself first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent
BOOTSTRAP = ROOT / ".nox" / "bootstrap"
OLDEST = (3, 11)


def bootstrap() -> None:
    """Runs this file's sessions with a nox from the project's own lock, whatever Python forbids."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed; this is {sys.version.split()[0]}.")
    python = BOOTSTRAP / "bin" / "python"
    if not (BOOTSTRAP / "ready").exists():
        print("Making an environment for nox (once) ...", flush=True)
        shutil.rmtree(BOOTSTRAP, ignore_errors=True)
        make = subprocess.run([sys.executable, "-m", "venv", str(BOOTSTRAP)], capture_output=True, text=True)
        if make.returncode:
            hint = "On Debian and Ubuntu: apt install python3-venv."
            sys.exit(f"Python's venv module does not work here. {hint}\n{make.stdout}{make.stderr}")
        subprocess.run([str(python), *pip_install("nox")], check=True)
        (BOOTSTRAP / "ready").touch()
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", "nox", "-f", __file__, *sys.argv[1:]])


def pip_install(lock: str) -> list[str]:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    return ["-m", "pip", "install", *options, "-r", str(ROOT / "requirements" / f"{lock}.txt")]


if __name__ == "__main__":
    bootstrap()

import nox  # noqa: E402

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True


def install(session: nox.Session, lock: str) -> None:
    """Installs a lock into the session's environment, unless just that is in it already."""
    content = (ROOT / "requirements" / f"{lock}.txt").read_bytes()
    stamp = Path(session.virtualenv.location, f"installed-{lock}")
    digest = hashlib.sha256(content).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        session.log(f"installing requirements/{lock}.txt (once; about half a minute)")
        session.run("python", *pip_install(lock), silent=False)
        stamp.write_text(digest)


def python(session: nox.Session, *arguments: str, env: dict[str, str] | None = None) -> None:
    """Runs Python in the project's root, which then is on its path."""
    session.run("python", *arguments, *session.posargs, env=env)


@nox.session(venv_location=".nox/store")
def up(session: nox.Session) -> None:
    """Start the whole store on this machine; Ctrl-C stops it."""
    install(session, "store")
    python(session, "-m", "subgraphs", "up")


@nox.session(venv_location=".nox/store")
def reset(session: nox.Session) -> None:
    """Remove the local store's data."""
    install(session, "store")
    python(session, "-m", "subgraphs", "reset")


@nox.session(venv_location=".nox/store")
def tour(session: nox.Session) -> None:
    """Tell the store's whole story through a router: each operation, its answer, its query plan."""
    install(session, "store")
    python(session, "-m", "subgraphs", "tour")


@nox.session(venv_location=".nox/store")
def etl(session: nox.Session) -> None:
    """Load a games.json into the catalogue: nox -s etl -- games.json"""
    install(session, "store")
    python(session, "-m", "etl", "load")


@nox.session(venv_location=".nox/dev")
def perf(session: nox.Session) -> None:
    """Measure: nox -s perf -- pay | flash_sale | etl [options]"""
    install(session, "dev")
    python(session, "-m", "perf")


@nox.session(venv_location=".nox/dev")
def schema(session: nox.Session) -> None:
    """Write schema/: the six SDLs and the supergraph. With `-- --check`: fail when they are not up to date."""
    install(session, "dev")
    python(session, "-m", "schema")


@nox.session(venv_location=".nox/dev")
def lint(session: nox.Session) -> None:
    """Check style, types, and that imports go down only."""
    install(session, "dev")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", env={"PYTHONPATH": str(ROOT)})


@nox.session(venv_location=".nox/dev")
def tests(session: nox.Session) -> None:
    """Run everything that must hold: lint, schema, and the tests on each engine that is installed."""
    install(session, "dev")
    if not session.posargs:
        lint(session)
        session.run("python", "-m", "schema", "--check")
    for engine in engines(session):
        session.log(f"tests on {engine}")
        python(session, "-m", "pytest", f"--engine={engine}")


def engines(session: nox.Session) -> list[str]:
    """The embedded engines, and the real servers where they are installed."""
    servers = {"mariadbd": "MariaDB", "redis-server": "Redis"}
    missing = [name for program, name in servers.items() if shutil.which(program) is None]
    if missing:
        session.warn(f"not testing on MariaDB + Redis: {' and '.join(missing)} not installed")
        return ["embedded"]
    return ["embedded", "servers"]
