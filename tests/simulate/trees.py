"""Searches as commands, also in copies of the code in which something is wrong again."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONCE_WRONG = Path(__file__).parent / "once_wrong"
# A search takes its processor time for itself: hundreds of processes that are measured would be another search.
UNMEASURED = re.compile("COVERAGE_")


@dataclass(frozen=True)
class Searched:
    """How a search ended."""

    found: bool
    said: str


def search(*options: str, tree: Path = ROOT) -> Searched:
    """Runs `python -m tests.simulate` in a tree."""
    environment = {name: value for name, value in os.environ.items() if not UNMEASURED.match(name)}
    command = [sys.executable, "-m", "tests.simulate", *options]
    ended = subprocess.run(
        command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout
    return Searched(ended.returncode == 1, ended.stdout)


def tree_with(patch: Path, folder: Path) -> Path:
    """A copy of the code with a patch applied. Raises CalledProcessError if the patch does not fit any more."""
    for part in ("subgraphs", "tests/simulate"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    outside = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    subprocess.run(["git", "apply", str(patch)], cwd=folder, env=outside, check=True)
    return folder
