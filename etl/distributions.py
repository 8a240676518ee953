"""How a file's games are spread over release years, prices and genres."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from etl.source.game import Game
from etl.tables import PARTS, PRODUCT_GENRES, PRODUCTS

PRODUCT_PART, GENRES_PART = PARTS.index(PRODUCTS), PARTS.index(PRODUCT_GENRES)
RELEASED_ON, USD = PRODUCTS.columns.index("released_on"), PRODUCTS.columns.index("usd")
FREE, UNKNOWN = "free", "unknown"
PRICE_STEPS = (5, 10, 15, 20, 30, 40, 60)
"""US dollars: a step begins at each of these."""
PRICES = (FREE, f"under {PRICE_STEPS[0]}", *(f"from {step}" for step in PRICE_STEPS))


class Distributions(msgspec.Struct):
    """How many games each value has."""

    years: Counter[str] = msgspec.field(default_factory=Counter)
    prices: Counter[str] = msgspec.field(default_factory=Counter)
    genres: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, other: "Distributions") -> None:
        self.years += other.years
        self.prices += other.prices
        self.genres += other.genres

    def charts(self) -> dict[str, dict[str, int]]:
        """The bars of each chart, by its title, in the order in which they are drawn."""
        return {
            "Release years": dict(sorted(self.years.items())),
            "Prices in US dollars": {price: self.prices[price] for price in PRICES if self.prices[price]},
            "Genres": dict(self.genres.most_common()),
        }


def distributions_of(games: Iterable[Game]) -> Distributions:
    found = Distributions()
    for game in games:
        [product] = game.parts[PRODUCT_PART]
        found.years[str(product[RELEASED_ON])[:4] if product[RELEASED_ON] else UNKNOWN] += 1
        found.prices[price_range(Decimal(product[USD]))] += 1
        found.genres.update(row[1] for row in game.parts[GENRES_PART])
    return found


def price_range(usd: Decimal) -> str:
    """The step that a price belongs to."""
    if not usd:
        return FREE
    return PRICES[1 + sum(usd >= step for step in PRICE_STEPS)]
