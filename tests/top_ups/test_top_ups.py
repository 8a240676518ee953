"""Points for money: whatever becomes of the provider's messages, each payment is credited once."""

import asyncio
import json
from typing import Any

import pytest

from subgraphs.store.audit import audit
from tests.clients import Client
from tests.faults.store import FaultyStore
from tests.top_ups.customers import REFUND, SHOW, START, Customers
from tests.top_ups.provider import Mailbox, Provider


async def test_points_come_once_the_provider_says_that_they_are_paid(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer, 1000)
    assert top_up["state"] == "OPEN"
    assert (top_up["points"], top_up["price"], top_up["currency"]) == (1000, 900, "EUR")
    assert top_up["pageUrl"] == provider.of(top_up["id"])["url"]
    assert await customers.entries(customer) == []

    assert await mailbox.send(provider.pay(top_up["id"])) == 200

    paid = await customers.show(customer, top_up["id"])
    assert (paid["state"], paid["pageUrl"]) == ("PAID", None)
    assert paid["creditedAt"] is not None
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]


async def test_the_same_key_opens_one_purchase(customers: Customers, provider: Provider) -> None:
    customer, sessions = await customers.new(), len(provider.sessions)
    answers = await asyncio.gather(*[customers.start(customer, 100, "key") for _ in range(10)])
    assert len({answer["id"] for answer in answers}) == 1
    assert len(provider.sessions) == sessions + 1
    assert await customers.client.code(START, {"n": 101, "key": "key"}, customer) == "IDEMPOTENCY_CONFLICT"


async def test_a_message_that_comes_again_and_again_credits_once(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer)
    session = provider.pay(top_up["id"])
    assert set(await asyncio.gather(*[mailbox.send(session) for _ in range(30)])) == {200}
    assert await mailbox.send(session, "checkout.session.async_payment_succeeded") == 200
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]


async def test_a_lost_message_is_made_up_for_by_asking(customers: Customers, provider: Provider) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer)
    provider.pay(top_up["id"])
    await customers.until(customer, top_up["id"], "PAID")
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]


async def test_a_session_that_is_complete_but_not_paid_yet_is_waited_for(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer)
    assert await mailbox.send(provider.pay(top_up["id"], payment_status="unpaid")) == 200
    assert (await customers.show(customer, top_up["id"]))["state"] == "OPEN"
    await mailbox.send(provider.pay(top_up["id"]), "checkout.session.async_payment_succeeded")
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]


async def test_money_that_comes_after_the_end_counts(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer)
    assert await mailbox.send(provider.expire(top_up["id"]), "checkout.session.expired") == 200
    assert (await customers.show(customer, top_up["id"]))["state"] == "EXPIRED"
    assert await mailbox.send(provider.pay(top_up["id"])) == 200
    assert await mailbox.send({**provider.of(top_up["id"]), "status": "expired", "payment_status": "unpaid"}) == 200
    assert (await customers.show(customer, top_up["id"]))["state"] == "PAID"
    assert await customers.entries(customer) == [("TOP_UP", 1000, 1000)]


@pytest.mark.parametrize("forgery", ["another secret", "another body", "an old message", "a future message"])
async def test_a_forged_message_changes_nothing(
    customers: Customers, provider: Provider, mailbox: Mailbox, forgery: str
) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer)
    paid = {**provider.of(top_up["id"]), "payment_status": "paid", "payment_intent": "pi_forged"}
    options: dict[str, dict[str, Any]] = {
        "another secret": {"secret": "whsec_guessed"},
        "another body": {"signed": json.dumps({"type": "other"}).encode()},
        "an old message": {"age": 301 + 60},
        "a future message": {"age": -301 - 60},
    }
    assert await mailbox.send(paid, **options[forgery]) == 400
    assert (await customers.show(customer, top_up["id"]))["state"] == "OPEN"
    assert await customers.entries(customer) == []


@pytest.mark.parametrize("body", [b"", b"null", b'{"type": "checkout.session.completed"}', b"\xff\xfe", b"[1]"])
async def test_a_signed_message_that_is_none_is_refused(mailbox: Mailbox, body: bytes) -> None:
    assert await mailbox.send_body(body) == 400


async def test_other_messages_and_unknown_top_ups_are_answered_and_ignored(
    customers: Customers, provider: Provider, mailbox: Mailbox
) -> None:
    top_up = await customers.start(await customers.new())
    session = provider.of(top_up["id"])
    assert await mailbox.send({"id": "cus_1", "email": "a@example.com"}, "customer.created") == 200
    assert await mailbox.send({**session, "client_reference_id": "of another shop"}) == 200
    assert await mailbox.send({**session, "client_reference_id": None}) == 200
    assert await mailbox.send_body(b"x" * 70_000) == 413


@pytest.mark.parametrize("changes", [{"amount_total": 1}, {"currency": "jpy"}])
async def test_another_amount_is_not_credited(
    customers: Customers, provider: Provider, mailbox: Mailbox, changes: dict[str, Any]
) -> None:
    customer = await customers.new()
    top_up = await customers.start(customer)
    assert await mailbox.send(provider.pay(top_up["id"], **changes)) == 200
    assert (await customers.show(customer, top_up["id"]))["state"] == "OPEN"
    assert await customers.entries(customer) == []


async def test_while_the_provider_does_not_answer_nothing_is_sold(customers: Customers, provider: Provider) -> None:
    customer = await customers.new()
    provider.is_down = True
    assert await customers.client.code(START, {"n": 500, "key": "again"}, customer) == "UNAVAILABLE"
    provider.is_down = False
    top_up = await customers.start(customer, 500, "again")
    assert top_up["id"] == provider.of(top_up["id"])["client_reference_id"]


@pytest.mark.parametrize("points", [-1, 0, 49, 10_000_001])
async def test_too_few_and_too_many_points_are_not_sold(customers: Customers, points: int) -> None:
    assert await customers.client.code(START, {"n": points, "key": "k"}, await customers.new()) == "BAD_USER_INPUT"


async def test_the_sandbox_is_closed_beside_a_provider(customers: Customers) -> None:
    gift = 'mutation { topUp(amount: 100, idempotencyKey: "k") { balance } }'
    customer = await customers.new()
    assert await customers.client.code(gift, None, customer) == "INVALID_STATE"
    assert await customers.entries(customer) == []


async def test_others_see_no_top_up_and_only_admins_give_money_back(customers: Customers) -> None:
    customer, other = await customers.new(), await customers.new()
    top_up = await customers.start(customer)
    assert (await customers.client.data(SHOW, {"id": top_up["id"]}, other))["out"] is None
    assert await customers.client.code(REFUND, {"id": top_up["id"]}, customer) == "FORBIDDEN"
    client: Client = customers.client
    assert await client.code(REFUND, {"id": top_up["id"]}, await customers.viewers.admin()) == "INVALID_STATE"
    assert await client.code(REFUND, {"id": "none"}, await customers.viewers.admin()) == "NOT_FOUND"


async def test_the_auditor_finds_nothing(selling: FaultyStore) -> None:
    findings = await audit(selling.settings, wait=60)
    assert [finding.invariant for finding in findings if not finding.is_clean] == []
    [top_ups] = [finding for finding in findings if finding.invariant == "PaidTopUpsAreCredited"]
    assert top_ups.checked
