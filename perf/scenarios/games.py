"""Games of the catalogue that the load may use."""

from dataclasses import dataclass

from sqlalchemy import select

from perf.world import World
from subgraphs.kit.problems import Problem
from subgraphs.product.models import Product
from subgraphs.stock.models import LimitedStock


@dataclass(frozen=True)
class ListedGame:
    """What the load needs to know of a game; `points` is its price today."""

    id: str
    title: str
    points: int


async def games(store: World, count: int, most_points: int) -> list[ListedGame]:
    """Games without a limit that cost something, and at most so much. Raises Problem where there are too few."""
    async with store.databases["stock"].reading() as session:
        limited = set(await session.scalars(select(LimitedStock.product_id)))
    wanted = select(Product.id, Product.title, Product.points).where(Product.points.between(1, most_points))
    wanted = wanted.order_by(Product.id).limit(count + len(limited))
    async with store.databases["product"].reading() as session:
        listed = [ListedGame(str(id), title, points) for id, title, points in await session.execute(wanted)]
    found = [game for game in listed if game.id not in limited][:count]
    if len(found) < count:
        raise Problem(f"The catalogue has {len(found)} games for the load, not {count}: `python -m subgraphs sample`.")
    return found
