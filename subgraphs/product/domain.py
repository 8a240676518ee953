"""The catalogue's values: products, what is linked to them, and what lists are filtered and sorted by."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.web.auth import Viewer
from subgraphs.product.pricing import Price

ANONYMOUS = "Anonymous"
"""The developer of a product that names none."""
MAX_NAMES = 20
"""The most genres, tags, categories or languages in a filter."""
MAX_TITLES = 20
"""The most titles that are suggested at once."""
MILLIONTHS = 10_000
"""Of one percent."""


class Platform(Enum):
    """An operating system that a product runs on."""

    WINDOWS = "WINDOWS"
    MAC = "MAC"
    LINUX = "LINUX"


class ProductSort(Enum):
    """The order of a list of products."""

    RELEVANCE = "RELEVANCE"
    TITLE = "TITLE"
    NEWEST = "NEWEST"
    PRICE_LOW = "PRICE_LOW"
    PRICE_HIGH = "PRICE_HIGH"
    MOST_REVIEWED = "MOST_REVIEWED"
    BEST_REVIEWED = "BEST_REVIEWED"


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
    """What a developer says about a product: to publish it, or to edit it later."""

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


def known_spelling(genres: Iterable[str], known: Iterable[str]) -> list[str]:
    """Genres as the catalogue spells them, each once: "action" joins "Action" and is no genre of its own."""
    spelling = {name.casefold(): name for name in known}
    return list(dict.fromkeys(spelling.get(name.casefold(), name) for name in genres))
