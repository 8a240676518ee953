"""How the tour looks: operations, plans and answers in colour, and a table of all plans at the end.

There is colour on a terminal only, and none where NO_COLOR is set.
"""

import json
import sys
import textwrap
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from router.plan import Plan, fetches, summary

WIDTH = 100
"""Columns where there is no terminal."""
ANSWER_LINES = 40
TOKENS = "accessToken", "refreshToken"
TOKEN_LENGTH = 12
MARGIN = 5


def shortened(answer: Any) -> Any:
    """An answer as it may be shown: of each token only its beginning."""
    if isinstance(answer, list):
        return [shortened(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        key: f"{value[:TOKEN_LENGTH]}…" if key in TOKENS and isinstance(value, str) else shortened(value)
        for key, value in answer.items()
    }


def first_lines(text: str, lines: int = ANSWER_LINES) -> str:
    """The first lines of a text, and how many are left out."""
    all_lines = text.splitlines()
    left = len(all_lines) - lines
    return text if left <= 0 else "\n".join([*all_lines[:lines], f"… {left} more lines"])


class Printer:
    """Prints the steps of a tour."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
        self._plans: list[tuple[int, str, Plan]] = []

    def operation(self, number: int, title: str, operation: str) -> None:
        self._console.print(Text(f"\n{number:>3}. {title}", "bold"))
        self._print_code(operation, "graphql")

    def answer(self, number: int, title: str, answer: dict[str, Any]) -> None:
        """Prints a step's query plan and what came back, and keeps the plan for the table."""
        plan = answer.get("extensions", {}).get("apolloQueryPlan")
        if plan:
            self._plans.append((number, title, plan))
            self._console.print(Text.assemble(" " * MARGIN, ("plan: ", "bold"), (summary(plan), "magenta")))
        shown = shortened({key: answer[key] for key in ("data", "errors") if answer.get(key)})
        self._print_code(first_lines(json.dumps(shown, indent=2, ensure_ascii=False)), "json")

    def plans(self) -> None:
        """Prints a table of all query plans."""
        table = Table("Step", "Operation", "Fetches", "Subgraphs", title="\nQuery plans", title_justify="left")
        table.caption = "`|` in parallel, `>` one after the other"
        for number, title, plan in self._plans:
            table.add_row(str(number), title, str(len(fetches(plan))), summary(plan))
        self._console.print(table)

    def say(self, text: str) -> None:
        self._console.print(Text(text))

    def _print_code(self, code: str, language: str) -> None:
        code = textwrap.indent(code, " " * MARGIN)
        self._console.print(Syntax("", language, theme="ansi_dark").highlight(code), end="", soft_wrap=True)
