"""Builds the router from its published source, for machines that cannot download a release."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from router.environments import InstallFailed, tools
from router.process import Log

# Faster to build than the default release profile (14 minutes on two cores), at a small cost in speed.
PROFILE = {
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "2",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "64",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_STRIP": "true",
}
COMPILERS = ("cc", "gcc", "clang")


class BuildFailed(Exception):
    """The router could not be built; the message says why in one line."""


def missing_tools() -> list[str]:
    """The tools that a build needs but this machine lacks."""
    missing = []
    if shutil.which("cargo") is None:
        missing.append("cargo")
    if not any(shutil.which(name) for name in COMPILERS):
        missing.append("a C compiler")
    return missing


def build(version: str, target: Path, log: Log) -> None:
    """Builds the router with cargo and moves it to `target` once complete. Raises BuildFailed.

    The next call resumes an interrupted build.
    """
    missing = missing_tools()
    if missing:
        raise BuildFailed(f"it cannot be built: {', '.join(missing)} not found")
    log(f"Building Apollo Router {version} with cargo: about 14 minutes on two cores, once.")
    started = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    work = target.parent.parent / f"build-{version}"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="router.", suffix=".part") as root:
        _cargo(version, Path(root), {"PROTOC": _protoc(), "CARGO_TARGET_DIR": str(work)}, started)
        (Path(root) / "bin" / "router").replace(target)
    shutil.rmtree(work, ignore_errors=True)
    log(f"Built in {_elapsed(started)} to {target}")


def _protoc() -> str:
    """The path of protoc: PROTOC, or the one from PyPI."""
    try:
        return os.environ.get("PROTOC") or str(tools("protoc") / "bin" / "protoc")
    except InstallFailed as error:
        raise BuildFailed(f"it cannot be built without protoc: {error}") from error


def _cargo(version: str, root: Path, settings: dict[str, str], started: float) -> None:
    command = ["cargo", "install", "--locked", "apollo-router", "--version", version, "--root", str(root)]
    variables = os.environ | PROFILE | settings
    with subprocess.Popen(
        command, env=variables, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as cargo:
        assert cargo.stderr is not None
        try:
            last = _show_progress(cargo.stderr, started)
        except BaseException:
            cargo.kill()
            raise
    if cargo.returncode != 0:
        print("".join(last), end="", file=sys.stderr)
        raise BuildFailed("the build failed (cargo's output is above)")


def _show_progress(lines: Iterable[str], started: float) -> list[str]:
    """Shows how many crates are compiled. Returns cargo's last lines, to print if it fails."""
    last: list[str] = []
    crates = 0
    with Console(stderr=True).status("cargo starts") as status:
        for line in lines:
            last = [*last[-29:], line]
            if line.strip().startswith("Compiling"):
                crates += 1
                status.update(f"{crates} crates compiled, {_elapsed(started)}: {line.split()[1]}")
                if crates % 10 == 0 and not status.console.is_terminal:
                    status.console.print(f"{crates} crates compiled, {_elapsed(started)}")
    return last


def _elapsed(started: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    return f"{minutes} min {seconds:02} s"
