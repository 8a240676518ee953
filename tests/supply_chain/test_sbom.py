"""The bill of materials names exactly what the lock files fix."""

import json
import re
from collections import defaultdict
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
        names = names_of(packages)
        listed = named[f"node-{folder.name}"]
        assert [one for one, known_as in names.items() if not known_as & listed] == []
        assert listed <= set().union(*names.values())


def names_of(packages: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """By package, the names that it is installed under: npm lists it once, under any. Each with the version."""
    names = defaultdict[str, set[str]](set)
    for path, one in packages.items():
        if path:
            installed_as = path.rpartition("node_modules/")[2]
            package = f"{one.get('name', installed_as)}@{one['version']}"
            names[package] |= {package, f"{installed_as}@{one['version']}"}
    return names
