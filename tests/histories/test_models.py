"""The models: each accepts what its object may do, and refuses what it may not.

A line is an operation: `call-end operation → answer`. `@ann` is a user, a number an amount, and any other word an id.
Without an end, the operation may take effect at any time; with `?`, its answer is not known.
"""

from pathlib import Path

import pytest

from tests.histories.checker import Answer, Event, Input, check
from tests.histories.samples import BAD, GOOD

pytestmark = pytest.mark.engineless


@pytest.mark.parametrize(("model", "name"), [(model, name) for model, named in GOOD.items() for name in named])
def test_a_model_accepts_what_may_happen(model: str, name: str, tmp_path: Path) -> None:
    assert _verdict(model, GOOD[model][name], tmp_path) == "Ok"


@pytest.mark.parametrize(("model", "name"), [(model, name) for model, named in BAD.items() for name in named])
def test_a_model_refuses_what_may_not_happen(model: str, name: str, tmp_path: Path) -> None:
    assert _verdict(model, BAD[model][name], tmp_path) == "Illegal"


def test_every_model_has_samples_of_both_kinds() -> None:
    assert GOOD.keys() == BAD.keys() == {"wallet", "units", "sale", "order", "ownership", "session"}


def _verdict(model: str, text: str, folder: Path) -> str:
    events = [_event(model, line) for line in text.strip().splitlines()]
    [verdict] = check(events, folder / "samples")
    assert verdict.operations == len(events)
    return verdict.result


def _event(model: str, line: str) -> Event:
    times, _, rest = line.strip().partition(" ")
    asked, _, answered = rest.partition("→")
    call, _, end = times.partition("-")
    op, *words = asked.split()
    result, *more = answered.split() or ["?"]
    answer = None if result == "?" else Answer(result, id=_id(more), amount=_amount(more))
    user = next((word for word in words if word.startswith("@")), "")
    event = Input(op, id=_id(words), user=user, amount=_amount(words))
    return Event(model, "one", int(call), int(end) if end else None, event, answer)


def _id(words: list[str]) -> str:
    return next((word for word in words if not word.startswith("@") and not word.isdigit()), "")


def _amount(words: list[str]) -> int:
    return next((int(word) for word in words if word.isdigit()), 0)
