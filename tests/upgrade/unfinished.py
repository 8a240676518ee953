"""The unfinished part of a sample: work in progress when its store is killed."""

import uuid

from subgraphs.kit.failpoints import Fault
from tests.clients import eventually
from tests.upgrade.builder import CANCEL, CHECKOUT, PAY, PLAY, REFUND, START, SampleBuilder, new_key

CONSUMERS = ("order", "stock", "library")


async def leave_checkouts(builder: SampleBuilder) -> None:
    """Checkouts at PLACING, HOLDING and UNDOING, and a payment being started. The sweeper must not run yet."""
    for name in ("asking", "placing", "holding", "undoing", "starting"):
        await builder.account(name, points=1 if name == "undoing" else 100_000)
    scarce = await builder.game(units=9)
    sale_game = await builder.game()
    claim = await builder.claim("holding", await builder.sale(sale_game, units=4))
    order = await builder.place_order("starting", scarce)

    async def checkout(name: str, point: str, *games: str, **options: object) -> None:
        wanted = {"productIds": list(games), "idempotencyKey": new_key(), **options}
        await builder.interrupt(name, point, CHECKOUT, input=wanted)

    await checkout("asking", "asking order", await builder.game(), expectedTotal=1)
    await checkout("placing", "checkout: placed", scarce)
    await checkout("holding", "checkout: held", scarce, sale_game, claimIds=[claim])
    await checkout("undoing", "undo: released", scarce)
    await builder.interrupt("starting", "checkout: held", START, id=order, key=new_key())


async def leave_refunds(builder: SampleBuilder) -> None:
    """Refunds at REVOKING: before and after library revokes, and one whose game is then played."""

    async def refund(name: str, point: str) -> str:
        await builder.account(name)
        game = await builder.game(units=2)
        payment = await builder.buy(name, game)
        await builder.interrupt(name, point, REFUND, id=payment, products=None, key=new_key())
        return game

    await refund("returning", "refund: reserved")
    await refund("returned", "refund: revoked")
    played = await refund("playing", "refund: reserved")
    await builder.do("playing", "Play", PLAY, id=played)


async def leave_dead_letter(builder: SampleBuilder) -> None:
    """An event that no consumer could decode. An operator has repaired it but not replayed it."""
    await builder.account("unheard")
    payment = await builder.start_payment("unheard", await builder.game(units=2))
    await _drain_outbox(builder)
    _stop_relay(builder)
    await builder.do("unheard", "Payment", PAY, id=payment)
    [(builder.dead_letter, payload)] = await builder.sql("payment", "SELECT event_id, payload FROM outbox")
    await builder.sql("payment", "UPDATE outbox SET payload = :half", half=payload[: len(payload) // 2])
    builder.store.kill("payment")
    await builder.store.heal()
    for consumer in CONSUMERS:

        async def has_given_up(consumer: str = consumer) -> bool:
            return bool(await builder.sql(consumer, "SELECT event_id FROM dead_letters"))

        await eventually(has_given_up, 120)
        await builder.sql(consumer, "UPDATE dead_letters SET payload = :whole", whole=payload)


async def leave_unpaid(builder: SampleBuilder) -> None:
    """A payment and a claim that stay open for decades."""
    for name in ("patient", "claimant"):
        await builder.account(name)
    builder.ready_payment = await builder.start_payment("patient", await builder.game(units=1))
    game = await builder.game()
    builder.held_claim = {"id": await builder.claim("claimant", await builder.sale(game, units=1)), "product": game}


async def leave_events(builder: SampleBuilder, lapsing: dict[str, str]) -> None:
    """An event that library has not applied, and events that were never relayed. This step must be the last.

    `lapsing` holds the short lifetimes of a payment, a claim and a refund that end soon after.
    """
    for name in ("unconfirmed", "unrelayed", "undone", "lapsing", "refunded"):
        await builder.account(name)
    payments = {
        name: await builder.start_payment(name, await builder.game(units=1))
        for name in ("unconfirmed", "unrelayed", "undone")
    }
    bought = await builder.buy("refunded", await builder.game(units=1))
    sale = await builder.sale(await builder.game(), units=3)
    await builder.serve("payment", checkout_overdue="3600", **lapsing)
    await builder.serve("stock", **lapsing)
    await builder.start_payment("lapsing", await builder.game(units=1))
    await builder.claim("lapsing", sale)
    await builder.refund("refunded", bought)
    await _drain_outbox(builder)
    builder.store.kill("library")
    await builder.do("unconfirmed", "Payment", PAY, id=payments["unconfirmed"])

    async def was_relayed_again() -> bool:
        rows = await builder.sql("payment", "SELECT id FROM outbox WHERE relays >= 3 AND relayed_at IS NOT NULL")
        return bool(rows)

    await eventually(was_relayed_again, 60)
    _stop_relay(builder)
    await builder.do("unrelayed", "Payment", PAY, id=payments["unrelayed"])
    await builder.do("undone", "Payment", CANCEL, id=payments["undone"])


def _stop_relay(builder: SampleBuilder) -> None:
    """Stops payment's relay with a failpoint."""
    builder.store.arm("payment", Fault(uuid.uuid4().hex, "relay: before", "delay", seconds=3600))


async def _drain_outbox(builder: SampleBuilder) -> None:
    """Waits until every consumer has applied every event."""

    async def is_quiet() -> bool:
        return not await builder.sql("payment", "SELECT id FROM outbox")

    await eventually(is_quiet, 60)
