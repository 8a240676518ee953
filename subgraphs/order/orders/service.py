"""What users do with orders: place, change and cancel them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from subgraphs.contracts.order import OrderLine
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import IdempotencyConflict, InvalidState, NotFound, StoreError
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.idempotency import checked_key, request_hash
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.order.orders.cart import Cart
from subgraphs.order.orders.domain import NotOnWishlist, Order, OrderState, Request
from subgraphs.order.orders.quotes import Quotes
from subgraphs.order.orders.repository import OrderRepository
from subgraphs.order.wishlist.domain import AlreadyOwned, Withdrawn
from subgraphs.order.wishlist.service import Wishlist


class Orders:
    """The orders of users."""

    def __init__(self, runtime: Runtime, quotes: Quotes, wishlist: Wishlist) -> None:
        self._database = runtime.database
        self._inbox = runtime.inbox
        self._quotes = quotes
        self._wishlist = wishlist

    # ---- reading

    async def by_ids(self, ids: list[str]) -> list[Order | None]:
        """The orders with these ids, in the same order. The caller checks whose they are."""
        orders = await self._read(ids)
        if await self._caught_up(orders.values()):
            orders = await self._read(ids)
        found = [orders.get(order_id) for order_id in ids]
        return [order if order is not None and order.placed else None for order in found]

    async def page(self, user_id: str, page_request: PageRequest) -> Page[Order]:
        """A user's orders, newest first."""
        page = await self._page(user_id, page_request)
        if await self._caught_up(page.rows):
            page = await self._page(user_id, page_request)
        return page

    async def count(self, user_id: str) -> int:
        """How many orders a user has."""
        async with self._database.reading() as session:
            return await OrderRepository(session).count(user_id)

    async def _read(self, ids: list[str]) -> dict[str, Order]:
        async with self._database.reading() as session:
            return await OrderRepository(session).by_ids(ids)

    async def _page(self, user_id: str, page_request: PageRequest) -> Page[Order]:
        async with self._database.reading() as session:
            return await OrderRepository(session).page(user_id, page_request)

    async def _caught_up(self, orders: Iterable[Order]) -> bool:
        """Catches up with the users whose orders are being paid. Whether there were any: then read again."""
        users = {order.user_id for order in orders if order.state is OrderState.ORDERED}
        await self._inbox.catch_up_if_possible(*users)
        return bool(users)

    # ---- placing

    async def place(
        self, viewer: Viewer, product_ids: Sequence[str], claim_ids: Sequence[str], idempotency_key: str
    ) -> Order | NotOnWishlist | AlreadyOwned | Withdrawn:
        """A new order at today's prices. Idempotent by the key.

        Raises BadUserInput, LimitExceeded, NotFound, InvalidState, IdempotencyConflict, Unavailable.
        """
        cart = Cart(user_id=viewer.id, product_ids=product_ids, claim_ids=claim_ids)
        with InputCheck() as check:
            with check.part():
                cart.check()
            key_hash = check.value(checked_key, idempotency_key)
        request = Request(viewer.id, key=key_hash, hash=request_hash(product_ids, claim_ids))
        await self._inbox.catch_up(viewer.id)
        async with self._database.reading() as session:
            placed = await _placed_before(OrderRepository(session), request)
            wished = await self._wishlist.wished(session, viewer.id, product_ids)
        if placed is not None:
            return placed
        (quote,) = await self._quotes.of([cart], fresh=True)
        if isinstance(quote, StoreError):
            raise quote
        if isinstance(quote, AlreadyOwned | Withdrawn):
            return quote
        unwished = [line.product_id for line in quote if not line.claim_id and line.product_id not in wished]
        if unwished:
            return NotOnWishlist(unwished)
        return await self._add(quote, request)

    @retry_on_conflict
    async def _add(self, lines: Sequence[OrderLine], request: Request) -> Order:
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            order = Order.new(new_id(), request.user_id, lines, await repository.now(), request=request)
            await repository.add_missing([order])
            placed = await _placed_before(repository, request)
            if placed is not None and placed.id != order.id:
                return placed  # the same request was sent twice at once, and the other one came first
            await repository.add_lines([order])
            return order

    # ---- changing

    async def remove_line(self, viewer: Viewer, order_id: str, product_id: str) -> Order:
        """The order without the product. Raises NotFound, InvalidState, Unavailable."""
        return await self._change(viewer, lambda: self._remove_line(viewer, order_id, product_id))

    @retry_on_conflict
    async def _remove_line(self, viewer: Viewer, order_id: str, product_id: str) -> Order:
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            order = (await _locked(repository, viewer, order_id)).without(product_id)
            await repository.remove_line(order.id, product_id, order.total_points)
            return order

    async def cancel(self, viewer: Viewer, order_id: str) -> Order:
        """The order, cancelled. Idempotent. Raises NotFound, InvalidState, Unavailable."""
        return await self._change(viewer, lambda: self._cancel(viewer, order_id))

    @retry_on_conflict
    async def _cancel(self, viewer: Viewer, order_id: str) -> Order:
        async with self._database.transaction() as session:
            repository = OrderRepository(session)
            order = (await _locked(repository, viewer, order_id)).cancelled()
            await repository.save_states([order])
            return order

    async def _change(self, viewer: Viewer, change: Callable[[], Awaitable[Order]]) -> Order:
        """Makes a change. If the order's state forbids it, the viewer may have cancelled the payment just now."""
        try:
            return await change()
        except InvalidState:
            await self._inbox.catch_up(viewer.id)
            return await change()


async def _placed_before(repository: OrderRepository, request: Request) -> Order | None:
    """The order that the request placed before. Raises IdempotencyConflict when its key was another request's."""
    order = await repository.by_key(request.user_id, request.key)
    if order is not None and order.request != request:
        raise IdempotencyConflict
    return order


async def _locked(repository: OrderRepository, viewer: Viewer, order_id: str) -> Order:
    """The viewer's order with its lines. Raises NotFound."""
    order = (await repository.with_lines(await repository.lock([order_id]))).get(order_id)
    if order is None or order.user_id != viewer.id or not order.placed:
        raise NotFound("You have no such order.")
    return order
