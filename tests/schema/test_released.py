"""No release's schema is ever edited: git's history has one commit for each file under schema/released/."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from schema.check import ROOT

RELEASED = "schema/released"


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True, text=True
    ).stdout


def edited(root: Path) -> set[str]:
    """Files of releases that more than one commit has touched, or that differ from their commit."""
    # -c names the files that a merge itself has changed.
    history = git(root, "log", "--full-history", "-c", "--no-renames", "--format=", "--name-only", "--", RELEASED)
    touched = Counter(history.split())
    changed = git(root, "diff", "HEAD", "--no-renames", "--diff-filter=a", "--name-only", "--", RELEASED)
    return {file for file, commits in touched.items() if commits > 1} | set(changed.split())


def test_no_releases_schema_was_edited() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git repository, so there is no history to ask")
    if git(ROOT, "rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("a shallow clone has no history to ask")
    assert edited(ROOT) == set()


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A repository with two releases, the second from a branch that was merged."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / RELEASED).mkdir(parents=True)
    commit(tmp_path, "0.1.0", "type Query { a: Int }")
    git(tmp_path, "checkout", "-q", "-b", "next")
    commit(tmp_path, "0.2.0", "type Query { a: Int b: Int }")
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "Something else")
    git(tmp_path, "merge", "-q", "--no-edit", "next")
    return tmp_path


def commit(root: Path, version: str, schema: str) -> None:
    (root / RELEASED / f"{version}.graphql").write_text(schema)
    git(root, "add", RELEASED)
    git(root, "commit", "-q", "-m", version)


def test_files_that_were_only_added_are_not_edited(history: Path) -> None:
    assert edited(history) == set()
    (history / RELEASED / "0.3.0.graphql").write_text("type Query { a: Int }")
    assert edited(history) == set(), "a release under way"


def test_a_committed_edit_is_found_even_if_it_was_undone(history: Path) -> None:
    commit(history, "0.1.0", "type Query { c: Int }")
    commit(history, "0.1.0", "type Query { a: Int }")
    assert edited(history) == {f"{RELEASED}/0.1.0.graphql"}


def test_an_edit_that_is_not_committed_is_found(history: Path) -> None:
    (history / RELEASED / "0.1.0.graphql").write_text("type Query { c: Int }")
    assert edited(history) == {f"{RELEASED}/0.1.0.graphql"}


def test_a_removed_file_is_found(history: Path) -> None:
    (history / RELEASED / "0.1.0.graphql").unlink()
    assert edited(history) == {f"{RELEASED}/0.1.0.graphql"}
    git(history, "commit", "-q", "-a", "-m", "Remove it")
    assert edited(history) == {f"{RELEASED}/0.1.0.graphql"}


def test_an_edit_inside_a_merge_is_found(history: Path) -> None:
    git(history, "checkout", "-q", "-b", "side", "HEAD~1")
    git(history, "commit", "-q", "--allow-empty", "-m", "Beside")
    git(history, "checkout", "-q", "main")
    git(history, "merge", "-q", "--no-commit", "--no-ff", "side")
    commit(history, "0.2.0", "type Query { c: Int }")
    assert edited(history) == {f"{RELEASED}/0.2.0.graphql"}
