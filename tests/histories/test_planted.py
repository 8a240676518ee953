"""The checker refuses a store with a fault, and accepts the same scene without it."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.store import FaultyStore
from tests.histories import scenes
from tests.histories.checker import PICTURES, Verdict, check, checker, refused
from tests.histories.pictures import take_picture
from tests.histories.planted import FAULTS, plant
from tests.histories.projection import events_of
from tests.histories.shoppers import Crowd
from tests.histories.test_histories import PROMISED
from tests.histories.verdicts import assert_linearizable

pytestmark = pytest.mark.engineless
SCENES: dict[str, tuple[str, Callable[[Crowd], Awaitable[None]]]] = {
    "lost update": ("wallet", scenes.top_ups),
    "double grant": ("units", scenes.last_unit),
    "stale read": ("ownership", scenes.own_write),
    "used twice": ("session", scenes.sessions),
}
"""The model that must refuse each fault, and where the fault shows."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_found(fault: str, faulty: FaultyStore, crowd: Crowd) -> None:
    checker()
    model, scene = SCENES[fault]
    await scene(crowd)
    assert model in assert_linearizable(crowd.recording.attempts, PROMISED, fault)
    crowd.recording.attempts.clear()
    plant(faulty, fault)
    try:
        await faulty.ready()
        await scene(crowd)
    finally:
        faulty.serve_with(FAULTS[fault][0])
        await faulty.ready()
    found = refused(check(events_of(crowd.recording.attempts, PROMISED), PICTURES / f"planted-{fault}"))
    assert {(verdict.model, verdict.result) for verdict in found} == {(model, "Illegal")}
    assert is_drawn(found[0])
    if pictures := os.environ.get("STEAMPUNK_PICTURES"):
        await take_picture(Path(found[0].picture), Path(pictures, f"{fault.replace(' ', '-')}.png"))


def is_drawn(verdict: Verdict) -> bool:
    return "linearization" in Path(verdict.picture).read_text()
