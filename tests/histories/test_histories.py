"""What clients are answered is linearizable: as if every operation had happened at one moment while it was asked for."""

from collections import Counter

from tests.histories import scenes
from tests.histories.checker import checker
from tests.histories.events import Bounds
from tests.histories.shoppers import Crowd
from tests.histories.verdicts import assert_linearizable

PROMISED = Bounds(payment_lifetime=3, claim_lifetime=3, follows=10, expires=10, settles=11)


async def test_what_a_crowd_is_answered_is_linearizable(crowd: Crowd, acts: int) -> None:
    checker()
    await crowd.shop(acts)
    kinds = Counter(f"{attempt.field}: {attempt.kind}" for attempt in crowd.recording.attempts)
    print("\n".join(f"  {count:5} {kind}" for kind, count in sorted(kinds.items())))
    operations = assert_linearizable(crowd.recording.attempts, PROMISED, "crowd")
    assert operations.keys() == {"wallet", "units", "sale", "order", "ownership"}


async def test_what_two_with_one_refresh_token_are_answered_is_linearizable(crowd: Crowd) -> None:
    checker()
    await scenes.sessions(crowd)
    assert "session" in assert_linearizable(crowd.recording.attempts, PROMISED, "sessions")
