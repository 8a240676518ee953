"""Known vulnerabilities of locked packages: found, not found, and where it cannot be known."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from requirements.supply_chain.locks import NODE, PYTHON
from requirements.supply_chain.vulnerabilities import (
    CLEAN,
    UNCHECKED,
    VULNERABLE,
    Report,
    exit_code,
    of_node,
    of_python,
)

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there."""


def audited(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerable_package_is_named() -> None:
    bad = {"name": "a", "version": "1.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}
    report = of_python("lock", audited(bad, {"name": "b", "version": "2.0", "vulns": []}), "")

    assert report.lines() == ["VULNERABLE  lock: a 1.0: PYSEC-1", "VULNERABLE  lock: a 1.0: PYSEC-2"]
    assert exit_code([report, Report("other", unchecked=["unknown"])]) == VULNERABLE


def test_a_package_that_the_database_does_not_have_was_not_checked() -> None:
    report = of_python("lock", audited({"name": "a", "skip_reason": "a is not on PyPI"}), "")

    assert report.lines() == ["NOT CHECKED lock: a is not on PyPI"]
    assert exit_code([report]) == UNCHECKED


def test_packages_without_known_vulnerabilities_are_clean() -> None:
    reports = [of_python("lock", audited({"name": "a", "version": "1", "vulns": []}), ""), of_node("npm", NO_BUGS, "")]

    assert [line for report in reports for line in report.lines()] == ["clean       lock", "clean       npm"]
    assert exit_code(reports) == CLEAN


NO_BUGS = json.dumps({"auditReportVersion": 2, "vulnerabilities": {}})


def test_packages_that_could_not_be_looked_up_are_counted() -> None:
    report = Report("lock", unchecked=["a is not on PyPI", "b is not on PyPI", "c is not on PyPI"])

    assert report.lines() == ["NOT CHECKED lock: a is not on PyPI; 2 more packages"]


def test_a_vulnerable_node_package_is_named() -> None:
    report = of_node("npm", json.dumps({"vulnerabilities": {"a": {"severity": "high"}}}), "")

    assert (report.lines(), exit_code([report])) == (["VULNERABLE  npm: a: high"], VULNERABLE)


def test_a_registry_that_refuses_was_not_asked() -> None:
    report = of_node("npm", json.dumps({"message": "405 Method Not Allowed", "error": {}}), "npm error")

    assert report.lines() == ["NOT CHECKED npm: 405 Method Not Allowed"]


def test_without_a_network_every_lock_is_said_to_be_unchecked() -> None:
    """With the real tools, whose databases are out of reach."""
    unreachable = {"HTTPS_PROXY": NOWHERE, "npm_config_registry": NOWHERE, "npm_config_fetch_retries": "0"}
    command = [sys.executable, "-m", "requirements.supply_chain.vulnerabilities"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **unreachable}, capture_output=True, text=True)

    *lines, summary = done.stdout.splitlines()
    assert done.returncode == UNCHECKED, done.stderr
    assert [line.split(":")[0] for line in lines] == [
        *[f"NOT CHECKED requirements/{lock.name}" for lock in PYTHON],
        *[f"NOT CHECKED {folder.relative_to(ROOT)}/package-lock.json" for folder in NODE],
    ]
    assert summary.endswith("not all could be (see above).")
