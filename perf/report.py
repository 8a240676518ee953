"""Reports: tables on the terminal, and the same as JSON, HTML and a picture in perf/reports/."""

import base64
import html
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

REPORTS = Path(__file__).parent / "reports"
PAGE_COLUMNS = 160
STYLE = """body { font: 15px system-ui; margin: 2em } table { border-collapse: collapse; margin: 1em 0 }
td, th { padding: .2em .7em; border-bottom: 1px solid #ccc; text-align: right }
td:first-child, th:first-child { text-align: left } img { max-width: 100% }"""

Row = dict[str, Any]
"""A table's row: `run` names it, the other columns are numbers or texts; None where nothing was measured."""


@dataclass
class Report:
    """The tables of a measurement, by title, and the conditions under which it was made."""

    name: str
    conditions: Mapping[str, str]
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, title: str, rows: Iterable[Row]) -> None:
        self.tables.setdefault(title, []).extend(rows)

    @classmethod
    def read(cls, path: Path) -> "Report":
        """A report that was saved as JSON. Raises OSError, ValueError."""
        return cls(**json.loads(path.read_text()))

    def print(self) -> None:
        """Prints the tables."""
        # In a file, rich would cut the tables to 80 columns.
        console = Console(width=None if sys.stdout.isatty() else PAGE_COLUMNS)
        for title, rows in self.tables.items():
            columns = columns_of(rows)
            table = Table(title=title)
            for name in columns:
                table.add_column(name, justify="left" if name == "run" else "right")
            for row in rows:
                table.add_row(*[shown(row.get(name)) for name in columns])
            console.print(table)

    def markdown(self) -> str:
        """The conditions and tables for a page."""
        parts = ["; ".join(f"{name} {value}" for name, value in self.conditions.items()) + "."]
        for title, rows in self.tables.items():
            columns = columns_of(rows)
            lines = [columns, ["---" if name == "run" else "--:" for name in columns]]
            lines += [[shown(row.get(name)) for name in columns] for row in rows]
            parts.append(f"**{title}**\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines))
        return "\n\n".join(parts) + "\n"

    def html(self, picture: bytes) -> str:
        """A page that needs no other file."""
        told = "; ".join(f"{name} {value}" for name, value in self.conditions.items())
        parts = [f"<!doctype html><meta charset=utf-8><title>{html.escape(self.name)}</title><style>{STYLE}</style>"]
        parts += [f"<h1>{html.escape(self.name)}</h1><p>{html.escape(told)}</p>"]
        for title, rows in self.tables.items():
            columns = columns_of(rows)
            body = [_line("td", [shown(row.get(name)) for name in columns]) for row in rows]
            parts += [f"<h2>{html.escape(title)}</h2><table>", _line("th", columns), *body, "</table>"]
        parts.append(f'<img alt="plot" src="data:image/png;base64,{base64.b64encode(picture).decode()}">')
        return "\n".join(parts)

    def save(self, folder: Path, picture: bytes) -> Path:
        """Writes JSON, HTML and the picture (PNG); the path of the JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = folder / f"{self.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        saved = {"name": self.name, "conditions": dict(self.conditions), "tables": self.tables}
        stem.with_suffix(".json").write_text(json.dumps(saved, indent=1))
        stem.with_suffix(".html").write_text(self.html(picture))
        stem.with_suffix(".png").write_bytes(picture)
        return stem.with_suffix(".json")


def columns_of(rows: Iterable[Row]) -> list[str]:
    """The columns of all rows, in the order of their first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def shown(value: Any) -> str:
    """A cell as text."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _line(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
