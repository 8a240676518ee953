"""A small project: a released schema, a changelog and a version."""

from pathlib import Path

import pytest

SCHEMA = '''
"""What can be asked."""
type Query {
  game(id: ID!): Game
}

type Game {
  id: ID!
  title: String!
  points: Int
}
'''

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Games have points.

## [0.1.0] - 2026-01-31

### Breaking

- Field Game.title was removed.
"""


class Project:
    """A project in a folder: release 0.1.0 is out, and the next one is under way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "schema" / "released").mkdir(parents=True)
        for file in ("api.graphql", "released/0.1.0.graphql"):
            (root / "schema" / file).write_text(SCHEMA)
        (root / "CHANGELOG.md").write_text(CHANGELOG)
        (root / "pyproject.toml").write_text('[project]\nname = "small"\nversion = "0.1.0"\n')

    def read(self, file: str) -> str:
        return (self.root / file).read_text()

    def change(self, file: str, old: str, new: str) -> None:
        text = self.read(file)
        assert old in text
        (self.root / file).write_text(text.replace(old, new, 1))

    def files(self) -> dict[str, str]:
        """The text of every file, by its path."""
        paths = [path for path in self.root.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.root)): path.read_text() for path in paths}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
