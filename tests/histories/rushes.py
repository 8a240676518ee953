"""Records a rush, whose requests go past the recording client."""

import time
from dataclasses import replace

import msgspec

from perf.load import Call
from perf.scenarios.rush import CLAIM, Rush
from perf.world import Shopper
from tests.clients import Account
from tests.histories.recorder import Attempt, Recording


def opened(rush: Rush) -> Recording:
    """A recording that begins with the sale."""
    now = time.monotonic_ns()
    asked = {"input": {"productId": "", "points": 0, "units": rush.units}}
    return Recording([Attempt(None, "createFlashSale", asked, now, now, answer={"id": rush.sale_id})])


def recorded_call(recording: Recording, shopper: Shopper, call: Call) -> Call:
    """The same claim, recorded when it is sent and when it is answered."""
    attempts: list[Attempt] = []

    def sent() -> None:
        variables = msgspec.json.decode(call.body)["variables"]
        attempts.append(recording.begin(Account(shopper.id, shopper.token), CLAIM, variables))

    def kind(answer: bytes) -> str:
        told = call.kind(answer)
        attempts[-1].answered(msgspec.json.decode(answer), "claim")
        return told

    return replace(call, sent=sent, kind=kind)
