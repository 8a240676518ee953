"""Where what was built or downloaded is kept for all copies of the project."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """The project's folder below `XDG_CACHE_HOME` or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "steampunk"
