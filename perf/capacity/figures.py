"""What was measured: the costs of a purchase, of a page, and of a second without either, from reports of perf."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perf.growth import GROWTH
from perf.report import Report
from subgraphs.kit.settings import SUBGRAPHS

HERE = Path(__file__).parent
CPU, STATEMENTS = "CPU of an operation (ms)", "SQL statements of an operation, by subgraph"
ANSWERS = "Answers and their latency (ms)"


@dataclass(frozen=True)
class Operation:
    """What one operation of a run cost the store. The process that sends the requests is left out."""

    cpu: Mapping[str, float]
    """Milliseconds of processor time, by process."""
    statements: Mapping[str, float]
    """SQL statements, by subgraph."""
    rows: Mapping[str, float]
    """Rows that stay, by database."""
    size: Mapping[str, float]
    """Bytes of these rows and their indexes, by database."""
    rate: float
    """Operations a second."""
    conditions: Mapping[str, str]

    def without(self, idle: "Operation") -> "Operation":
        """These costs without those of background work. An operation of `idle` is one second of background work."""
        share = idle.rate / self.rate
        return replace(self, cpu={name: max(0.0, ms - share * idle.cpu[name]) for name, ms in self.cpu.items()})

    def database_cpu(self, subgraph: str) -> float:
        """Milliseconds of the database server for a subgraph, by its share of all statements."""
        return self.cpu["database"] * self.statements.get(subgraph, 0.0) / sum(self.statements.values())


def operation(report: Report) -> Operation:
    """The last run in a report. Raises KeyError unless the store was on MariaDB and Redis."""
    run = report.tables[CPU][-1]["run"]
    grown = {str(row["run"]).removeprefix(f"{run}: "): row for row in report.tables.get(GROWTH, ())}
    return Operation(
        cpu={name: value for name, value in _last(report, CPU).items() if name not in ("store", "load")},
        statements=_last(report, STATEMENTS),
        rows={name: grown[name]["rows"] if name in grown else 0.0 for name in SUBGRAPHS},
        size={name: grown[name]["bytes"] if name in grown else 0.0 for name in SUBGRAPHS},
        rate=report.tables[ANSWERS][-1]["per second"],
        conditions=report.conditions,
    )


def measured(name: str) -> Operation:
    """What is kept in this folder: `checkout`, `browse` or `idle`."""
    return operation(Report.read(HERE / f"{name}.json"))


def _last(report: Report, title: str) -> dict[str, Any]:
    return {name: value for name, value in report.tables[title][-1].items() if name != "run"}
