"""Searched schedules: today's code ends each of them well, and the search finds what was once wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulate.trees import ONCE_WRONG, search, tree_with

SECONDS = 60
"""How long today's code is searched, from another seed in each run of the tests; the run prints the seed."""
WITHIN_SECONDS = 120
BREAKS = {
    "late_refusal": ("OrdersFollowPayments", "OnlyHoldersHoldUnits", "HoldsAgree", "UnitsFollowPayments"),
    "moment_of_the_auditor": ("NoSagaIsStuck",),
    "order_of_relayed_events": ("EventsKeepTheirOrder",),
}
"""The defects that the search must find, each with the invariants that may show it."""
SEEDS = {"late_refusal": 10, "moment_of_the_auditor": 2, "order_of_relayed_events": 1}
"""With these the search finds them early, since tests share their processors."""


def test_all_that_was_once_wrong_is_searched_for() -> None:
    assert {patch.stem for patch in ONCE_WRONG.glob("*.patch")} == BREAKS.keys()


def test_no_schedule_ends_badly(record_property: Callable[[str, object], None]) -> None:
    searched = search(f"--seconds={SECONDS}")
    assert not searched.found, searched.said
    for line in searched.said.splitlines():
        record_property("simulate", line)


def test_a_seed_gives_the_same_schedule_each_time() -> None:
    """In another process of the operating system, too: it says which steps were taken when, and what came of them."""
    first, second = search("--replay=7"), search("--replay=7")
    assert "all is calm" in first.said
    assert _schedule(first.said) == _schedule(second.said)


@pytest.mark.parametrize("wrong", BREAKS)
def test_the_search_finds_what_was_once_wrong(
    wrong: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    tree = tree_with(ONCE_WRONG / f"{wrong}.patch", tmp_path)
    searched = search(f"--seconds={WITHIN_SECONDS}", f"--seed={SEEDS[wrong]}", "--shrink=0", tree=tree)
    assert searched.found, searched.said
    found = next(line for line in searched.said.splitlines() if "fails after" in line)
    record_property("simulate", f"{wrong}: {found}")
    failure = searched.said.splitlines()[-1]
    assert any(invariant in searched.said for invariant in BREAKS[wrong]), failure


def _schedule(said: str) -> list[str]:
    lines = said.splitlines()
    return lines[next(number for number, line in enumerate(lines) if line.startswith("schedule 7:")) :]
