"""Orders on their way through payment: the steps that payment takes here, and the events it announces."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.order import EnterRequest, LeaveRequest, Left, OrderLine, OrderOutcome, PlaceRequest
from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import NotFound, StoreError
from subgraphs.kit.runtime import Runtime
from subgraphs.order.orders.domain import Order, OrderState
from subgraphs.order.orders.quotes import Cart, Quote, Quotes
from subgraphs.order.orders.repository import OrderRepository
from subgraphs.order.wishlist.domain import AlreadyOwned
from subgraphs.order.wishlist.repository import WishlistRepository


class Payments:
    """Takes orders into payments and out of them. All of it works on lists, and may be repeated."""

    def __init__(self, runtime: Runtime, quotes: Quotes) -> None:
        self._database = runtime.database
        self._quotes = quotes

    # ---- a checkout's order is placed straight into its payment

    async def place(self, requests: list[PlaceRequest]) -> list[OrderOutcome]:
        """Places what is not there yet. Nothing is asked or written anew for an order that is."""
        async with self._database.reading() as session:
            placed = await OrderRepository(session).orders([request.order_id for request in requests])
        new = [request for request in requests if request.order_id not in placed]
        refusals: dict[str, OrderOutcome] = {}
        accepted: list[tuple[PlaceRequest, list[OrderLine]]] = []
        for request, quote in zip(new, await self._priced(new), strict=True):
            answer = _answer(request, quote)
            if isinstance(answer, OrderOutcome):
                refusals[request.order_id] = answer
            else:
                accepted.append((request, answer))
        if accepted:
            placed |= await self._add(accepted)
        return [
            refusals.get(request.order_id) or _outcome(placed[request.order_id], request.payment_id)
            for request in requests
        ]

    async def _priced(self, requests: Sequence[PlaceRequest]) -> list[Quote]:
        """A quote for each request; peers are asked about the well-formed ones only."""
        quotes: dict[str, Quote] = {}
        carts: dict[str, Cart] = {}
        for request in requests:
            cart = Cart(request.user_id, request.product_ids, request.claim_ids)
            try:
                cart.check()
            except StoreError as error:
                quotes[request.order_id] = error
            else:
                carts[request.order_id] = cart
        asked = await self._quotes.of(list(carts.values()))
        quotes |= dict(zip(carts, asked, strict=True))
        return [quotes[request.order_id] for request in requests]

    @retry_on_conflict
    async def _add(self, accepted: Sequence[tuple[PlaceRequest, list[OrderLine]]]) -> dict[str, Order]:
        """Adds orders; of those that have come (or were given up) meanwhile, what is there counts."""
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            now = await repository.now()
            new = {
                request.order_id: Order.new(request.order_id, request.user_id, lines, now, request.payment_id)
                for request, lines in accepted
            }
            await repository.add_missing(list(new.values()))
            placed = await repository.whole(await repository.lock(new))
            added = [new[order.id] for order in placed.values() if order.placed and not order.lines]
            await repository.add_lines(added)
            return placed | {order.id: order for order in added}

    # ---- a placed order enters a payment

    async def enter(self, requests: list[EnterRequest]) -> list[OrderOutcome]:
        async with self._database.reading() as session:
            orders = await OrderRepository(session).orders([request.order_id for request in requests])
        known = [request for request in requests if _is_of_its_user(orders.get(request.order_id), request)]
        wanted = [(request.user_id, orders[request.order_id].product_ids) for request in known]
        owned = await self._quotes.owned(wanted)
        entered = await self._enter(known, dict(zip([r.order_id for r in known], owned, strict=True)))
        unknown = _refused(NotFound("There is no such order of yours."))
        return [entered.get(request.payment_id, unknown) for request in requests]

    @retry_on_conflict
    async def _enter(self, requests: Sequence[EnterRequest], owned: Mapping[str, list[str]]) -> dict[str, OrderOutcome]:
        """The outcomes by payment. `owned` tells which products of an order its user owns."""
        if not requests:
            return {}
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            orders = await repository.whole(await repository.lock([request.order_id for request in requests]))
            left = await repository.left([request.payment_id for request in requests])
            outcomes: dict[str, OrderOutcome] = {}
            entering: dict[str, str] = {}
            for request in requests:
                order = orders[request.order_id]
                may_enter = order.state is OrderState.READY and request.payment_id not in left
                mine = [one for one in owned[order.id] if one in order.product_ids]
                if may_enter and mine:
                    outcomes[request.payment_id] = OrderOutcome(kind="already_owned", product_ids=mine)
                    continue
                if may_enter:
                    entering[order.id] = request.payment_id
                    order = replace(order, state=OrderState.ORDERED, payment_id=request.payment_id)
                    orders[order.id] = order
                outcomes[request.payment_id] = _outcome(order, request.payment_id)
            await repository.enter(entering)
            return outcomes

    # ---- an order leaves a payment, or is paid

    async def leave(self, requests: list[LeaveRequest]) -> list[Left]:
        await self._leave(requests)
        return [Left() for _ in requests]

    @retry_on_conflict
    async def _leave(self, requests: Sequence[LeaveRequest]) -> None:
        async with self._database.transaction() as session:
            await _take_out(OrderRepository(session), requests)

    async def apply_cancelled(self, session: AsyncSession, events: list[PaymentCancelled]) -> None:
        """Orders of payments that were cancelled, or have expired, can be paid anew."""
        requests = [LeaveRequest(e.order_id, e.payment_id, e.user_id, cancel=False) for e in events]
        await _take_out(OrderRepository(session), requests)

    async def apply_paid(self, session: AsyncSession, events: list[PaymentPaid]) -> None:
        """Orders are PAID, and what was bought is wished for no more."""
        repository = OrderRepository(session)
        orders = await repository.lock([event.order_id for event in events])
        payments = {event.payment_id for event in events}
        paid = [order.id for order in orders.values() if order.payment_id in payments]
        await repository.set_state(paid, OrderState.PAID)
        bought = {(event.user_id, line.product_id) for event in events for line in event.lines}
        await WishlistRepository(session).remove(bought)


async def _take_out(repository: OrderRepository, requests: Sequence[LeaveRequest]) -> None:
    now = await repository.now()
    orders = await repository.lock([request.order_id for request in requests])
    missing = [request for request in requests if request.order_id not in orders]
    if missing:
        await repository.add_missing([Order.given_up(r.order_id, r.user_id, now) for r in missing])
        # An order that has come meanwhile is there now, and leaves like the others.
        orders |= await repository.lock([request.order_id for request in missing])
    await repository.leave([request.payment_id for request in requests], now)
    leaving = [request for request in requests if _can_leave(orders[request.order_id], request)]
    for cancel, state in ((False, OrderState.READY), (True, OrderState.CANCELLED)):
        await repository.set_state([r.order_id for r in leaving if r.cancel is cancel], state)


def _can_leave(order: Order, request: LeaveRequest) -> bool:
    """READY too when it is to be cancelled: the event of the same payment may have come first."""
    states = (OrderState.ORDERED, OrderState.READY) if request.cancel else (OrderState.ORDERED,)
    return order.payment_id == request.payment_id and order.state in states


def _is_of_its_user(order: Order | None, request: EnterRequest) -> bool:
    return order is not None and order.placed and order.user_id == request.user_id


def _answer(request: PlaceRequest, quote: Quote) -> list[OrderLine] | OrderOutcome:
    """The lines to place, or why there is nothing to place."""
    if isinstance(quote, StoreError):
        return _refused(quote)
    if isinstance(quote, AlreadyOwned):
        return OrderOutcome(kind="already_owned", product_ids=quote.product_ids)
    total = sum(line.points for line in quote)
    if request.expected_total not in (None, total):
        return OrderOutcome(kind="price_changed", total=total, lines=quote)
    return quote


def _outcome(order: Order, payment_id: str) -> OrderOutcome:
    """How an order looks to a payment that wants it."""
    if not order.is_in(payment_id):
        return _refused(order.not_ready)
    return OrderOutcome(kind="ready", total=order.total_points, lines=list(order.lines))


def _refused(error: StoreError) -> OrderOutcome:
    return OrderOutcome(kind="refused", code=error.code, message=error.message)
