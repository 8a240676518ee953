"""`python -m subgraphs.store.reference`: writes docs/reference/ from the code.

`--check` writes nothing, and fails if a page differs from the code.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from subgraphs.store.reference import api, errors, events, limits, metrics, settings

FOLDER = Path(__file__).parents[3] / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "api.md": api.page,
    "errors.md": errors.page,
    "events.md": events.page,
    "limits.md": limits.page,
    "metrics.md": metrics.page,
    "settings.md": settings.page,
}


def main(folder: Path = FOLDER) -> int:
    """The exit code: 1 if a page is outdated and should only be checked."""
    outdated = []
    for name, page in PAGES.items():
        path, text = folder / name, page()
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            outdated.append(name)
    for name in outdated:
        print(f"docs/reference/{name} is not up to date: run `nox -s reference` and commit what it writes.")
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main())
