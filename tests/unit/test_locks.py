"""Lock files fix every package by its hash, and leave to whoever installs them which registry to ask."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "requirements").glob("*.txt"))
NODE = sorted(ROOT.glob("*/*/package-lock.json"))


@pytest.mark.parametrize("lock", PYTHON, ids=lambda path: path.stem)
def test_a_python_lock_has_versions_and_hashes_and_no_address(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if not line.lstrip().startswith("#")]
    requirements = re.split(r"\n(?=\S)", "\n".join(lines))
    assert len(requirements) > 0
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+", requirement)
        assert "--hash=sha256:" in requirement
        assert "://" not in requirement


@pytest.mark.parametrize("lock", NODE, ids=lambda path: path.parent.name)
def test_a_node_lock_has_hashes_and_no_address(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    del packages[""]
    assert packages
    assert [name for name, package in packages.items() if "integrity" not in package or "resolved" in package] == []
