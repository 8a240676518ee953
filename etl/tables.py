"""The catalogue's tables as the load writes them: one `Table` for each part of a game.

Kept apart from the subgraph's models so that a worker process starts without SQLAlchemy.
"""

from typing import Any, NamedTuple

Row = tuple[Any, ...]


class Table(NamedTuple):
    """A table, and the columns that the load writes: which is the product's id, which may be null."""

    name: str
    columns: tuple[str, ...]
    product: str = "product_id"
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
    product="id",
    nullable=frozenset({"header_image", "released_on"}),
)
SEARCH = Table("product_search", ("product_id", "title", "description"))
LINKS = (
    Table("product_genres", ("product_id", "genre")),
    Table("product_companies", ("product_id", "kind", "position", "name")),
    Table("product_tags", ("product_id", "tag", "votes")),
    Table("product_categories", ("product_id", "category")),
    Table("product_languages", ("product_id", "language", "full_audio")),
    Table("product_media", ("product_id", "kind", "position", "url")),
)
PARTS = (PRODUCTS, SEARCH, *LINKS)
"""Each part is compared and written by itself: new votes for a tag do not touch the media."""

GENRES = Table("genres", ("name",), product="")
STATES = Table("etl_games", ("product_id", "digest"))
"""What the load wrote last of each game: a digest for each of PARTS, one after the other."""
REJECTS = Table("etl_rejects", ("run_id", "byte", "app_id", "reason"), product="")
