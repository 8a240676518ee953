"""Those who use the store in a schedule: customers who want the same few things, and the developer who sells them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import aiohttp

from subgraphs.kit.database.database import INFRASTRUCTURE
from subgraphs.kit.errors import StoreError, Unavailable
from subgraphs.kit.web.auth import Viewer
from subgraphs.order.orders.domain import Order
from subgraphs.payment.payments.domain import Payment, PaymentState
from subgraphs.product.discounts.domain import Discount
from subgraphs.stock.claims.domain import ClaimWithSale
from tests.simulate.catalogue import POINTS, Catalogue
from tests.simulate.world import World

RESTS = (0.0, 0.1, 0.4, 1.0, 2.0)
ATTEMPTS = 3
ACTS = 4
THEMES = 4
UNKNOWN = (aiohttp.ClientError, TimeoutError, Unavailable, *INFRASTRUCTURE)
"""Errors after which nobody knows whether something was done. A customer then asks again, with the same key."""
Work = Callable[[Any], Coroutine[Any, Any, Any]]


@dataclass
class Customer:
    """Does some acts, one after the other, each as choices say."""

    world: World
    catalogue: Catalogue
    viewer: Viewer
    theme: int
    """What the customers of this schedule are busy with: everything, or just something."""
    all_at_once: bool
    """Whether a customer begins all acts together, as in several windows of a browser."""
    claims: list[str] = field(default_factory=list)
    payments: list[str] = field(default_factory=list)
    _keys: int = 0

    async def act(self) -> None:
        everything = (self.check_out, self.claim, self.order, self.refund, self.play, self.release)
        acts = (everything, (self.check_out,), (self.check_out, self.claim), (self.order, self.refund))[self.theme]
        chosen = [acts[self._pick("act", len(acts))] for _ in range(ACTS)]
        if self.all_at_once:
            await asyncio.gather(*[self._after_a_rest(act) for act in chosen])
        else:
            for act in chosen:
                await self._after_a_rest(act)

    async def _after_a_rest(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self.rest()
        await act()

    # ---- the acts

    async def rest(self) -> None:
        await asyncio.sleep(RESTS[self._pick("rest", len(RESTS))])

    async def check_out(self) -> None:
        (products, claims), key = self._cart(), self._key()
        total = POINTS * len(products)
        expected = (None, total, total // 2)[self._pick("expectation", 3)]
        result = await self._ask(
            "payment",
            f"checkout {key}",
            lambda service: service.checkouts.checkout(self.viewer, products, claims, expected, key),
        )
        if isinstance(result, Payment):
            self.payments.append(result.id)

    async def claim(self) -> None:
        sale = self.catalogue.sale
        result = await self._ask("stock", "claim", lambda service: service.claims.claim(self.viewer, sale))
        if isinstance(result, ClaimWithSale):
            self.claims.append(result.claim.id)

    async def release(self) -> None:
        if self.claims:
            claim = self.claims[-1]
            await self._ask("stock", "release", lambda service: service.claims.release(self.viewer, claim))

    async def order(self) -> None:
        """Places an order, starts its payment, and then pays, cancels, or leaves it unpaid."""
        (products, claims), key = self._cart(), self._key()
        for product in products:
            await self._wish(product)
        order = await self._ask(
            "order", f"order {key}", lambda service: service.orders.place(self.viewer, products, claims, key)
        )
        if not isinstance(order, Order):
            return
        await self.rest()
        payment = await self._ask(
            "payment", f"start {key}", lambda service: service.checkouts.start(self.viewer, order.id, key)
        )
        if isinstance(payment, Payment):
            await self.rest()
            await self._end(payment.id)

    async def _wish(self, product: str) -> None:
        await self._ask("order", "wish", lambda service: service.wishlist.add(self.viewer, product))

    async def _end(self, payment: str) -> None:
        match self._pick("end", 3):
            case 0:
                paid = await self._ask("payment", "pay", lambda service: service.payments.pay(self.viewer, payment))
                if isinstance(paid, Payment) and paid.state is PaymentState.PAID:
                    self.payments.append(payment)
            case 1:
                await self._ask("payment", "cancel", lambda service: service.payments.cancel(self.viewer, payment))

    async def refund(self) -> None:
        if self.payments:
            payment, key = self.payments[self._pick("which", len(self.payments))], self._key()
            await self._ask(
                "payment", f"refund {key}", lambda service: service.refunds.refund(self.viewer, payment, None, key)
            )

    async def play(self) -> None:
        game = self.catalogue.products[self._pick("game", len(self.catalogue.products))]
        await self._ask("library", "play", lambda service: service.play(self.viewer, game))

    # ---- parts

    def _cart(self) -> tuple[list[str], list[str]]:
        """One or two products, and a claim if there is one for them."""
        limited, on_sale = self.catalogue.limited, self.catalogue.on_sale
        plain = self.catalogue.plain[self._pick("plain", len(self.catalogue.plain))]
        carts = ([plain], [limited], [plain], [on_sale], [plain], [limited, plain], [limited, on_sale])
        products = carts[self._pick("cart", len(carts))]
        return products, self.claims[-1:] if on_sale in products else []

    def _key(self) -> str:
        self._keys += 1
        return f"{self.viewer.id} {self._keys}"

    def _pick(self, what: str, count: int) -> int:
        return self.world.choices.pick(f"{what} of {self.viewer.id}", count)

    async def _ask(self, subgraph: str, what: str, work: Work) -> Any:
        """The result, or None where it was refused, or never became known."""
        for _ in range(ATTEMPTS):
            try:
                result = await self.world.ask(self.viewer.id, subgraph, what, work)
            except UNKNOWN as error:
                self.world.note(f"{self.viewer.id}: {what} has no answer: {error!r}")
                await asyncio.sleep(0.5)
            except StoreError as error:
                self.world.note(f"{self.viewer.id}: {what} is refused: {error!r}")
                return None
            else:
                self.world.note(f"{self.viewer.id}: {what} gets {result}")
                return result
        return None


async def change_prices(world: World, catalogue: Catalogue) -> None:
    """The developer gives discounts and takes them back, for as long as customers are there."""
    for percent in cycle((50, 0)):
        await asyncio.sleep(0.5 + RESTS[world.choices.pick("rest of the developer", len(RESTS))])
        for product in (catalogue.limited, *catalogue.plain):
            try:
                await _discount(world, catalogue.developer, product, percent)
            except UNKNOWN as error:
                world.note(f"the developer gets no answer: {error!r}")


async def _discount(world: World, developer: Viewer, product: str, percent: int) -> None:
    await world.ask(
        "the developer",
        "product",
        f"discount of {percent} % on {product}",
        lambda service: service.discounts.set(developer, product, Discount(percent)),
    )
