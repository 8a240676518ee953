"""CHANGELOG.md, in the form of keepachangelog.com: the newest first, and *Unreleased* before all releases."""

import re
from datetime import date

UNRELEASED = "## [Unreleased]"


class ChangelogError(Exception):
    """The changelog does not have the form that it should have."""


def unreleased(changelog: str) -> str:
    """What stands under *Unreleased*. Raises ChangelogError without that heading."""
    _, heading, rest = changelog.partition(f"\n{UNRELEASED}\n")
    if not heading:
        raise ChangelogError(f"CHANGELOG.md has no heading {UNRELEASED!r}.")
    return re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0].strip()


def entries(section: str, heading: str) -> list[str]:
    """The entries under a heading of a section: each on one line, without backticks."""
    for part in re.split(r"^### ", section, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        if title.strip() == heading:
            items = re.split(r"^- ", body, flags=re.MULTILINE)[1:]
            return [" ".join(item.replace("`", "").split()) for item in items]
    return []


def with_release(changelog: str, version: str, day: date) -> str:
    """The changelog with what was unreleased under a release's heading. Raises ChangelogError if nothing was."""
    if not unreleased(changelog):
        raise ChangelogError(f"CHANGELOG.md says nothing under {UNRELEASED!r}.")
    return changelog.replace(f"\n{UNRELEASED}\n", f"\n{UNRELEASED}\n\n## [{version}] - {day.isoformat()}\n", 1)
