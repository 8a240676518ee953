"""Whatever people do in whatever order, the store does what its rules say."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.clients import Viewers
from tests.model.api import Api
from tests.model.shopping import Shopping
from tests.model.store import TAKEN
from tests.own_store import OwnStore

EXAMPLES = 12
STEPS = 50
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
"""At least these must have been met, or the steps were too few."""


@pytest.fixture
def api(running: OwnStore, viewers: Viewers) -> Iterator[Api]:
    api = Api(running.store.settings.graphql_url, viewers)
    yield api
    api.close()


@pytest.mark.parametrize("people", [1, 2])
def test_store_follows_its_rules(api: Api, people: int) -> None:
    class TheirShopping(Shopping):
        def __init__(self) -> None:
            super().__init__(api, people)

    run_state_machine_as_test(
        TheirShopping,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert TAKEN.keys() >= OUTCOMES
