"""The guides that change the code work as they are written, one after the other, in a copy of the project."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from schema.composition import install_composer
from tests.docs.not_run import NOT_RUN
from tests.docs.pages import GUIDES_OF_CHANGES, ROOT, Command, NewFile, Operation, Patch, Step, steps
from tests.docs.reader import Differs, Reader, bare, compare
from tests.docs.store import START, reader_store, run_in
from tests.operator.commands import clean

INSTALLED = ".nox", "router/gateway/node_modules", "router/page/node_modules", "schema/composer/node_modules"


@dataclass(frozen=True)
class Copy:
    """A copy of the project, where a guide's changes are made."""

    folder: Path

    def take(self, steps: Sequence[Step]) -> None:
        """Takes the steps of a guide up to the start of the store. Raises Differs at the first failure."""
        for step in steps:
            match step:
                case NewFile():
                    if (self.folder / step.path).exists():
                        raise Differs(f"line {step.line}: {step.path} exists")
                    (self.folder / step.path).write_text(step.text)
                case Patch():
                    self._apply(step)
                case Command() if bare(step.text) not in NOT_RUN:
                    compare(step, run_in(self.folder, step.text, clean({})), step.expected)
                case Operation():
                    raise Differs(f"line {step.line}: the store does not run yet")

    def _apply(self, patch: Patch) -> None:
        command = ["git", "apply"]
        applied = subprocess.run(command, cwd=self.folder, input=patch.text, capture_output=True, text=True)
        if applied.returncode:
            raise Differs(f"line {patch.line}: {applied.stderr}{patch.text}")


def copied(folder: Path) -> Copy:
    """A copy of the project's files; what is installed beside them is shared."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for name in INSTALLED:
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return Copy(folder)


def before_and_after_the_start(page: str) -> tuple[list[Step], list[Step]]:
    """The steps before and after the command that starts the store."""
    all_steps = list(steps(page))
    [start] = [i for i, step in enumerate(all_steps) if isinstance(step, Command) and step.text == START]
    return all_steps[:start], all_steps[start + 1 :]


def test_the_guides_add_what_they_say(engine: str, tmp_path: Path) -> None:
    if engine != "embedded":
        pytest.skip("the guides start the embedded engines")
    install_composer()
    copy = copied(tmp_path / "steam-punk")
    tries = []
    for guide in GUIDES_OF_CHANGES:
        changes, trying = before_and_after_the_start(guide.read_text())
        copy.take(changes)
        tries.append(trying)
    with reader_store(tmp_path / "state", copy.folder) as store:
        for trying in tries:
            assert Reader(store, NOT_RUN).take(trying)


@pytest.mark.parametrize(
    "block",
    [
        "diff\n--- a/old.py\n+++ b/old.py\n@@ -1,2 +1,3 @@\n one\n+half\n other",
        'python title="old.py"\nnew',
        "console\n$ cat old.py\ntwo",
        "graphql\n{ genres { name } }",
    ],
    ids=["other lines", "an existing file", "another output", "an operation before the start"],
)
def test_a_guide_that_does_not_fit_the_code_fails(tmp_path: Path, block: str) -> None:
    (tmp_path / "old.py").write_text("one\ntwo\n")
    with pytest.raises(Differs):
        Copy(tmp_path).take(list(steps(f"```{block}\n```")))
