"""The tables that a load writes.

They repeat the product subgraph's models, so that a worker process starts without SQLAlchemy.
"""

from typing import Any, NamedTuple

Row = tuple[Any, ...]


class Table(NamedTuple):
    """A table, the columns that a load writes, and which of them may be null."""

    name: str
    columns: tuple[str, ...]
    nullable: frozenset[str] = frozenset()

    @property
    def column_list(self) -> str:
        return ", ".join(self.columns)


PRODUCTS = Table(
    "products",
    (
        "id",
        "title",
        "description",
        "header_image",
        "released_on",
        "usd",
        "regular_points",
        "platforms",
        "positive_reviews",
        "negative_reviews",
        "reviews",
        "review_score",
        "discount_percent",
        "points",
    ),
    nullable=frozenset({"header_image", "released_on"}),
)
WORDS = Table("product_words", ("product_id", "word", "in_title"))
PRODUCT_GENRES = Table("product_genres", ("product_id", "genre"))
LINKS = (
    WORDS,
    PRODUCT_GENRES,
    Table("product_companies", ("product_id", "kind", "position", "name")),
    Table("product_tags", ("product_id", "tag", "votes")),
    Table("product_categories", ("product_id", "category")),
    Table("product_languages", ("product_id", "language", "full_audio")),
    Table("product_media", ("product_id", "kind", "position", "url")),
)
PARTS = (PRODUCTS, *LINKS)
"""The parts of a game. Each is compared and written separately: new tag votes do not touch the media."""

GENRES = Table("genres", ("name",))
DIGESTS = Table("etl_games", ("product_id", "digest"))
"""What the last load wrote of each game: the digests of its PARTS, one after the other."""
REJECTS = Table("etl_rejects", ("run_id", "byte", "app_id", "reason"))
