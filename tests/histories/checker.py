"""Runs the checker in `checker/`: a Go program that asks porcupine whether histories are linearizable."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import pytest

SOURCES = Path(__file__).parent / "checker"
PICTURES = Path(__file__).parents[2] / ".histories"
"""Where histories that are not linearizable are kept, with pictures of them."""
OLDEST = (1, 22)
"""The oldest Go that builds the checker."""
BUILD_SECONDS = 600
CHECK_SECONDS = 600


class Input(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked of an object; the models in `checker/` say what each operation has."""

    op: str
    id: str = ""
    user: str = ""
    amount: int = 0


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    result: str
    id: str = ""
    amount: int = 0


class Event(msgspec.Struct, frozen=True, rename={"end": "return", "asked": "in", "answer": "out"}):
    """What one operation was for one object of one model. Times are in nanoseconds."""

    model: str
    key: str
    """The object: a user, a product, a sale, an order, a session."""
    call: int
    end: int | None
    """None for an operation that may take effect at any time after its call."""
    asked: Input
    answer: Answer | None = None
    """None if it is not known."""


class Verdict(msgspec.Struct, frozen=True):
    model: str
    key: str
    operations: int
    result: str
    """Ok, Illegal, or Unknown where the time was not enough."""
    picture: str = ""


def go() -> str:
    """The Go that builds the checker. Skips the test where there is none."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        pytest.skip("Go is not installed: histories are recorded, but not checked")
    version = _go(found, "env", "GOVERSION").stdout.strip()
    numbers = re.match(r"go(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST:
        pytest.skip(f"Go {OLDEST[0]}.{OLDEST[1]} or later checks histories; this is {version}")
    return found


def checker() -> Path:
    """The checker's binary, which is built where it is older than its sources."""
    binary = Path(__file__).parents[2] / ".nox" / "histories" / "checker"
    newest = max(file.stat().st_mtime for file in SOURCES.iterdir())
    compiler = go()
    if not binary.exists() or binary.stat().st_mtime < newest:
        binary.parent.mkdir(parents=True, exist_ok=True)
        fetched = _go(compiler, "mod", "download")
        if fetched.returncode:
            pytest.skip(f"porcupine cannot be downloaded: {fetched.stderr.strip()[-300:]}")
        fresh = binary.with_suffix(f".{os.getpid()}")
        built = _go(compiler, "build", "-mod=readonly", "-buildvcs=false", "-o", str(fresh), ".")
        assert built.returncode == 0, built.stderr
        fresh.rename(binary)
    return binary


def _go(compiler: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([compiler, *arguments], cwd=SOURCES, capture_output=True, text=True, timeout=BUILD_SECONDS)


def check(events: Iterable[Event], folder: Path) -> list[Verdict]:
    """The verdict on each object. Where one is not Ok, the history is kept in the folder, with pictures."""
    lines = b"\n".join(msgspec.json.encode(event) for event in events)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [str(checker()), f"-pictures={folder}"]
    answer = subprocess.run(command, input=lines, capture_output=True, timeout=CHECK_SECONDS)
    assert answer.returncode == 0, answer.stderr.decode()
    verdicts = [msgspec.json.decode(line, type=Verdict) for line in answer.stdout.splitlines()]
    if refused(verdicts):
        (folder / "history.jsonl").write_bytes(lines)
    else:
        folder.rmdir()
    return verdicts


def refused(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.result != "Ok"]
