"""Ctrl-C: one line, and nothing of the command runs any more. Nor does it after kill -9."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from etl.sample import write
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.processes import check_ports
from tests.operator.commands import SECONDS, port_settings, running_until
from tests.own_store import OwnStore
from tests.ports import reserved_ports

pytestmark = pytest.mark.engineless


def interrupt_at(
    words: str, environment: Mapping[str, str], *arguments: str, before: Callable[[], object] = lambda: None
) -> tuple[int, str]:
    """Presses Ctrl-C when a line holds these words; the exit code, and what was printed after that line."""
    with running_until(words, environment, *arguments) as (process, _):
        assert process.stdout is not None
        before()
        os.killpg(process.pid, signal.SIGINT)
        return process.wait(), process.stdout.read()


def test_the_tour_stops_the_store_that_it_has_started(tmp_path: Path) -> None:
    with reserved_ports() as ports:
        place = {**port_settings(ports), "STEAMPUNK_STATE": str(tmp_path)}
        code, said = interrupt_at("Starting the subgraphs", place, "subgraphs", "tour")

    assert code == 130
    assert said.strip() == "Stopped."
    check_ports({str(port): port for port in ports})


def test_a_measurement_ends(running: OwnStore) -> None:
    code, said = interrupt_at(
        "Warming up", running.command_settings(), "perf", "flash_sale", "--users", "2000", "--no-audit"
    )
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


def users_of(folder: Path) -> list[Path]:
    """The running processes whose store is in this folder, by their folders in /proc."""
    environments = {path: _read(path / "environ") for path in Path("/proc").glob("[0-9]*")}
    return [path for path, text in environments.items() if f"STEAMPUNK_STATE={folder}".encode() in text]


def users_become(expected: list[Path], folder: Path) -> bool:
    """Waits until these processes are the users of the folder. Helpers of a launcher end a moment after it."""
    until = time.monotonic() + SECONDS
    while users_of(folder) != expected and time.monotonic() < until:
        time.sleep(0.1)
    return users_of(folder) == expected


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or belongs to somebody else
        return b""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_store_ends_when_its_launcher_is_killed_and_the_next_one_ends_what_could_not(tmp_path: Path) -> None:
    with reserved_ports() as ports:
        place = {**port_settings(ports), "STEAMPUNK_STATE": str(tmp_path)}
        with running_until("Ready after", place, "subgraphs", "up") as (launcher, _):
            assert len(users_of(tmp_path)) > len(SUBGRAPHS)
            [router] = [pid for pid in users_of(tmp_path) if "router.yaml" in _read(pid / "cmdline").decode()]
            os.kill(int(router.name), signal.SIGSTOP)
            launcher.kill()
        assert users_become([router], tmp_path)

        with running_until("processes: 1", place, "subgraphs", "up") as (launcher, _):
            assert router not in users_of(tmp_path)
            check_ports({str(port): port for port in ports[:4]})
            os.killpg(launcher.pid, signal.SIGINT)
    assert users_become([], tmp_path)
    check_ports({str(port): port for port in ports})


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_parallel_test_run_stops_its_stores(tmp_path: Path) -> None:
    tests = ("tests/kit/test_paging.py",)
    options = "-n1", "-v", "-p", "no:cacheprovider", f"--basetemp={tmp_path}/run"
    running: list[Path] = []
    code, said = interrupt_at(
        "PASSED", {}, "pytest", *options, *tests, before=lambda: running.extend(users_of(tmp_path))
    )

    assert running
    assert code == 130
    assert [line.strip("! ") for line in said.splitlines() if "!!" in line] == ["_pytest.outcomes.Exit: Stopped."]
    assert "KeyboardInterrupt" not in said
    assert users_become([], tmp_path)
