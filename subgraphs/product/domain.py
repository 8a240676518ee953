"""The catalogue's values: products, and what is linked to them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from subgraphs.kit.web.auth import Viewer
from subgraphs.product.pricing import Price

ANONYMOUS = "Anonymous"
"""The developer of a product that names none."""
MAX_TITLES = 20
"""The most titles that are suggested at once."""
MILLIONTHS = 10_000
"""Of one percent."""


class Platform(Enum):
    """An operating system that a product runs on."""

    WINDOWS = "WINDOWS"
    MAC = "MAC"
    LINUX = "LINUX"


class CompanyKind(Enum):
    """What a company did for a product."""

    DEVELOPER = "DEVELOPER"
    PUBLISHER = "PUBLISHER"


PLATFORM_BITS = {Platform.WINDOWS: 1, Platform.MAC: 2, Platform.LINUX: 4}
COMPANY_LETTERS = {CompanyKind.DEVELOPER: "D", CompanyKind.PUBLISHER: "P"}
"""How they are stored."""


class Group(Enum):
    """What products have in common: a genre, a category, or a company."""

    GENRE = "GENRE"
    CATEGORY = "CATEGORY"
    DEVELOPER = "DEVELOPER"
    PUBLISHER = "PUBLISHER"


class MediaKind(Enum):
    """What a URL of a product's media leads to."""

    SCREENSHOT = "SCREENSHOT"
    MOVIE = "MOVIE"


@dataclass(frozen=True)
class Product:
    """One game of the catalogue, without what is long or rarely shown."""

    id: int
    publisher_id: str | None
    """The user who published it; None for a game of the data set."""
    title: str
    header_image: str | None
    released_on: date | None
    price: Price
    platforms: frozenset[Platform]
    genres: tuple[str, ...]
    """By name."""
    positive_reviews: int = 0
    negative_reviews: int = 0
    review_score: int = 0
    """Lower bound of the positive share (95 % Wilson score) in millionths."""
    withdrawn_at: datetime | None = None
    """When it was withdrawn; None while it is offered."""

    @property
    def reviews(self) -> int:
        return self.positive_reviews + self.negative_reviews

    def is_managed_by(self, viewer: Viewer) -> bool:
        """Developers manage the products they published; admins manage any."""
        return viewer.is_admin or viewer.id == self.publisher_id

    def discounted(self, percent: int, ends_at: datetime | None = None) -> "Product":
        """The product at its regular price less a discount; 0 ends the sale."""
        return replace(self, price=Price.of(self.price.usd, percent, ends_at))

    def content(self, description: str) -> "Publication":
        """What its publisher may edit."""
        return Publication(
            title=self.title,
            description=description,
            usd=self.price.usd,
            genres=list(self.genres),
            platforms=sorted(self.platforms, key=lambda platform: platform.value),
            released_on=self.released_on,
            header_image=self.header_image,
        )

    def with_content(self, content: "Publication") -> "Product":
        """The product with other content. A discount stays."""
        price = Price.of(content.usd, self.price.discount_percent, self.price.discount_ends_at)
        return replace(
            self,
            title=content.title,
            header_image=content.header_image,
            released_on=content.released_on,
            price=price,
            platforms=frozenset(content.platforms),
            genres=tuple(sorted(content.genres)),
        )


@dataclass(frozen=True)
class Company:
    """A company that made or published a product."""

    name: str
    kind: CompanyKind


@dataclass(frozen=True)
class Tag:
    """A tag, and how many players gave it."""

    name: str
    votes: int


@dataclass(frozen=True)
class Language:
    """A language that a product supports; with `full_audio` it is spoken, else only written."""

    name: str
    full_audio: bool


@dataclass(frozen=True)
class Media:
    """A screenshot or movie of a product."""

    url: str
    kind: MediaKind


@dataclass(frozen=True)
class Publication:
    """What a developer writes about a product, to publish it or to edit it."""

    title: str
    description: str
    usd: Decimal
    genres: list[str]
    platforms: list[Platform]
    released_on: date | None = None
    header_image: str | None = None

    def product(self, product_id: int, publisher_id: str) -> Product:
        return Product(
            id=product_id,
            publisher_id=publisher_id,
            title=self.title,
            header_image=self.header_image,
            released_on=self.released_on,
            price=Price.of(self.usd),
            platforms=frozenset(self.platforms),
            genres=tuple(sorted(self.genres)),
        )


def known_spelling(genres: Iterable[str], known: Iterable[str]) -> list[str]:
    """Genres as the catalogue spells them, each once: "action" joins "Action" and is no genre of its own."""
    spelling = {name.casefold(): name for name in known}
    return list(dict.fromkeys(spelling.get(name.casefold(), name) for name in genres))
