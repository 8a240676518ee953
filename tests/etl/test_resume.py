"""A killed load is resumed: real processes, real `kill -9`."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL

from etl import runs, sample
from etl.catalogue import parameters_of, product_database
from etl.database.connect import connect
from etl.load import load
from tests.etl.files import catalogue, run

# So many that no load ends before its last kill, even on a fast machine.
GAMES, CHUNKS = 6000, 41
# And before its first.
SOME, SOME_CHUNKS = 3000, 21
KILLS = 3
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of `CHUNKS` chunks of one MiB."""
    file = tmp_path_factory.mktemp("resume") / "games.json"
    sample.write(file, GAMES, 11)
    return file


@pytest.fixture(scope="module")
def some_games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of `SOME_CHUNKS`."""
    file = tmp_path_factory.mktemp("resume") / "games.json"
    sample.write(file, SOME, 11)
    return file


def start(file: Path, base_url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "etl", "load", str(file), "--database-url", base_url]
    command += ["--chunk-size", "1", "--workers", "2", "--rejects", str(file.parent / "rejects.jsonl")]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # A test run in the background may ignore SIGINT, which children inherit.
    return subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **pipes)


COUNT = "SELECT COUNT(*) FROM etl_run_chunks"


def chunks_done(url: URL) -> int:
    return int(run(url, COUNT)[0][0])


def wait_for_chunks(url: URL, count: int, process: subprocess.Popen[str]) -> None:
    connection = connect(parameters_of(url))
    while connection.execute(COUNT)[0][0] < count and process.poll() is None:
        time.sleep(0.005)
    connection.close()


def children(pid: int) -> list[int]:
    """The worker processes of a load, without its other child, Python's resource tracker."""
    found = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "spawn_main" in line]


def alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip() not in ("", "Z")


def assert_whole_games(url: URL) -> None:
    """Every game is complete: its search text, its links, its digest."""
    ids = set(run(url, "SELECT id FROM products"))
    assert set(run(url, "SELECT product_id FROM product_words")) == ids
    assert set(run(url, "SELECT product_id FROM product_companies WHERE kind = 'D'")) == ids
    assert set(run(url, "SELECT product_id FROM etl_games")) == ids


def test_a_load_killed_again_and_again_ends_like_an_undisturbed_one(games: Path, base_url: str, url: URL) -> None:
    other = product_database(f"{base_url}_other")
    load(games, other, chunk_size=MEBIBYTE)
    prepare(url)
    rng, stops = random.Random(time.time_ns()), []
    for kill in range(KILLS):
        process = start(games, base_url)
        wait_for_chunks(url, chunks_done(url) + 1 + kill, process)
        time.sleep(rng.random() * 0.1)
        process.kill()
        process.communicate()
        stops.append(chunks_done(url))
        assert_whole_games(url)
    assert stops == sorted(stops)
    assert 0 < stops[0] < CHUNKS
    process = start(games, base_url)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert catalogue(url) == catalogue(other)
    _assert_each_chunk_once(url, output)


def prepare(url: URL) -> None:
    connection = connect(parameters_of(url))
    runs.create_tables(connection)
    connection.close()


def _assert_each_chunk_once(url: URL, output: str) -> None:
    """The run's record is that of an undisturbed run."""
    connection = connect(parameters_of(url))
    [done] = runs.all_runs(connection)
    connection.close()
    assert done.finished_at
    assert len(done.done) == done.chunks == CHUNKS
    assert (done.result.added, done.result.changed) == (GAMES, 0)
    assert re.search(rf"Resuming run 1: \d+ of {CHUNKS} chunks are done", output)
    assert f"{GAMES:,}" in output


def test_workers_do_not_outlive_their_parent(some_games: Path, base_url: str, url: URL) -> None:
    prepare(url)
    process = start(some_games, base_url)
    wait_for_chunks(url, 1, process)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    assert workers
    for _ in range(500):
        if not any(alive(worker) for worker in workers):
            return
        time.sleep(0.01)
    raise AssertionError("a worker outlived its parent")


def test_a_killed_worker_is_a_clear_error(some_games: Path, base_url: str, url: URL) -> None:
    prepare(url)
    process = start(some_games, base_url)
    wait_for_chunks(url, 1, process)
    os.kill(children(process.pid)[0], signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "A worker process was killed" in errors
    assert_whole_games(url)
    load(some_games, url)
    assert run(url, "SELECT COUNT(*) FROM products") == [(SOME,)]


def test_an_interrupted_load_is_resumed(some_games: Path, base_url: str, url: URL) -> None:
    prepare(url)
    process = start(some_games, base_url)
    wait_for_chunks(url, 1, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "to resume" in errors
    assert 0 < chunks_done(url) < SOME_CHUNKS
    assert load(some_games, url).resumed_chunks > 0


def test_after_another_file_the_load_starts_again(some_games: Path, base_url: str, url: URL, tmp_path: Path) -> None:
    """Else some chunks would keep the other file's games, and others not."""
    prepare(url)
    process = start(some_games, base_url)
    wait_for_chunks(url, 1, process)
    process.kill()
    process.communicate()
    other = tmp_path / "other.json"
    sample.write(other, 10, 5)
    load(other, url)
    summary = load(some_games, url)
    assert summary.resumed_chunks == 0
    assert summary.result.added + summary.result.changed + summary.result.unchanged == SOME
