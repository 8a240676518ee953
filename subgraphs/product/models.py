"""The product subgraph's tables: the catalogue.

Genres, companies, tags and so on are stored by name, without ids of their own. So a load can write the tables
in any order, and one statement reads a kind of link for a page of products.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, Id
from subgraphs.product.search.words import MAX_WORD

BIG = BigInteger().with_variant(Integer, "sqlite")

FIRST_PUBLISHED_ID = 10_000_000_000
"""The ids of products published in the store are above this, Steam app ids below."""


def exact(length: int) -> String:
    """A name, compared byte by byte on every engine."""
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return String(length).with_variant(binary, "mysql", "mariadb")


def in_any_case(length: int) -> String:
    """A text, compared and sorted ignoring case; on MySQL ignoring accents, too."""
    mysql_text = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_unicode_520_ci")
    sqlite_text = String(length, collation="NOCASE")
    return String(length).with_variant(mysql_text, "mysql", "mariadb").with_variant(sqlite_text, "sqlite")


FILTERED_BY = ("points", "released_on", "discount_percent", "platforms", "review_score")
"""The columns of a product that lists are filtered by."""


def _order(column: str) -> Index:
    """An order of products, followed by what lists are filtered by: to walk it, or to count in it, reads no rows."""
    return Index(f"ix_products_by_{column}", column, "id", *[name for name in FILTERED_BY if name != column])


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Product(Base):
    """One game."""

    __tablename__ = "products"
    __table_args__ = (
        Index("ix_products_title", "title", "id"),
        _order("released_on"),
        _order("points"),
        _order("reviews"),
        _order("review_score"),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    publisher_id: Mapped[Id | None] = mapped_column(index=True)
    """The user who published it in the store; null for a game of the data set."""
    title: Mapped[str] = mapped_column(in_any_case(500))
    description: Mapped[str] = mapped_column(Text)
    header_image: Mapped[str | None] = mapped_column(String(500))
    released_on: Mapped[date | None]
    usd: Mapped[Decimal]
    """The price before the discount."""
    regular_points: Mapped[int]
    """`usd` in points."""
    discount_percent: Mapped[int] = mapped_column(SmallInteger, default=0)
    points: Mapped[int]
    """The price to pay now, after the discount."""
    platforms: Mapped[int] = mapped_column(SmallInteger)
    """The sum of 1 for Windows, 2 for Mac, 4 for Linux."""
    positive_reviews: Mapped[int]
    negative_reviews: Mapped[int]
    reviews: Mapped[int]
    """positive_reviews + negative_reviews, for sorting."""
    review_score: Mapped[int]
    """Lower bound of the positive share (95 % Wilson score) in millionths, for sorting."""


class DiscountEnd(Base):
    """When a product's discount ends by itself. A discount without an end has none."""

    __tablename__ = "discount_ends"
    __table_args__ = (Index("ix_discount_ends_ends_at", "ends_at"),)

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    ends_at: Mapped[datetime]


class WithdrawnProduct(Base):
    """A product that is not offered any more.

    Its rows are here, and not in the other tables: so no list, search or count has to leave it out.
    """

    __tablename__ = "withdrawn_products"

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    publisher_id: Mapped[Id | None] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime]
    stored_rows: Mapped[str] = mapped_column(Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"))
    """The rows of other tables as JSON: see `withdrawn/rows.py`."""


class Publication(Base):
    """Assigns the ids of products published in the store: FIRST_PUBLISHED_ID + id."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    published_at: Mapped[datetime]


class Genre(Base):
    __tablename__ = "genres"

    name: Mapped[str] = mapped_column(exact(60), primary_key=True)


class ProductGenre(Base):
    __tablename__ = "product_genres"
    __table_args__ = (Index("ix_product_genres_genre", "genre", "product_id"),)

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    genre: Mapped[str] = mapped_column(exact(60), primary_key=True)


class ProductCompany(Base):
    """A developer or publisher of a product; `position` is its place among them."""

    __tablename__ = "product_companies"
    __table_args__ = (Index("ix_product_companies_name", "kind", "name", "product_id"),)

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    kind: Mapped[str] = mapped_column(String(1), primary_key=True)
    """D developer, P publisher."""
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(exact(255))


class ProductTag(Base):
    """A tag that players gave to a product; `votes` is how many."""

    __tablename__ = "product_tags"
    __table_args__ = (Index("ix_product_tags_tag", "tag", "product_id"),)

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    tag: Mapped[str] = mapped_column(exact(60), primary_key=True)
    votes: Mapped[int]


class ProductCategory(Base):
    """A feature of a product, such as "Single-player"."""

    __tablename__ = "product_categories"
    __table_args__ = (Index("ix_product_categories_category", "category", "product_id"),)

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    category: Mapped[str] = mapped_column(exact(60), primary_key=True)


class ProductLanguage(Base):
    __tablename__ = "product_languages"
    __table_args__ = (Index("ix_product_languages_language", "language", "product_id"),)

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    language: Mapped[str] = mapped_column(exact(100), primary_key=True)
    full_audio: Mapped[bool]


class ProductMedia(Base):
    """A screenshot or movie of a product; `position` is its place among them."""

    __tablename__ = "product_media"

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    kind: Mapped[str] = mapped_column(String(1), primary_key=True)
    """S screenshot, M movie."""
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    url: Mapped[str] = mapped_column(String(500))


class ProductWord(Base):
    """A word by which a product is found: the search index. `words.py` says which words a product has."""

    __tablename__ = "product_words"
    __table_args__ = (Index("ix_product_words_word", "in_title", "word", "product_id"), {"sqlite_with_rowid": False})

    product_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(exact(MAX_WORD), primary_key=True)
    in_title: Mapped[int] = mapped_column(SmallInteger)
    """1 for a word of the title, 0 for one that only the description has."""


class CatalogueChange(Base):
    """One transaction that changed the catalogue, so that every process knows which counts are still right."""

    __tablename__ = "catalogue_changes"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
