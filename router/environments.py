"""Creates the Python environments in .nox/, one for each lock file, with the standard library alone."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".nox"

MEGABYTES = {"dev": 830, "gateway": 230, "store": 160, "typed-clients": 115}
"""What the large environments take on the disk."""
UV_NAMES = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}
"""What pip's settings are called in uv, which does not read them."""


class InstallFailed(Exception):
    """A lock file could not be installed. The message says which, and why."""


def environment(name: str, lock: str, interpreter: str = sys.executable) -> str:
    """Returns the path of an environment's Python. Creates or updates the environment if needed.

    uv installs them, in a third of pip's time, from an environment of its own. pip installs uv itself, and any
    environment that uv fails to install. Raises InstallFailed.
    """
    folder, requirements = ENVIRONMENTS / name, ROOT / "requirements" / f"{lock}.txt"
    python, stamp = folder / "bin" / "python", folder / "installed"
    digest = hashlib.sha256(requirements.read_bytes() + interpreter.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return str(python)
    print(_announcement(name, lock), file=sys.stderr, flush=True)
    if lock == "uv" or not _installed_by_uv(folder, requirements, interpreter):
        _install(folder, requirements, interpreter)
    stamp.write_text(digest)
    return str(python)


def tools(lock: str) -> Path:
    """Returns the folder of an environment that holds programs. Raises InstallFailed."""
    # Use the base interpreter, so that every environment's Python shares one installation.
    interpreter = str(Path(sys.executable).resolve())
    return Path(environment(lock, lock, interpreter)).parent.parent


def _announcement(name: str, lock: str) -> str:
    size = f"about {MEGABYTES[lock]}" if lock in MEGABYTES else "less than 100"
    return f"Installing requirements/{lock}.txt into .nox/{name} (once; some minutes at most, {size} MB) ..."


def _installed_by_uv(folder: Path, requirements: Path, interpreter: str) -> bool:
    uv = tools("uv") / "bin"
    _create(folder, interpreter, "--without-pip")
    install = [str(uv / "uv"), "pip", "install", "--quiet", "--compile-bytecode", f"--python={folder}"]
    variables = os.environ | _pip_settings(uv / "python")
    options = ["--require-hashes", "--requirements", str(requirements)]
    return subprocess.run([*install, *options], env=variables, capture_output=True).returncode == 0


def _pip_settings(python: Path) -> dict[str, str]:
    """Where pip finds packages, as variables for uv."""
    listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    settings = dict(line.split("=", 1) for line in listed.splitlines())
    values = {name.rpartition(".")[2]: value.strip("'") for name, value in settings.items()}
    return {UV_NAMES[name]: value for name, value in values.items() if name in UV_NAMES}


def _install(folder: Path, requirements: Path, interpreter: str) -> None:
    _create(folder, interpreter)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(requirements)], stdout=sys.stderr).returncode:
        raise InstallFailed(f"Installing {requirements.relative_to(ROOT)} failed; see pip's output above.")


def _create(folder: Path, interpreter: str, *options: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([interpreter, "-m", "venv", *options, str(folder)], capture_output=True, text=True)
    if made.returncode:
        hint = "On Debian and Ubuntu: apt install python3-venv."
        raise InstallFailed(f"Python's venv module does not work here. {hint}\n{made.stdout}{made.stderr}")
