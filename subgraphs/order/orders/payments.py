"""What payment does with orders, by commands and by events."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias, assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.order import AttachRequest, Detached, DetachRequest, OrderLine, OrderOutcome, PlaceRequest
from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import NotFound, StoreError
from subgraphs.kit.runtime import Runtime
from subgraphs.order.orders.cart import Cart, at_expected_total
from subgraphs.order.orders.domain import Order, PriceChanged
from subgraphs.order.orders.quotes import Quotes
from subgraphs.order.orders.repository import OrderRepository
from subgraphs.order.wishlist.domain import AlreadyOwned, Withdrawn
from subgraphs.order.wishlist.service import Wishlist

Result: TypeAlias = Order | AlreadyOwned | Withdrawn | PriceChanged | StoreError
"""The order that a payment asked for, or why it cannot have it."""


class OrderPayments:
    """Attaches orders to payments and detaches them. Every method takes a list and is idempotent."""

    def __init__(self, runtime: Runtime, quotes: Quotes, wishlist: Wishlist) -> None:
        self._database = runtime.database
        self._inbox = runtime.inbox
        self._quotes = quotes
        self._wishlist = wishlist

    # ---- place an order for a checkout

    async def place(self, requests: list[PlaceRequest]) -> list[OrderOutcome]:
        """Places orders at today's prices, attached to their payments. Existing orders are returned as they are."""
        async with self._database.reading() as session:
            placed = await OrderRepository(session).by_ids([request.order_id for request in requests])
        results: dict[str, Result] = {**placed}
        new = [request for request in requests if request.order_id not in placed]
        quotes = await self._quotes.of([_cart(request) for request in new])
        accepted: list[tuple[PlaceRequest, list[OrderLine]]] = []
        for request, quote in zip(new, quotes, strict=True):
            checked = at_expected_total(quote, request.expected_total)
            if isinstance(checked, list):
                accepted.append((request, checked))
            else:
                results[request.order_id] = checked
        results |= await self._add(accepted)
        return [outcome_of(results[request.order_id], request.payment_id) for request in requests]

    @retry_on_conflict
    async def _add(self, accepted: Sequence[tuple[PlaceRequest, list[OrderLine]]]) -> dict[str, Order]:
        """Adds orders. Where one was placed or given up meanwhile, the stored row wins."""
        if not accepted:
            return {}
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            now = await repository.now()
            new = {
                request.order_id: Order.new(
                    request.order_id, request.user_id, lines, now, payment_id=request.payment_id
                )
                for request, lines in accepted
            }
            await repository.add_missing(list(new.values()))
            stored = await repository.with_lines(await repository.lock(new))
            added = [new[order.id] for order in stored.values() if order.placed and not order.lines]
            await repository.add_lines(added)
            return stored | {order.id: order for order in added}

    # ---- attach a placed order to a payment

    async def attach(self, requests: list[AttachRequest]) -> list[OrderOutcome]:
        """Attaches READY orders to payments, unless their users own some of the products, or some are withdrawn.

        Raises Unavailable.
        """
        async with self._database.reading() as session:
            orders = await OrderRepository(session).by_ids([request.order_id for request in requests])
        known = [request for request in requests if _is_of_its_user(orders.get(request.order_id), request)]
        # Where another payment still has the order, its user may have cancelled that one just now.
        taken = {r.user_id for r in known if orders[r.order_id].is_taken_from(r.payment_id)}
        await self._inbox.catch_up(*taken)
        owned, withdrawn = await asyncio.gather(
            self._quotes.owned([(r.user_id, orders[r.order_id].product_ids) for r in known]),
            self._quotes.withdrawn({product for r in known for product in orders[r.order_id].product_ids}),
        )
        attached = await self._attach(known, owned, withdrawn)
        unknown = NotFound("You have no such order.")
        return [outcome_of(attached.get(request.payment_id, unknown), request.payment_id) for request in requests]

    @retry_on_conflict
    async def _attach(
        self, requests: Sequence[AttachRequest], owned: Mapping[str, set[str]], withdrawn: Collection[str]
    ) -> dict[str, Result]:
        """The results by payment. `owned` has the products that users own, by user."""
        if not requests:
            return {}
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            orders = await repository.with_lines(await repository.lock([r.order_id for r in requests]))
            detached = await repository.detached([request.payment_id for request in requests])
            before, results = dict(orders), dict[str, Result]()
            for request in requests:
                result = orders[request.order_id].attached(
                    request.payment_id, owned[request.user_id], withdrawn, detached=request.payment_id in detached
                )
                if isinstance(result, Order):
                    orders[result.id] = result
                results[request.payment_id] = result
            await repository.save_attached(_changed(before, orders))
            return results

    # ---- detach an order from a payment, or learn that it is paid

    @retry_on_conflict
    async def detach(self, requests: list[DetachRequest]) -> list[Detached]:
        """Detaches orders from payments that will not be paid."""
        async with self._database.transaction() as session:
            await _detach(OrderRepository(session), requests)
        return [Detached() for _ in requests]

    async def apply_cancelled(self, session: AsyncSession, events: list[PaymentCancelled]) -> None:
        """Makes the orders of cancelled and expired payments READY again."""
        requests = [
            DetachRequest(order_id=event.order_id, payment_id=event.payment_id, user_id=event.user_id, cancel=False)
            for event in events
        ]
        await _detach(OrderRepository(session), requests)

    async def apply_paid(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        """Makes orders PAID, and removes what was bought from the wishlists."""
        await OrderRepository(session).save_paid({event.order_id: event.payment_id for event in events})
        bought = {(event.user_id, line.product_id) for event in events for line in event.lines}
        await self._wishlist.remove_bought(session, bought)


async def _detach(repository: OrderRepository, requests: Sequence[DetachRequest]) -> None:
    now = await repository.now()
    orders = await repository.lock([request.order_id for request in requests])
    # A checkout's own order may still be on its way. The order of a start was placed before, or there is none.
    missing = [request for request in requests if request.cancel and request.order_id not in orders]
    if missing:
        await repository.add_missing([Order.tombstone(r.order_id, r.user_id, now) for r in missing])
        # Where an order was placed meanwhile, it is found now and detached like the others.
        orders |= await repository.lock([request.order_id for request in missing])
    await repository.mark_detached([request.payment_id for request in requests], now)
    before = dict(orders)
    for request in requests:
        if request.order_id in orders:
            orders[request.order_id] = orders[request.order_id].detached(request.payment_id, cancel=request.cancel)
    await repository.save_states(_changed(before, orders))


def _changed(before: Mapping[str, Order], after: Mapping[str, Order]) -> list[Order]:
    return [order for order in after.values() if order != before[order.id]]


def _cart(request: PlaceRequest) -> Cart:
    return Cart(user_id=request.user_id, product_ids=request.product_ids, claim_ids=request.claim_ids)


def _is_of_its_user(order: Order | None, request: AttachRequest) -> bool:
    return order is not None and order.placed and order.user_id == request.user_id


def outcome_of(result: Result, payment_id: str) -> OrderOutcome:
    """What payment is told about an order that it asked for."""
    match result:
        case Order():
            if not result.is_in(payment_id):
                return _refused(result.not_ready)
            return OrderOutcome(kind="ready", total=result.total_points, lines=list(result.lines))
        case AlreadyOwned():
            return OrderOutcome(kind="already_owned", product_ids=result.product_ids)
        case Withdrawn():
            return OrderOutcome(kind="withdrawn", product_ids=result.product_ids)
        case PriceChanged():
            return OrderOutcome(kind="price_changed", total=result.total_points, lines=result.lines)
        case StoreError():
            return _refused(result)
        case _:
            assert_never(result)


def _refused(error: StoreError) -> OrderOutcome:
    return OrderOutcome(kind="refused", code=error.code, message=error.message)
