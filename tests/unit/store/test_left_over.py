"""What an earlier launcher has left behind is ended, and nobody else's process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from subgraphs.store.left_over import RECORD, end_left_over, record
from subgraphs.store.processes import LaunchFailed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "print('here', flush=True); import time; time.sleep(3600)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def change(state: Path, **values: object) -> None:
    known = json.loads((state / RECORD).read_text())
    (state / RECORD).write_text(json.dumps(known | values))


def test_what_a_launcher_that_has_ended_has_started_is_ended(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    record(tmp_path, [other.pid])
    change(tmp_path, launcher=[os.getpid(), "another process had this id"])
    assert end_left_over(tmp_path) == 1
    assert other.wait(30) != 0
    assert end_left_over(tmp_path) == 0


def test_another_process_with_the_same_id_is_left_alone(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    record(tmp_path, [other.pid])
    change(tmp_path, processes=[[other.pid, "another start"]])
    assert end_left_over(tmp_path) == 0
    assert other.poll() is None


def test_a_store_whose_launcher_runs_is_left_alone(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    record(tmp_path, [other.pid])
    [known] = json.loads((tmp_path / RECORD).read_text())["processes"]
    change(tmp_path, launcher=known)
    with pytest.raises(LaunchFailed, match=f"is running already, by process {other.pid}"):
        end_left_over(tmp_path)
    assert other.poll() is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"launcher": 1}'])
def test_a_record_that_cannot_be_read_ends_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    assert end_left_over(tmp_path) == 0
