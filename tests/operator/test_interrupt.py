"""Ctrl-C: one line, and nothing of the command runs any more."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from etl.sample import write
from subgraphs.store.processes import check_ports
from tests.operator.commands import SECONDS, clean, port_settings
from tests.own_store import OwnStore
from tests.ports import reserved_ports


def interrupt_at(words: str, environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Presses Ctrl-C when a line holds these words; the exit code, and what was printed after that line."""
    command = [sys.executable, "-u", "-m", *arguments]
    # In a process group of its own, as a shell starts it.
    with subprocess.Popen(
        command,
        env=clean(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A test run in the background may ignore SIGINT, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        killer = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        try:
            seen = ""
            while words not in seen:
                line = process.stdout.readline()
                assert line, f"no line with {words!r}:\n{seen}"
                seen += line
            os.killpg(process.pid, signal.SIGINT)
            return process.wait(), process.stdout.read()
        finally:
            killer.cancel()


def test_the_tour_stops_the_store_that_it_has_started(engine: str, tmp_path: Path) -> None:
    if engine != "embedded":
        pytest.skip("the tour starts an embedded store")
    with reserved_ports() as ports:
        place = {**port_settings(ports), "STEAMPUNK_STATE": str(tmp_path)}
        code, said = interrupt_at("Starting six subgraphs", place, "subgraphs", "tour")

    assert code == 130
    assert said.strip() == "Stopped."
    check_ports({str(port): port for port in ports})


def test_a_measurement_ends(running: OwnStore) -> None:
    local = running.store.settings
    place = {
        "STEAMPUNK_STATE": str(local.state),
        "STEAMPUNK_SECRETS_FILE": local.secrets_file,
        "STEAMPUNK_DATABASE_URL": local.database_url,
        "STEAMPUNK_REDIS_URL": local.redis_url,
        "STEAMPUNK_VALKEY_PORT": str(local.valkey_port),
        "STEAMPUNK_ROUTER_PORT": str(local.router_port),
    }
    code, said = interrupt_at("Warming up", place, "perf", "flash_sale", "--users", "2000", "--no-audit")
    assert code == 130
    assert said.strip() == "Stopped."


def test_a_load_can_be_resumed(tmp_path: Path) -> None:
    file = tmp_path / "games.json"
    write(file, 20_000, 1)
    url = f"sqlite+aiosqlite:///{tmp_path}/shop"
    code, said = interrupt_at("Loading", {}, "etl", "load", str(file), "--database-url", url)
    assert code == 130
    assert said.strip().splitlines()[-1] == "etl: interrupted. Run the same command again to resume."
    assert "Traceback" not in said
