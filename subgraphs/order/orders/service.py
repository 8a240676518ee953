"""The rules of orders: placing them, and what their user may change before they are paid."""

from collections.abc import Sequence
from dataclasses import replace

from subgraphs.contracts.order import OrderLine
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import IdempotencyConflict, InvalidState, NotFound, StoreError
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.idempotency import checked_key, request_hash
from subgraphs.kit.runtime import Runtime
from subgraphs.order.orders.domain import NotOnWishlist, Order, OrderState, Request
from subgraphs.order.orders.quotes import Cart, Quotes
from subgraphs.order.orders.repository import OrderRepository
from subgraphs.order.wishlist.domain import AlreadyOwned
from subgraphs.order.wishlist.repository import WishlistRepository


class Orders:
    """What users order."""

    def __init__(self, runtime: Runtime, quotes: Quotes) -> None:
        self._database = runtime.database
        self._quotes = quotes

    # ---- reading

    async def by_id(self, ids: list[str]) -> list[Order | None]:
        """The orders of these ids, in their order; whose they are is for the caller to check."""
        async with self._database.reading() as session:
            orders = await OrderRepository(session).orders(ids)
        found = [orders.get(order_id) for order_id in ids]
        return [order if order is not None and order.placed else None for order in found]

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Order]:
        """A user's orders, the newest first."""
        async with self._database.reading() as session:
            return await OrderRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await OrderRepository(session).count(user_id)

    # ---- placing

    async def place(
        self, user_id: str, product_ids: Sequence[str], claim_ids: Sequence[str], idempotency_key: str
    ) -> Order | NotOnWishlist | AlreadyOwned:
        """An order at today's prices, which it keeps. The same request again gives the same order.

        Raises BadUserInput, LimitExceeded, NotFound, InvalidState, IdempotencyConflict.
        """
        cart = Cart(user_id, product_ids, claim_ids)
        cart.check()
        request = Request(user_id, checked_key(idempotency_key), request_hash(product_ids, claim_ids))
        async with self._database.reading() as session:
            placed = await _placed_before(OrderRepository(session), request)
            wished = await WishlistRepository(session).find(user_id, product_ids)
        if placed is not None:
            return placed
        quote = (await self._quotes.of([cart]))[0]
        if isinstance(quote, StoreError):
            raise quote
        if isinstance(quote, AlreadyOwned):
            return quote
        unwished = [line.product_id for line in quote if not line.claim_id and line.product_id not in wished]
        if unwished:
            return NotOnWishlist(unwished)
        return await self._add(user_id, quote, request)

    @retry_on_conflict
    async def _add(self, user_id: str, lines: Sequence[OrderLine], request: Request) -> Order:
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            order = Order.new(new_id(), user_id, lines, await repository.now())
            await repository.add_missing([order], request)
            placed = await _placed_before(repository, request)
            assert placed is not None
            if placed.id != order.id:
                return placed  # the same request, sent twice at once: the other one was faster
            await repository.add_lines([order])
            return order

    # ---- changing

    @retry_on_conflict
    async def remove_line(self, user_id: str, order_id: str, product_id: str) -> Order:
        """The order without the product. Raises NotFound, InvalidState."""
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            order = await _locked(repository, user_id, order_id)
            _require_ready(order)
            lines = tuple(line for line in order.lines if line.product_id != product_id)
            if len(lines) == len(order.lines):
                raise NotFound("There is no such product in the order.")
            if not lines:
                raise InvalidState("The last product cannot be removed. Cancel the order instead.")
            total = sum(line.points for line in lines)
            await repository.remove_line(order.id, product_id, total)
            return replace(order, lines=lines, total_points=total)

    @retry_on_conflict
    async def cancel(self, user_id: str, order_id: str) -> Order:
        """The order, cancelled (also when it was before). Raises NotFound, InvalidState."""
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            order = await _locked(repository, user_id, order_id)
            if order.state is OrderState.CANCELLED:
                return order
            _require_ready(order)
            await repository.set_state([order.id], OrderState.CANCELLED)
            return replace(order, state=OrderState.CANCELLED)


async def _placed_before(repository: OrderRepository, request: Request) -> Order | None:
    """The order that the same request placed. Raises IdempotencyConflict when it was another request."""
    before = await repository.requested(request)
    if before is None:
        return None
    order_id, asked = before
    if asked != request.hash:
        raise IdempotencyConflict
    return (await repository.orders([order_id]))[order_id]


async def _locked(repository: OrderRepository, user_id: str, order_id: str) -> Order:
    """The user's order, whole. Raises NotFound."""
    order = (await repository.whole(await repository.lock([order_id]))).get(order_id)
    if order is None or order.user_id != user_id or not order.placed:
        raise NotFound("There is no such order of yours.")
    return order


def _require_ready(order: Order) -> None:
    if order.state is not OrderState.READY:
        raise order.not_ready
