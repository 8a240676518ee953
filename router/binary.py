"""Finds the Apollo Router binary, or gets it.

Looked for in this order: `APOLLO_ROUTER_BIN`, PATH, the cache; then downloaded from the official release,
then built with cargo. What was downloaded or built goes into the cache and is found at once the next time.
"""

import os
import shutil
import subprocess
from pathlib import Path

from router.build import BuildFailed, build
from router.download import DownloadFailed, download
from router.process import GatewayMissing, Say

VERSION = "2.17.0"


class RouterMissing(GatewayMissing):
    """No usable router, and none can be had; the message names every way out."""


def cached() -> Path:
    """Where the binary is kept: below `XDG_CACHE_HOME`, or below ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "steampunk" / "router" / VERSION / "router"


def obtain(say: Say) -> Path:
    """The path of a router that runs; `say` is told, line by line, what is being done.

    Raises RouterMissing when there is none and neither the download nor the build succeeds.
    """
    reasons: list[str] = []
    router = locate(say) or _downloaded(say, reasons) or _built(say, reasons)
    if router is None:
        raise RouterMissing(_ways_out(reasons))
    return router


def at_once(say: Say) -> Path | None:
    """The router that is here or can be downloaded; None where it has to be built. Raises RouterMissing as `locate`."""
    return locate(say) or _downloaded(say, [])


def locate(say: Say) -> Path | None:
    """The router that is already here, or None. Raises RouterMissing when APOLLO_ROUTER_BIN names none."""
    return _named(say) or _on_path(say) or _in_cache(say)


def version(binary: Path) -> str | None:
    """What `--version` answers; None when the file cannot be run."""
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    words = answer.stdout.split()
    return words[-1].removeprefix("v") if words else None


def _named(say: Say) -> Path | None:
    name = os.environ.get("APOLLO_ROUTER_BIN")
    if not name:
        return None
    found = version(Path(name))
    if found is None:
        raise RouterMissing(f"APOLLO_ROUTER_BIN is {name}, which is not a program that answers --version.")
    if found != VERSION:
        say(f"APOLLO_ROUTER_BIN is version {found}; this store is tried with {VERSION}.")
    return Path(name)


def _on_path(say: Say) -> Path | None:
    name = shutil.which("router")
    if name is None:
        return None
    found = version(Path(name))
    if found == VERSION:
        return Path(name)
    say(f"{name} is not Apollo Router {VERSION} (it says {found or 'nothing'}); passed over.")
    return None


def _in_cache(say: Say) -> Path | None:
    path = cached()
    if not path.exists():
        return None
    if version(path) == VERSION:
        return path
    say(f"{path} does not run here; it will be replaced.")
    return None


def _downloaded(say: Say, reasons: list[str]) -> Path | None:
    say(f"Apollo Router {VERSION} is not here yet: downloading the official release.")
    try:
        download(VERSION, cached(), say)
    except DownloadFailed as error:
        say(f"The download failed: {error}")
        reasons.append(f"the download failed: {error}")
        return None
    return _checked(reasons)


def _built(say: Say, reasons: list[str]) -> Path | None:
    try:
        build(VERSION, cached(), say)
    except BuildFailed as error:
        reasons.append(str(error))
        return None
    return _checked(reasons)


def _checked(reasons: list[str]) -> Path | None:
    """What was just installed, if it runs."""
    if version(cached()) == VERSION:
        return cached()
    cached().unlink()
    reasons.append("what was installed does not run on this machine")
    return None


def _ways_out(reasons: list[str]) -> str:
    return "\n".join(
        [
            f"Apollo Router {VERSION} is needed and could not be had:",
            *(f"  - {reason}" for reason in reasons),
            "Any one of these helps; then start again:",
            f"  - put the binary at {cached()}",
            "  - set APOLLO_ROUTER_BIN to the path of a router binary",
            "  - let this machine reach github.com, or set APOLLO_ROUTER_DOWNLOAD_URL to a mirror",
            "  - install cargo (Rust) and a C compiler, to build it",
        ]
    )
