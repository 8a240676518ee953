"""What subgraphs count: every metric is there from the start, as a number, and moves with what it counts."""

import math
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert

from subgraphs.contracts.event import TOPICS
from subgraphs.kit.build import version
from subgraphs.kit.database.columns import new_id, utc_now
from subgraphs.kit.errors import CODES
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.library.models import DeadLetter
from subgraphs.payment.models import Checkout
from tests.clients import Client, Metrics, Viewers, eventually
from tests.shop import Shop

FAR = datetime(2100, 1, 1, tzinfo=UTC)
COMMON: dict[str, set[str]] = {
    "steampunk_requests_total": {"router", "peer"},
    "steampunk_request_seconds_count": {"router", "peer"},
    "steampunk_errors_total": set(CODES),
    "steampunk_pool_size": {"reads", "transactions"},
    "steampunk_pool_in_use": {"reads", "transactions"},
    "steampunk_pool_wait_seconds_count": {"reads", "transactions"},
    "steampunk_sql_statements_total": {"request", "background"},
    "steampunk_operations_prepared_total": set(),
    "steampunk_build_info": {version(), ""},
    "process_resident_memory_bytes": set(),
    "process_open_fds": set(),
}
CONSUMER: dict[str, set[str]] = {
    "steampunk_dead_letters_waiting": set(),
    "steampunk_job_failures_total": {"inbox", "catch up", "count dead letters", "prune the inbox"},
}
OWN: dict[str, dict[str, set[str]]] = {
    "user": {
        "steampunk_signing_key_age_seconds": set(),
        "steampunk_operation_failures_total": {"login", "register", "me"},
    },
    "product": {"steampunk_operation_seconds_count": {"products", "product", "_entities"}},
    "order": {**CONSUMER, "steampunk_operation_failures_total": {"placeOrder", "me"}},
    "payment": {
        "steampunk_operation_seconds_count": {"pay", "checkout", "me"},
        "steampunk_operation_failures_total": {"pay", "checkout", "me"},
        "steampunk_outbox_pending": set(),
        "steampunk_outbox_oldest_seconds": set(),
        "steampunk_oldest_saga_seconds": {"checkout", "refund"},
        "steampunk_batches_total": {"pay", "checkout"},
        "steampunk_job_failures_total": {"relay", "confirm", "due work", "sweep checkouts"},
    },
    "stock": {
        **CONSUMER,
        "steampunk_claims_answered_total": {"cache", "sql"},
        "steampunk_rate_limited_total": {"claim"},
        "steampunk_redis_bypassed_total": {"limit claim", "claims"},
    },
    "library": {**CONSUMER, "steampunk_operation_seconds_count": {"play", "me"}},
}


@pytest.mark.parametrize("subgraph", SUBGRAPHS)
async def test_every_metric_exists_from_the_start_and_none_is_nan(metrics: Metrics, subgraph: str) -> None:
    samples = await metrics.samples(subgraph)

    topics = {topic for topic, event in TOPICS.items() if subgraph in event.consumers}
    of_events = ("steampunk_events_applied_total", "steampunk_dead_letters_total")
    expected = COMMON | OWN[subgraph] | (dict.fromkeys(of_events, topics) if topics else {})
    for name, values in expected.items():
        found = [sample for sample in samples if sample.name == name]
        assert found, name
        assert values <= {value for sample in found for value in sample.labels.values()}, name
    assert not [sample for sample in samples if math.isnan(sample.value)]


async def test_an_operation_is_counted_by_its_first_field(shop: Shop, metrics: Metrics) -> None:
    before = await metrics.value("payment", "steampunk_operation_seconds_count", field="checkout")
    customer = await shop.customer()
    await shop.bought(customer, await shop.games.new())

    assert await metrics.value("payment", "steampunk_operation_seconds_count", field="checkout") == before + 1
    assert await metrics.value("payment", "steampunk_pool_wait_seconds_count", pool="transactions") > 0


async def test_errors_are_counted_by_code_and_by_the_clients_name_of_the_operation(
    store_client: Client, viewers: Viewers, metrics: Metrics
) -> None:
    name = f"Pay{uuid.uuid4().hex[:6]}"
    operation = f'mutation {name} {{ pay(paymentId: "none") {{ __typename }} }}'
    labels = {"operation": name, "code": "NOT_FOUND"}

    assert await store_client.code(operation, viewer=await viewers.user()) == "NOT_FOUND"

    assert await metrics.value("payment", "steampunk_operation_errors_total", **labels) == 1
    samples = [one for one in await metrics.samples("payment") if one.labels.get("operation") == name]
    codes = {one.labels["code"] for one in samples if one.name == "steampunk_operation_errors_total"}
    assert codes == set(CODES)  # those of other codes are 0
    assert await metrics.value("payment", "steampunk_operation_failures_total", field="pay") == 0


async def test_names_beyond_the_first_fifty_are_counted_together(product: Client, metrics: Metrics) -> None:
    for number in range(60):
        await product.run(f'query Many{number} {{ product(id: "none") {{ id }} }}')

    names = {one.labels["operation"] for one in await metrics.samples("product") if "operation" in one.labels}
    assert "other" in names
    assert len(names - {"other"}) == 50


async def test_the_oldest_event_of_the_outbox_has_an_age(keep_back: Any, metrics: Metrics) -> None:
    """An event that nobody can apply stays, and its age grows."""
    await keep_back(new_id(), ["{}"])

    async def is_old() -> bool:
        return await metrics.value("payment", "steampunk_outbox_oldest_seconds") > 1

    await eventually(is_old, 60)


async def test_a_checkout_that_does_not_end_has_an_age(sql: Any, metrics: Metrics) -> None:
    checkout = {
        "id": new_id(), "user_id": new_id(), "idempotency_key": "0" * 64, "request_hash": "0" * 64,
        "kind": "checkout", "order_id": new_id(), "request": "{}", "step": "PLACING",
    }  # fmt: skip

    async def is_old() -> bool:
        return await metrics.value("payment", "steampunk_oldest_saga_seconds", saga="checkout") > 1

    async with sql("payment").transaction() as session:
        await session.execute(insert(Checkout).values(**checkout, started_at=utc_now(), touched_at=FAR))
    try:
        await eventually(is_old, 60)
    finally:
        async with sql("payment").transaction() as session:
            await session.execute(delete(Checkout).where(Checkout.id == checkout["id"]))


async def test_dead_letters_are_shown_until_nobody_has_one(sql: Any, metrics: Metrics) -> None:
    row = {"event_id": new_id(), "producer": "payment", "topic": "payment.paid", "payload": "{}", "error": "An error."}

    async def waiting() -> int:
        return int(await metrics.value("library", "steampunk_dead_letters_waiting"))

    before = await waiting()

    async def is_shown() -> bool:
        return await waiting() > before

    async with sql("library").transaction() as session:
        await session.execute(insert(DeadLetter).values(**row, failed_at=utc_now()))
    try:
        await eventually(is_shown, 60)
    finally:
        async with sql("library").transaction() as session:
            await session.execute(delete(DeadLetter).where(DeadLetter.event_id == row["event_id"]))
