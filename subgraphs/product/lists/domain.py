"""What lists of products are filtered, sorted and counted by."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from subgraphs.kit.errors import BadUserInput
from subgraphs.product.domain import Group, Platform

MAX_NAMES = 20
"""The most genres, tags, categories or languages in a filter."""
MOST_NAMES = 50
"""The most names that a facet lists: the names with the most products."""
BANDS = (0, 6_500, 13_000, 26_000, 52_000, 78_000)
"""The most points of each price band but the last, which has no end: nothing, 5, 10, 20, 40 and 60 US dollars."""


class ProductSort(Enum):
    """The order of a list of products."""

    RELEVANCE = "RELEVANCE"
    TITLE = "TITLE"
    NEWEST = "NEWEST"
    PRICE_LOW = "PRICE_LOW"
    PRICE_HIGH = "PRICE_HIGH"
    MOST_REVIEWED = "MOST_REVIEWED"
    BEST_REVIEWED = "BEST_REVIEWED"


@dataclass(frozen=True)
class Names:
    """Names of which a product must have at least one, and names that it must have all. Empty sets no condition."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductFilter:
    """Which products a list holds; None sets no condition. Raises BadUserInput for what is impossible or too long."""

    genre: str | None = None
    developer: str | None = None
    publisher: str | None = None
    min_points: int | None = None
    max_points: int | None = None
    on_sale: bool | None = None
    released_from: date | None = None
    released_to: date | None = None
    platform: Platform | None = None
    min_review_score: int | None = None
    """In percent."""
    genres: Names = Names()
    tags: Names = Names()
    categories: Names = Names()
    languages: Names = Names()

    def __post_init__(self) -> None:
        for field, points in (("minPoints", self.min_points), ("maxPoints", self.max_points)):
            if points is not None and points < 0:
                raise BadUserInput(field, f"{field} must not be negative.")
        if self.min_points is not None and self.max_points is not None and self.min_points > self.max_points:
            raise BadUserInput("minPoints", "minPoints must not be more than maxPoints.")
        if self.min_review_score is not None and not 0 <= self.min_review_score <= 100:
            raise BadUserInput("minReviewScore", "minReviewScore is between 0 and 100 percent.")
        for field in ("genres", "tags", "categories", "languages"):
            names: Names = getattr(self, field)
            if len(names.any) + len(names.all) > MAX_NAMES:
                raise BadUserInput(field, f"A filter has at most {MAX_NAMES} names of a kind.")
        if self.released_from and self.released_to and self.released_from > self.released_to:
            raise BadUserInput("releasedFrom", "releasedFrom must not be after releasedTo.")


def members_of(group: Group, name: str) -> ProductFilter:
    """The filter that a group's products pass."""
    match group:
        case Group.GENRE:
            return ProductFilter(genre=name)
        case Group.CATEGORY:
            return ProductFilter(categories=Names(all=(name,)))
        case Group.DEVELOPER:
            return ProductFilter(developer=name)
        case Group.PUBLISHER:
            return ProductFilter(publisher=name)


class Facet(Enum):
    """What the products of a list are counted by."""

    GENRES = "genres"
    TAGS = "tags"
    LANGUAGES = "languages"
    PLATFORMS = "platforms"
    PRICES = "prices"


class Counted(NamedTuple):
    """How many products of a list have a value: a name, a bit of `platforms`, or the place of a price band."""

    value: Any
    products: int
