"""`python -m perf compare A.json B.json`: B's figures as multiples of A's, for the runs that both have."""

import argparse
from pathlib import Path
from typing import Any

from perf.report import Report, Row


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="perf compare", description=__doc__)
    parser.add_argument("first", type=Path, help="a report's JSON")
    parser.add_argument("second", type=Path)
    options = parser.parse_args(arguments)
    compared = ratios(Report.read(options.first), Report.read(options.second))
    if not compared.tables:
        print("The two reports have no run in common.")
        return 1
    compared.print()
    return 0


def ratios(first: Report, second: Report) -> Report:
    """Second by first, figure by figure; None where the first is zero or one of them has no figure."""
    report = Report(f"{second.name} / {first.name}", {})
    for title, rows in first.tables.items():
        others = {row["run"]: row for row in second.tables.get(title, [])}
        both = [_divided(row, others[row["run"]]) for row in rows if row["run"] in others]
        if both:
            report.add(f"{title}: second / first", both)
    return report


def _divided(row: Row, other: Row) -> Row:
    columns = [name for name, value in row.items() if name != "run" and not isinstance(value, str)]
    return {"run": row["run"], **{name: _ratio(row[name], other.get(name)) for name in columns}}


def _ratio(first: Any, second: Any) -> float | None:
    return round(second / first, 2) if first and second is not None else None
