"""What the tour shows of an answer, and where it uses colour."""

import io

import pytest
from rich.console import Console

from subgraphs.store.tour.printing import Printer, first_lines, shortened

ANSWER = {"data": {"login": {"accessToken": "eyJ" + "x" * 500, "user": {"name": "Ada"}}}}


def printed(monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str = "") -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    output = io.StringIO()
    printer = Printer(Console(file=output, force_terminal=terminal, width=100))
    printer.operation(1, "Sign in", "{ login { accessToken } }")
    printer.answer(1, "Sign in", ANSWER)
    return output.getvalue()


def test_of_a_token_only_the_beginning_is_shown() -> None:
    answer = {"data": {"all": [{"accessToken": "a" * 400, "refreshToken": "b" * 400, "title": "c" * 400}]}}
    [shown] = shortened(answer)["data"]["all"]
    assert shown == {"accessToken": "a" * 12 + "…", "refreshToken": "b" * 12 + "…", "title": "c" * 400}
    assert shortened({"accessToken": None}) == {"accessToken": None}


def test_a_long_answer_tells_how_much_is_left_out() -> None:
    assert first_lines("1\n2\n3", 3) == "1\n2\n3"
    assert first_lines("1\n2\n3\n4", 2) == "1\n2\n… 2 more lines"


def test_an_answer_is_indented_and_has_colour_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = printed(monkeypatch, terminal=False)
    assert "\x1b" not in plain
    assert '\n             "name": "Ada"\n' in plain
    assert "\x1b[3" in printed(monkeypatch, terminal=True)
    assert "\x1b[3" not in printed(monkeypatch, terminal=True, no_color="1")
