"""The store that a page's reader has: started by the README's first command."""

import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import StoreSettings
from tests.docs.pages import ROOT
from tests.docs.sessions import without_nox
from tests.operator.commands import clean, port_settings
from tests.ports import reserved_ports

START = "python3 noxfile.py -s up"
READY = "Ctrl-C stops the store."
SECONDS = 600
"""How long a busy machine may take to start the store, or to run one command."""


@dataclass(frozen=True)
class ReaderStore:
    """A running store with the sample data, and how a reader's words are translated to its ports."""

    project: Path
    settings: StoreSettings
    environment: dict[str, str]
    said: str
    """What the first command printed until the store was ready, with the ports that a reader sees."""

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Runs a page's command in the project's folder against this store; its output has the ports of the page."""
        done = run_in(self.project, _translated(command, self._ports()), self.environment)
        done.stdout = _translated(done.stdout, {own: shown for shown, own in self._ports().items()})
        return done

    def _ports(self) -> dict[str, str]:
        return ports(self.settings)


def run_in(project: Path, command: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a page's command in a project's folder, with the errors in its output."""
    return subprocess.run(
        ["bash", "-c", without_nox(command)],
        cwd=project,
        env={**environment, "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )


def ports(settings: StoreSettings) -> dict[str, str]:
    """The ports that pages show, and the store's own."""
    shown = StoreSettings.model_fields
    pairs = {str(shown[name].default): str(getattr(settings, name)) for name in shown if name.endswith("_port")}
    first, own = int(shown["subgraph_port"].default), settings.subgraph_port
    return pairs | {str(first + i): str(own + i) for i in range(len(SUBGRAPHS))}


@contextmanager
def reader_store(state: Path, project: Path = ROOT) -> Iterator[ReaderStore]:
    """A store of this project that is ready, and is stopped as a reader stops it."""
    with reserved_ports() as free:
        environment = clean({"STEAMPUNK_STATE": str(state), **port_settings(free)})
        process = subprocess.Popen(
            shlex.split(without_nox(START)),
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said = _read_to_ready(process)
            names = {name: value for name, value in environment.items() if name.startswith("STEAMPUNK_")}
            settings = StoreSettings.model_validate(
                {name.removeprefix("STEAMPUNK_").lower(): value for name, value in names.items()}
            )
            shown = _translated(said, {own: page for page, own in ports(settings).items()})
            yield ReaderStore(project, settings, environment, shown)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=SECONDS)


def _read_to_ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    killer = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    killer.start()
    said = ""
    try:
        for line in process.stdout:
            said += line
            if READY in line:
                return said
    finally:
        killer.cancel()
    raise AssertionError(f"the store did not start:\n{said}")


def _translated(text: str, pairs: dict[str, str]) -> str:
    return re.sub(r"(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+", lambda found: pairs.get(found[0], found[0]), text)
