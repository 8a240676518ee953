"""Builds the playground's page with Vite. The result is kept in the cache, by the digest of its sources."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from router import npm
from router.cache import cache_folder
from router.environments import InstallFailed
from router.process import ROUTER, Log

PAGE = ROUTER / "page"
PACKAGES = PAGE / "node_modules"


class PageFailed(Exception):
    """The page could not be built, or its sources are wrong. The message says why."""


def page_folder() -> Path:
    """Where the page of these sources is, once it is built."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(PAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return cache_folder() / "page" / digest.hexdigest()[:16]


def build(log: Log) -> Path:
    """Returns the folder of the built page. Builds it if needed. Raises PageFailed."""
    target = page_folder()
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PageFailed(f"The cache cannot be written: {error}") from error
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        work = Path(folder, "page")
        _vite(work, log)
        try:
            work.rename(target)
        except OSError:
            if not target.exists():  # otherwise another process has built the same
                raise
    return target


def check(log: Log) -> None:
    """Checks the types and the style of the page's sources. Raises PageFailed if they are wrong."""
    _run(log, "typescript/bin/tsc", "--project", str(PAGE))
    _run(log, "prettier/bin/prettier.cjs", "--check", str(PAGE))


def _vite(output: Path, log: Log) -> None:
    log("Building the playground's page ...")
    _run(log, "vite/bin/vite.js", "build", str(PAGE), "--outDir", str(output), "--logLevel", "error")


def _run(log: Log, program: str, *arguments: str) -> None:
    """Runs a program of an npm package. Raises PageFailed if it cannot be installed, or fails."""
    try:
        node = npm.install(PAGE, log)
    except InstallFailed as error:
        raise PageFailed(str(error)) from error
    if subprocess.run([node, PACKAGES / program, *arguments], cwd=PAGE, stdout=sys.stderr).returncode:
        raise PageFailed(f"{program} failed; see its output above.")


def _sources() -> list[Path]:
    found = []
    for folder, folders, files in os.walk(PAGE):
        folders[:] = [name for name in folders if name != PACKAGES.name]
        found += [Path(folder, name) for name in files]
    return found
