"""Finds, downloads or builds the Apollo Router binary.

The search order is `APOLLO_ROUTER_BIN`, PATH, the cache. Otherwise the official release is downloaded or, failing
that, the router is built with cargo. Either result is kept in the cache.
"""

import os
import shutil
import subprocess
from pathlib import Path

from router.build import BuildFailed, build
from router.cache import cache_folder
from router.download import DownloadFailed, download
from router.process import GatewayMissing, Log

VERSION = "2.17.0"


class RouterMissing(GatewayMissing):
    """No usable router was found or installed. The message lists every remedy."""


def cache_path() -> Path:
    """The path of the cached binary."""
    return cache_folder() / "router" / VERSION / "router"


def obtain(log: Log) -> Path:
    """Returns the path of a working router: found, downloaded or built. Progress goes to `log`, line by line.

    Raises RouterMissing.
    """
    reasons: list[str] = []
    router = locate(log) or _try_download(log, reasons) or _try_build(log, reasons)
    if router is None:
        raise RouterMissing(_help(reasons))
    return router


def locate_or_download(log: Log) -> Path | None:
    """Like `obtain`, but returns None instead of building the router. Raises RouterMissing as `locate` does."""
    return locate(log) or _try_download(log, [])


def locate(log: Log) -> Path | None:
    """Returns an installed router, or None. Raises RouterMissing if APOLLO_ROUTER_BIN does not run."""
    return _from_setting(log) or _on_path(log) or _in_cache(log)


def version(binary: Path) -> str | None:
    """The version that `--version` prints, or None if the file does not run."""
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    words = answer.stdout.split()
    return words[-1].removeprefix("v") if words else None


def _from_setting(log: Log) -> Path | None:
    name = os.environ.get("APOLLO_ROUTER_BIN")
    if not name:
        return None
    found = version(Path(name))
    if found is None:
        raise RouterMissing(f"APOLLO_ROUTER_BIN is {name}, which does not run with --version.")
    if found != VERSION:
        log(f"APOLLO_ROUTER_BIN is version {found}; this store is tested with {VERSION}.")
    return Path(name)


def _on_path(log: Log) -> Path | None:
    name = shutil.which("router")
    if name is None:
        return None
    found = version(Path(name))
    if found == VERSION:
        return Path(name)
    log(f"Ignoring {name}: it is not Apollo Router {VERSION} (it reports {found or 'no version'}).")
    return None


def _in_cache(log: Log) -> Path | None:
    path = cache_path()
    if not path.exists():
        return None
    if version(path) == VERSION:
        return path
    log(f"{path} does not run on this machine and will be replaced.")
    return None


def _try_download(log: Log, reasons: list[str]) -> Path | None:
    log(f"Apollo Router {VERSION} is not installed: downloading the official release.")
    try:
        download(VERSION, cache_path(), log)
    except DownloadFailed as error:
        log(f"The download failed: {error}")
        reasons.append(f"the download failed: {error}")
        return None
    return _verified(reasons)


def _try_build(log: Log, reasons: list[str]) -> Path | None:
    try:
        build(VERSION, cache_path(), log)
    except BuildFailed as error:
        reasons.append(str(error))
        return None
    return _verified(reasons)


def _verified(reasons: list[str]) -> Path | None:
    """The binary just installed, if it runs."""
    if version(cache_path()) == VERSION:
        return cache_path()
    cache_path().unlink()
    reasons.append("the installed binary does not run on this machine")
    return None


def _help(reasons: list[str]) -> str:
    return "\n".join(
        [
            f"Apollo Router {VERSION} is needed but could not be installed:",
            *(f"  - {reason}" for reason in reasons),
            "Do one of these, then start again:",
            f"  - put the binary at {cache_path()}",
            "  - set APOLLO_ROUTER_BIN to the path of a router binary",
            "  - give this machine access to github.com, or set APOLLO_ROUTER_DOWNLOAD_URL to a mirror",
            "  - install cargo (Rust) and a C compiler, to build it",
        ]
    )
