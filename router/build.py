"""The router built from its published source, where no release can be downloaded."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

# What a release build's usual settings would gain is not worth their time here: these take 14 minutes on two
# cores.
PROFILE = {
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "2",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "64",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_STRIP": "true",
}
COMPILERS = ("cc", "gcc", "clang")


def missing_tools() -> list[str]:
    """What a build needs and this machine lacks, in words."""
    missing = []
    if shutil.which("cargo") is None:
        missing.append("cargo")
    if shutil.which(os.environ.get("PROTOC", "protoc")) is None:
        missing.append("protoc (package protobuf-compiler)")
    if not any(shutil.which(name) for name in COMPILERS):
        missing.append("a C compiler")
    return missing


def build(version: str, target: Path, say: Callable[[str], None]) -> bool:
    """Builds the router with cargo and puts it at `target`, whole or not at all; False when cargo fails."""
    say(f"Building Apollo Router {version} with cargo: about 14 minutes on two cores, once.")
    started = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="router.", suffix=".part") as root:
        if not _cargo(version, Path(root), started):
            return False
        (Path(root) / "bin" / "router").replace(target)
    say(f"Built in {_clock(started)} to {target}")
    return True


def _cargo(version: str, root: Path, started: float) -> bool:
    command = ["cargo", "install", "--locked", "apollo-router", "--version", version, "--root", str(root)]
    with subprocess.Popen(
        command, env=os.environ | PROFILE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as cargo:
        assert cargo.stderr is not None
        try:
            last = _follow(cargo.stderr, started)
        except BaseException:
            cargo.kill()
            raise
    if cargo.returncode != 0:
        print("".join(last), end="", file=sys.stderr)
    return cargo.returncode == 0


def _follow(lines: Iterable[str], started: float) -> list[str]:
    """Shows how many crates are done, and returns cargo's last lines for the case that it fails."""
    last: list[str] = []
    crates = 0
    with Console(stderr=True).status("cargo starts") as status:
        for line in lines:
            last = [*last[-29:], line]
            if line.strip().startswith("Compiling"):
                crates += 1
                status.update(f"{crates} crates compiled, {_clock(started)}: {line.split()[1]}")
                if crates % 50 == 0 and not status.console.is_terminal:
                    status.console.print(f"{crates} crates compiled, {_clock(started)}")
    return last


def _clock(started: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    return f"{minutes} min {seconds:02} s"
