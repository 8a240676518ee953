"""`python -m requirements.supply_chain.vulnerabilities`: looks every locked package up for known vulnerabilities.

Exits with 0 if all were looked up and none is known, with 1 if one is, and with 2 if none is but some packages could
not be looked up, because a database cannot be reached or does not know them.
"""

import json
import sys
from dataclasses import dataclass, field

from requirements.supply_chain.locks import NODE, PYTHON, ROOT, run_npm, run_python_tool

CLEAN, VULNERABLE, UNCHECKED = 0, 1, 2


@dataclass
class Report:
    """What is known of the packages of one lock file."""

    lock: str
    found: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    """What could not be looked up, and why."""

    def lines(self) -> list[str]:
        found = [f"VULNERABLE  {self.lock}: {what}" for what in self.found]
        return [*found, *self._unchecked_line()] or [f"clean       {self.lock}"]

    def _unchecked_line(self) -> list[str]:
        if not self.unchecked:
            return []
        others = len(self.unchecked) - 1
        return [f"NOT CHECKED {self.lock}: {self.unchecked[0]}" + (f"; {others} more packages" if others else "")]


def of_python(lock: str, output: str, problem: str) -> Report:
    """The report of what pip-audit has printed as JSON, or of why it printed none."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, LookupError):
        return Report(lock, unchecked=[_last_line(problem)])
    return Report(
        lock,
        [f"{one['name']} {one['version']}: {bug['id']}" for one in packages for bug in one.get("vulns", ())],
        [one["skip_reason"] for one in packages if "skip_reason" in one],
    )


def of_node(lock: str, output: str, problem: str) -> Report:
    """The report of what `npm audit` has printed as JSON, or of why it printed none."""
    try:
        answer = json.loads(output)
    except ValueError:
        answer = {}
    if "vulnerabilities" not in answer:
        return Report(lock, unchecked=[answer.get("message") or _last_line(problem)])
    return Report(lock, [f"{name}: {bug['severity']}" for name, bug in answer["vulnerabilities"].items()])


def exit_code(reports: list[Report]) -> int:
    if any(report.found for report in reports):
        return VULNERABLE
    return UNCHECKED if any(report.unchecked for report in reports) else CLEAN


def look_up() -> list[Report]:
    """Asks for every lock file. Raises InstallFailed."""
    reports = []
    for lock in PYTHON:
        options = ["--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off"]
        done = run_python_tool("pip-audit", ["--requirement", str(lock), *options])
        reports.append(of_python(str(lock.relative_to(ROOT)), done.stdout, done.stderr))
    for folder in NODE:
        done = run_npm(folder, ["audit", "--json"])
        reports.append(of_node(f"{folder.relative_to(ROOT)}/package-lock.json", done.stdout, done.stderr))
    return reports


def _last_line(text: str) -> str:
    return (text.strip() or "no answer").splitlines()[-1].strip()


def main() -> int:
    reports = look_up()
    print("\n".join(line for report in reports for line in report.lines()))
    code = exit_code(reports)
    if code == UNCHECKED:
        print("No vulnerability is known of the packages that were looked up; not all could be (see above).")
    return code


if __name__ == "__main__":
    sys.exit(main())
