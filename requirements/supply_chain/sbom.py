"""`python -m requirements.supply_chain.sbom [FOLDER]`: writes a CycloneDX bill of materials for each lock file."""

import sys
from pathlib import Path

from requirements.supply_chain.locks import NODE, PYTHON, ROOT, run_npm, run_python_tool


def write(folder: Path) -> list[Path]:
    """Writes the bills, each valid CycloneDX, and returns their paths. Exits with the tool's message if it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    return [*[_of_python(lock, folder) for lock in PYTHON], *[_of_node(lock, folder) for lock in NODE]]


def _of_python(lock: Path, folder: Path) -> Path:
    bill = folder / f"python-{lock.stem}.cdx.json"
    options = ["--output-reproducible", "--validate", "--output-file", str(bill)]
    done = run_python_tool("cyclonedx-py", ["requirements", str(lock), *options])
    if done.returncode:
        sys.exit(f"{lock}: {done.stderr}")
    return bill


def _of_node(lock: Path, folder: Path) -> Path:
    bill = folder / f"node-{lock.name}.cdx.json"
    done = run_npm(lock, ["sbom", "--sbom-format=cyclonedx"])
    if done.returncode:
        sys.exit(f"{lock}: {done.stderr}")
    bill.write_text(done.stdout)
    return bill


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "sbom"):
        print(f"wrote {path}")
