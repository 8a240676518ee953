"""Reports are saved and read back, and compared figure by figure."""

import json
from pathlib import Path

from perf.compare import main, ratios
from perf.report import Report

LATENCY = "Answers"


def _report(name: str, *rows: dict[str, object]) -> Report:
    report = Report(name, {"on": "2 processors"})
    report.add(LATENCY, rows)
    return report


def test_ratios_are_of_the_runs_and_columns_that_both_have() -> None:
    first = _report("a", {"run": "pay", "per second": 200.0, "p99": 40.0, "new": 1}, {"run": "me", "per second": 10})
    second = _report("b", {"run": "pay", "per second": 300.0, "p99": 10.0})
    [row] = ratios(first, second).tables[f"{LATENCY}: second / first"]
    assert row == {"run": "pay", "per second": 1.5, "p99": 0.25, "new": None}


def test_ratios_leave_out_texts_and_do_not_divide_by_nothing() -> None:
    first = _report("a", {"run": "pay", "errors": 0, "p50": None, "most frequent": "get 1.0"})
    second = _report("b", {"run": "pay", "errors": 3, "p50": 2.0, "most frequent": "set 1.0"})
    [row] = ratios(first, second).tables[f"{LATENCY}: second / first"]
    assert row == {"run": "pay", "errors": None, "p50": None}


def test_a_saved_report_is_compared_with_itself(tmp_path: Path) -> None:
    saved = _report("pay", {"run": "pay, c=20", "per second": 200.0}).save(tmp_path, b"PNG")
    assert json.loads(saved.read_text())["conditions"] == {"on": "2 processors"}
    assert Report.read(saved) == _report("pay", {"run": "pay, c=20", "per second": 200.0})
    assert main([str(saved), str(saved)]) == 0


def test_reports_without_a_common_run_cannot_be_compared(tmp_path: Path) -> None:
    paths = [str(_report(name, {"run": name, "per second": 1.0}).save(tmp_path, b"PNG")) for name in ("pay", "me")]
    assert main(paths) == 1


def test_html_is_one_file_with_escaped_names() -> None:
    page = _report("pay", {"run": "<pay>", "p99": 1234.5, "max": None}).html(b"PNG")
    assert "<td>&lt;pay&gt;</td><td>1,234.5</td><td>-</td>" in page
    assert "data:image/png;base64,UE5H" in page


def test_markdown_has_the_columns_of_all_rows() -> None:
    text = _report("all", {"run": "pay", "a": 1}, {"run": "me", "b": 2.5}).markdown()
    assert "| run | a | b |\n| --- | --: | --: |\n| pay | 1 | - |\n| me | - | 2.5 |" in text
