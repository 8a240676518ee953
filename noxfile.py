"""Everything that this project can do, as sessions: `nox -l` lists them, `nox -s up` starts the store.

Without nox: `python3 noxfile.py -s up`. That makes an environment for nox itself first.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from router.environments import InstallFailed, environment  # noqa: E402

OLDEST = (3, 11)


def python_of(name: str, lock: str, interpreter: str = sys.executable) -> str:
    """The Python of an environment; ends with the reason where it cannot be made."""
    try:
        return environment(name, lock, interpreter)
    except InstallFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed; this is {sys.version.split()[0]}.")
    nox_python = python_of("nox", "nox")
    os.chdir(ROOT)
    os.execv(nox_python, [nox_python, "-m", "nox", "-f", __file__, *sys.argv[1:]])

import nox  # noqa: E402

nox.options.sessions = ["tests"]
# The sessions bring their own environments: see `python_of`.
nox.options.default_venv_backend = "none"
# Nox looks for uv even where no session uses it, and says each time that there is none.
logging.getLogger("nox").addFilter(lambda record: record.getMessage() != "uv binary not found.")


def python(session: nox.Session, lock: str, *arguments: str, **variables: str) -> None:
    """Runs Python in the environment of a lock; `variables` are added to the process's environment."""
    # After Ctrl-C a store stops in order: do not kill it meanwhile.
    session.run(
        python_of(lock, lock), *arguments, env=variables, external=True, interrupt_timeout=60, terminate_timeout=60
    )


@nox.session
def up(session: nox.Session) -> None:
    """Start the whole store on this machine; Ctrl-C stops it."""
    python(session, "store", "-m", "subgraphs", "up")


@nox.session
def reset(session: nox.Session) -> None:
    """Remove the local store's data."""
    python(session, "store", "-m", "subgraphs", "reset")


@nox.session
def tour(session: nox.Session) -> None:
    """Tell the store's whole story through a router: each operation, its answer, its query plan."""
    python(session, "store", "-m", "subgraphs", "tour")


@nox.session
def audit(session: nox.Session) -> None:
    """Check every invariant of money and goods against the running store's databases and Redis."""
    python(session, "store", "-m", "subgraphs", "audit", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Inject 200 faults into a store under load, and have 10,000 pay at once: nox -s faults -- [--fault-seed=7]"""
    seed = f"--fault-seed={random.randrange(1_000_000)}"
    options = [f"--engine={engines(session)[-1]}", "--faults=200", seed, "--many=10000", *session.posargs]
    python(session, "dev", "-m", "pytest", "tests/faults", "-s", *options)


@nox.session
def router(session: nox.Session) -> None:
    """Get Apollo Router: find it, download it, or build it (about 14 minutes on two cores, once)."""
    python(session, "store", "-m", "router", "install")


@nox.session
def etl(session: nox.Session) -> None:
    """Load a games.json into the catalogue: nox -s etl -- games.json"""
    python(session, "store", "-m", "etl", "load", *session.posargs)


@nox.session
def perf(session: nox.Session) -> None:
    """Measure: nox -s perf -- pay | flash_sale | etl [options]"""
    python(session, "dev", "-m", "perf", *session.posargs)


@nox.session
def schema(session: nox.Session) -> None:
    """Write schema/: the six SDLs and the supergraph. With `-- --check`: fail when they are not up to date."""
    python(session, "dev", "-m", "schema", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, and that imports go down only."""
    python(session, "dev", "-m", "ruff", "check", ".")
    python(session, "dev", "-m", "ruff", "format", "--check", ".")
    python(session, "dev", "-m", "mypy")
    python(session, "dev", "-c", "from importlinter.cli import lint_imports_command as run; run()")


@nox.session
def tests(session: nox.Session) -> None:
    """Run everything that must hold: lint, schema, and the tests on all engines, gateways and Pythons that are here."""
    gateway, passed = best_gateway(session), []
    if not session.posargs:
        lint(session)
        python(session, "dev", "-m", "schema", "--check")
    for engine in engines(session):
        session.log(f"tests on {engine}, through {GATEWAYS[gateway]}")
        python(session, "dev", "-m", "pytest", f"--engine={engine}", *session.posargs, STEAMPUNK_GATEWAY=gateway)
        passed.append(f"all on {engine} through {GATEWAYS[gateway]}")
    if gateway != "node" and not session.posargs:
        session.log("tests of the supergraph through the Node gateway")
        python(session, "dev", "-m", "pytest", "tests/supergraph", STEAMPUNK_GATEWAY="node")
        passed.append("those of the supergraph through the Node gateway")
    newest = newest_python()
    if newest and not session.posargs:
        session.log(f"tests on {newest}")
        rooms = [f"tests/{room}" for room in ("kit", "subgraphs", "supergraph", "etl")]
        variables = {"STEAMPUNK_GATEWAY": gateway}
        session.run(python_of("newest", "dev", newest), "-m", "pytest", *rooms, env=variables, external=True)
        passed.append(f"those of the subgraphs on {newest}")
    session.log(f"passed: {'; '.join(passed)}")
    if gateway == "node":
        session.warn(WITHOUT_ROUTER)


GATEWAYS = {"router": "Apollo Router", "node": "the Node gateway"}
WITHOUT_ROUTER = "not testing Apollo Router, which is not here: `nox -s router` downloads or builds it"


def best_gateway(session: nox.Session) -> str:
    """What the tests run on: Apollo Router where it is here or can be downloaded, else the Node gateway."""
    find = [python_of("dev", "dev"), "-m", "router", "install", "--no-build"]
    if subprocess.run(find, stdout=subprocess.DEVNULL).returncode == 0:
        return "router"
    session.warn(WITHOUT_ROUTER)
    return "node"


def engines(session: nox.Session) -> list[str]:
    """The embedded engines, and the real servers where they are installed."""
    servers = {"mariadbd": "MariaDB", "redis-server": "Redis"}
    missing = [name for program, name in servers.items() if shutil.which(program) is None]
    if missing:
        session.warn(f"not testing on MariaDB + Redis: {' and '.join(missing)} not installed")
        return ["embedded"]
    return ["embedded", "servers"]


def newest_python() -> str | None:
    """The newest Python that is installed, if it is newer than the one that runs this."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for minor in range(sys.version_info.minor + 5, sys.version_info.minor, -1):
        on_path = shutil.which(f"python3.{minor}")
        in_pyenv = [str(path) for path in pyenv.glob(f"3.{minor}.*/bin/python3")]
        for candidate in [*([on_path] if on_path else []), *in_pyenv]:
            if subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
                return candidate
    return None
