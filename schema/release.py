"""`python -m schema.release 0.2.0`: keeps the clients' schema of a release, and gives the changelog its heading.

It also writes the version into pyproject.toml. The check must pass first; a failure changes nothing.
"""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from schema.__main__ import report
from schema.changelog import ChangelogError, with_release
from schema.check import ROOT, check
from schema.composition import generate
from schema.versions import Version, VersionError, last_release, released


def main() -> int:
    if len(sys.argv) != 2:
        return report(["Name the version: nox -s release -- 1.2.3"])
    problems = check(generate(), ROOT)
    if problems:
        return report(problems)
    try:
        release(Version.parse(sys.argv[1]), ROOT, datetime.now(UTC).date())
    except (ChangelogError, VersionError) as error:
        return report([str(error)])
    print(f"Commit this as {sys.argv[1]}, and tag the commit {sys.argv[1]} once it is merged.")
    return 0


def release(version: Version, root: Path, day: date) -> None:
    """Writes the files of a release. Raises VersionError or ChangelogError, and then writes nothing."""
    last = last_release(root)
    if version <= last:
        raise VersionError(f"{version} is not newer than the last release, {last}.")
    changelog, project = root / "CHANGELOG.md", root / "pyproject.toml"
    texts = {
        released(root, version): (root / "schema" / "api.graphql").read_text(),
        changelog: with_release(changelog.read_text(), str(version), day),
        project: re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', project.read_text(), count=1),
    }
    for path, text in texts.items():
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
