"""After any sequence of operations, the store is in the state of its model."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.clients import Viewers
from tests.model.api import Api
from tests.model.conftest import EXAMPLES
from tests.model.machine import OUTCOMES_SEEN
from tests.model.shopping import Shopping
from tests.own_store import OwnStore

STEPS = 50
MORE = 5
"""How often it goes on until all outcomes were met."""
OUTCOMES = {
    "cancelPayment: Payment",
    "checkout: AlreadyOwned",
    "checkout: Payment",
    "checkout: PriceChanged",
    "claim: Claim",
    "order: Order",
    "pay: INVALID_STATE",
    "pay: Payment",
    "play: Play",
    "refund: NotRefundable",
    "refund: Refund",
    "release: Claim",
    "removeLine: Order",
    "start: Payment",
}
"""Outcomes that the random steps must have met; otherwise there were too few of them."""
PEOPLE = 2


@pytest.fixture
def api(running: OwnStore, viewers: Viewers) -> Iterator[Api]:
    api = Api(running.store.settings.graphql_url, viewers)
    yield api
    api.close()


def test_store_agrees_with_its_model(api: Api, examples: int) -> None:
    class TheirShopping(Shopping):
        def __init__(self) -> None:
            super().__init__(api, PEOPLE)

    run_state_machine_as_test(TheirShopping, settings=sequences(examples))
    for _ in range(MORE):
        if OUTCOMES_SEEN.keys() >= OUTCOMES:
            return
        run_state_machine_as_test(TheirShopping, settings=sequences(EXAMPLES))
    assert OUTCOMES_SEEN.keys() >= OUTCOMES


def sequences(count: int) -> settings:
    """New ones each time. A failure prints how to repeat it."""
    return settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
