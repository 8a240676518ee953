"""What has not come to rest when the sample is made."""

import uuid

from subgraphs.kit.failpoints import Fault
from tests.clients import eventually
from tests.upgrade.world import CANCEL, CHECKOUT, PAY, PLAY, REFUND, START, Making, new_key

CONSUMERS = ("order", "stock", "library")


async def leave_checkouts(making: Making) -> None:
    """Checkouts at PLACING, HOLDING and UNDOING, and a payment that was being started. No sweeper finds them."""
    for name in ("asking", "placing", "holding", "undoing", "starting"):
        await making.account(name, points=1 if name == "undoing" else 100_000)
    scarce = await making.game(units=9)
    sale_game = await making.game()
    claim = await making.claimed("holding", await making.sale(sale_game, units=4))
    order = await making.orders("starting", scarce)

    async def checkout(name: str, point: str, *games: str, **options: object) -> None:
        wanted = {"productIds": list(games), "idempotencyKey": new_key(), **options}
        await making.caught(name, point, CHECKOUT, input=wanted)

    await checkout("asking", "asking order", await making.game(), expectedTotal=1)
    await checkout("placing", "checkout: placed", scarce)
    await checkout("holding", "checkout: held", scarce, sale_game, claimIds=[claim])
    await checkout("undoing", "undo: released", scarce)
    await making.caught("starting", "checkout: held", START, id=order, key=new_key())


async def leave_refunds(making: Making) -> None:
    """Refunds at REVOKING: before and after library has revoked, and one whose game was played meanwhile."""

    async def refund(name: str, point: str) -> str:
        await making.account(name)
        game = await making.game(units=2)
        payment = await making.buys(name, game)
        await making.caught(name, point, REFUND, id=payment, products=None, key=new_key())
        return game

    await refund("returning", "refund: reserved")
    await refund("returned", "refund: revoked")
    played = await refund("playing", "refund: reserved")
    await making.do("playing", "Play", PLAY, id=played)


async def leave_dead_letter(making: Making) -> None:
    """An event that no consumer could read, and that an operator has repaired since, but not replayed."""
    await making.account("unheard")
    payment = await making.starts("unheard", await making.game(units=2))
    await _quiet(making)
    _stop_relay(making)
    await making.do("unheard", "Payment", PAY, id=payment)
    [(making.dead_letter, payload)] = await making.sql("payment", "SELECT event_id, payload FROM outbox")
    await making.sql("payment", "UPDATE outbox SET payload = :half", half=payload[: len(payload) // 2])
    making.store.kill("payment")
    await making.store.heal()
    for consumer in CONSUMERS:

        async def has_given_up(consumer: str = consumer) -> bool:
            return bool(await making.sql(consumer, "SELECT event_id FROM dead_letters"))

        await eventually(has_given_up, 120)
        await making.sql(consumer, "UPDATE dead_letters SET payload = :whole", whole=payload)


async def leave_unpaid(making: Making) -> None:
    """A payment that can be paid, and a claim that can be bought, for decades."""
    for name in ("patient", "claimant"):
        await making.account(name)
    making.ready_payment = await making.starts("patient", await making.game(units=1))
    game = await making.game()
    making.held_claim = {"id": await making.claimed("claimant", await making.sale(game, units=1)), "product": game}


async def leave_events(making: Making, lapsing: dict[str, str]) -> None:
    """An event that library has not applied, and events that were never relayed. Nothing may happen after this.

    `lapsing` are settings for what has little time left: a payment, a claim, and a refund to be paid back.
    """
    for name in ("unconfirmed", "unrelayed", "undone", "lapsing", "refunded"):
        await making.account(name)
    payments = {
        name: await making.starts(name, await making.game(units=1)) for name in ("unconfirmed", "unrelayed", "undone")
    }
    bought = await making.buys("refunded", await making.game(units=1))
    sale = await making.sale(await making.game(), units=3)
    await making.serve("payment", checkout_overdue="3600", **lapsing)
    await making.serve("stock", **lapsing)
    await making.starts("lapsing", await making.game(units=1))
    await making.claimed("lapsing", sale)
    await making.refunds("refunded", bought)
    await _quiet(making)
    making.store.kill("library")
    await making.do("unconfirmed", "Payment", PAY, id=payments["unconfirmed"])

    async def was_relayed_again() -> bool:
        rows = await making.sql("payment", "SELECT id FROM outbox WHERE relays >= 3 AND relayed_at IS NOT NULL")
        return bool(rows)

    await eventually(was_relayed_again, 60)
    _stop_relay(making)
    await making.do("unrelayed", "Payment", PAY, id=payments["unrelayed"])
    await making.do("undone", "Payment", CANCEL, id=payments["undone"])


def _stop_relay(making: Making) -> None:
    """Payment relays no event from now on."""
    making.store.arm("payment", Fault(uuid.uuid4().hex, "relay: before", "delay", seconds=3600))


async def _quiet(making: Making) -> None:
    """Waits until all events have been applied by all consumers."""

    async def is_quiet() -> bool:
        return not await making.sql("payment", "SELECT id FROM outbox")

    await eventually(is_quiet, 60)
