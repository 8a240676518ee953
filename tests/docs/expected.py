"""Compares what a page shows with what there is.

In a page's output and answers, `...` stands for anything. `"<name>"` in an answer stands for a value that differs from
run to run: the first one is remembered under this name, and stands for it from there on, in variables and commands too.
"""

import re
from typing import Any

PLACEHOLDER = re.compile(r"<([a-zA-Z]+)>")


def prints(expected: str, output: str) -> bool:
    """Whether a command's output is what the page shows; trailing spaces and blank lines at the ends do not matter."""
    pattern = ".*".join(re.escape(part) for part in _lines(expected).split("..."))
    return re.fullmatch(pattern, _lines(output), re.DOTALL) is not None


def answers(expected: Any, answer: Any, known: dict[str, Any]) -> bool:
    """Whether an answer is what the page shows. Remembers the values of new placeholders in `known`."""
    if expected == "...":
        return True
    if isinstance(expected, str) and (placeholder := PLACEHOLDER.fullmatch(expected)):
        return answer is not None and bool(known.setdefault(placeholder[1], answer) == answer)
    if isinstance(expected, dict) and isinstance(answer, dict):
        return expected.keys() == answer.keys() and all(answers(expected[key], answer[key], known) for key in expected)
    if isinstance(expected, list) and isinstance(answer, list):
        if expected[-1:] == ["..."]:
            return len(answer) >= len(expected) - 1 and _each(expected[:-1], answer[: len(expected) - 1], known)
        return len(expected) == len(answer) and _each(expected, answer, known)
    return bool(expected == answer)


def filled(value: Any, known: dict[str, Any]) -> Any:
    """The value with all known placeholders replaced. Raises KeyError for an unknown one."""
    if isinstance(value, dict):
        return {key: filled(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    if not isinstance(value, str):
        return value
    if whole := PLACEHOLDER.fullmatch(value):
        return known[whole[1]]
    return PLACEHOLDER.sub(lambda found: str(known.get(found[1], found[0])), value)


def _each(expected: list[Any], answer: list[Any], known: dict[str, Any]) -> bool:
    return all(answers(one, other, known) for one, other in zip(expected, answer, strict=True))


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
