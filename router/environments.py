"""Creates the Python environments in .nox/, one for each lock file, with the standard library alone."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".nox"

MEGABYTES = {"dev": 830, "gateway": 230, "store": 160}
"""What the large environments take on the disk."""


class InstallFailed(Exception):
    """A lock file could not be installed. The message says which, and why."""


def environment(name: str, lock: str, interpreter: str = sys.executable) -> str:
    """Returns the path of an environment's Python. Creates or updates the environment if needed.

    Raises InstallFailed.
    """
    folder, requirements = ENVIRONMENTS / name, ROOT / "requirements" / f"{lock}.txt"
    python, stamp = folder / "bin" / "python", folder / "installed"
    digest = hashlib.sha256(requirements.read_bytes() + interpreter.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return str(python)
    print(_announcement(name, lock), file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([interpreter, "-m", "venv", str(folder)], capture_output=True, text=True)
    if made.returncode:
        hint = "On Debian and Ubuntu: apt install python3-venv."
        raise InstallFailed(f"Python's venv module does not work here. {hint}\n{made.stdout}{made.stderr}")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    if subprocess.run([*pip, "-r", str(requirements)], stdout=sys.stderr).returncode:
        raise InstallFailed(f"Installing requirements/{lock}.txt failed; see pip's output above.")
    stamp.write_text(digest)
    return str(python)


def _announcement(name: str, lock: str) -> str:
    size = f"about {MEGABYTES[lock]}" if lock in MEGABYTES else "less than 100"
    return f"Installing requirements/{lock}.txt into .nox/{name} (once; some minutes at most, {size} MB) ..."


def tools(lock: str) -> Path:
    """Returns the folder of an environment that holds programs. Raises InstallFailed."""
    # Use the base interpreter, so that every environment's Python shares one installation.
    interpreter = str(Path(sys.executable).resolve())
    return Path(environment(lock, lock, interpreter)).parent.parent
