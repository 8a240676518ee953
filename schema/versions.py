"""Versions, and schema/released/: the clients' schema of each release, which nothing changes afterwards."""

import re
from pathlib import Path
from typing import NamedTuple


class VersionError(Exception):
    """No version of the form 1.2.3, or not one that can be released."""


class Version(NamedTuple):
    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Raises VersionError unless the text has the form 1.2.3."""
        if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text, flags=re.ASCII):
            raise VersionError(f"{text!r} is no version: it has the form 1.2.3.")
        return cls(*map(int, text.split(".")))

    def __str__(self) -> str:
        return ".".join(map(str, self))


def released(root: Path, version: Version) -> Path:
    """The file of a release's schema as its clients see it."""
    return root / "schema" / "released" / f"{version}.graphql"


def last_release(root: Path) -> Version:
    """The newest version under schema/released/."""
    return max(Version.parse(path.stem) for path in (root / "schema" / "released").glob("*.graphql"))
