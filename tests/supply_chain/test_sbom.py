"""The bill of materials names exactly what the lock files fix."""

import json
import re
from pathlib import Path

from requirements.supply_chain.locks import NODE, PYTHON
from requirements.supply_chain.sbom import write


def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    bills = {path.name.removesuffix(".cdx.json"): json.loads(path.read_text()) for path in write(tmp_path)}
    named = {
        name: {f"{one.get('group', '')}/{one['name']}@{one['version']}".lstrip("/") for one in bill["components"]}
        for name, bill in bills.items()
    }

    assert {bill["bomFormat"] for bill in bills.values()} == {"CycloneDX"}
    for lock in PYTHON:
        locked = re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==([^\s;]+)", lock.read_text(), re.M)
        assert named[f"python-{lock.stem}"] == {f"{name}@{version}" for name, version in locked}
    for folder in NODE:
        packages = json.loads((folder / "package-lock.json").read_text())["packages"]
        installed = {
            f"{path.rpartition('node_modules/')[2]}@{one['version']}" for path, one in packages.items() if path
        }
        assert named[f"node-{folder.name}"] == installed
