"""The checks of schema/: it is what the code says, it keeps what the last release promised its clients, and its
deprecations say what clients need.
"""

import difflib
from pathlib import Path

from graphql import BreakingChange, build_schema
from graphql.utilities import find_schema_changes

from schema.changelog import entries, unreleased
from schema.deprecations import vague
from schema.versions import last_release, released

ROOT = Path(__file__).parent.parent


def check(generated: dict[str, str], root: Path) -> list[str]:
    """What is wrong with the project in `root`, as lines to print; empty if nothing is."""
    api = generated["api.graphql"]
    return outdated(generated, root) + broken(api, root) + vague(api)


def outdated(generated: dict[str, str], root: Path) -> list[str]:
    """How the committed files differ from the generated ones, and what to do about it."""
    lines: list[str] = []
    for file, text in generated.items():
        path = root / "schema" / file
        committed = path.read_text() if path.exists() else ""
        names = (f"schema/{file}", "the code")
        lines += difflib.unified_diff(committed.splitlines(), text.splitlines(), *names, lineterm="")
    if lines:
        lines.append("schema/ is not up to date: run `nox -s schema` and commit what it writes.")
    return lines


def broken(api: str, root: Path) -> list[str]:
    """The breaking changes since the last release that the changelog does not name, and what to do about them."""
    version = last_release(root)
    named = entries(unreleased((root / "CHANGELOG.md").read_text()), "Breaking")
    changes = breaking_changes(released(root, version).read_text(), api)
    unnamed = [change for change in changes if not any(entry.startswith(change) for entry in named)]
    if not unnamed:
        return []
    return [
        f"schema/api.graphql breaks the clients of {version}:",
        *[f"  {change}" for change in unnamed],
        "Keep what they use (deprecate it, add the new beside it). If it must break, add an entry for each line",
        "to CHANGELOG.md, under *Unreleased* and *Breaking*, that begins with the line.",
    ]


def breaking_changes(old: str, new: str) -> list[str]:
    """What can break a client of the schema `old` when it is served `new`: a sentence for each change."""
    changes = find_schema_changes(build_schema(old), build_schema(new))
    return [change.description for change in changes if isinstance(change, BreakingChange)]
