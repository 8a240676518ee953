"""What is sold in each schedule, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.product.domain import Platform, Publication
from subgraphs.stock.sales.domain import SalePlan
from tests.simulate.clocks import BEGIN
from tests.simulate.world import World

USD = Decimal("1.00")
POINTS = 1300
SALE_POINTS = 500
FUNDS = 6000
TITLES = ("Limited", "Plain 1", "Plain 2", "Plain 3", "On sale")
CUSTOMERS = ("Ada", "Bob", "Cyd")


@dataclass(frozen=True)
class Catalogue:
    """What is sold: `limited` has one unit, `plain` have no limit, and `on_sale` is on a flash sale of one unit."""

    developer: Viewer
    limited: str
    plain: Sequence[str]
    on_sale: str
    sale: str

    @property
    def products(self) -> tuple[str, ...]:
        return self.limited, *self.plain, self.on_sale


async def stocked(world: World) -> Catalogue:
    """Publishes the products, and gives the customers some points."""
    developer = Viewer("developer", frozenset({Role.USER, Role.DEVELOPER}), "session")
    limited, *plain, on_sale = [await _published(world, developer, title) for title in TITLES]
    await world.ask("developer", "stock", "limit", lambda service: service.limited.limit(developer, limited, 1))
    plan = SalePlan(on_sale, SALE_POINTS, 1, BEGIN - timedelta(hours=1), BEGIN + timedelta(hours=10))
    sale = await world.ask("developer", "stock", "sell", lambda service: service.sales.create(developer, plan))
    for name in CUSTOMERS:
        await _fund(world, customer(name))
    await asyncio.sleep(3)  # the claim cache is filled in
    return Catalogue(developer, limited, plain, on_sale, sale.id)


async def _published(world: World, developer: Viewer, title: str) -> str:
    publication = Publication(title, "A game.", USD, ["Indie"], [Platform.LINUX])
    product = await world.ask(
        "developer", "product", "publish", lambda service: service.publish(developer, publication)
    )
    return str(product.id)


async def _fund(world: World, viewer: Viewer) -> None:
    await world.ask(viewer.id, "payment", "top up", lambda service: service.wallets.top_up(viewer, FUNDS, "funds"))


def customer(name: str) -> Viewer:
    return Viewer(name, frozenset({Role.USER}), "session")
