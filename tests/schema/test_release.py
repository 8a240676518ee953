"""A release keeps the clients' schema, gives the changelog its heading, and sets the version."""

from datetime import date

import pytest

from schema.changelog import ChangelogError
from schema.release import release
from schema.versions import Version, VersionError
from tests.schema.conftest import SCHEMA, Project

DAY = date(2026, 12, 1)


def test_a_release_writes_its_schema_heading_and_version(project: Project) -> None:
    grown = SCHEMA.replace("  points: Int\n", "  points: Int\n  price: Int\n")
    (project.root / "schema" / "api.graphql").write_text(grown)
    release(Version(0, 2, 0), project.root, DAY)
    assert project.read("schema/released/0.2.0.graphql") == grown
    assert project.read("schema/released/0.1.0.graphql") == SCHEMA
    assert 'version = "0.2.0"' in project.read("pyproject.toml")
    assert "## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- Games" in project.read("CHANGELOG.md")


@pytest.mark.parametrize("version", [Version(0, 1, 0), Version(0, 0, 9)])
def test_a_version_that_is_not_newer_changes_nothing(project: Project, version: Version) -> None:
    before = project.files()
    with pytest.raises(VersionError):
        release(version, project.root, DAY)
    assert project.files() == before


def test_a_release_without_changes_changes_nothing(project: Project) -> None:
    release(Version(0, 2, 0), project.root, DAY)
    before = project.files()
    with pytest.raises(ChangelogError):
        release(Version(0, 3, 0), project.root, DAY)
    assert project.files() == before


def test_a_changelog_without_an_unreleased_part_changes_nothing(project: Project) -> None:
    project.change("CHANGELOG.md", "## [Unreleased]", "## Next")
    before = project.files()
    with pytest.raises(ChangelogError):
        release(Version(0, 2, 0), project.root, DAY)
    assert project.files() == before


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "01.2.3", "1.2.3-rc1", "../1.2.3", "1.2.3\n"]
)
def test_only_three_numbers_are_a_version(text: str) -> None:
    with pytest.raises(VersionError):
        Version.parse(text)


def test_a_version_reads_as_it_is_written() -> None:
    assert str(Version.parse("10.0.21")) == "10.0.21"
