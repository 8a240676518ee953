"""An index of words, indexes for filters, and a record of changes

`product_search` stays for the processes of the version before; nothing reads or writes it any more.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from subgraphs.kit.database.migrations.operations import add_index, drop_index
from subgraphs.product.search.words import index_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GAMES_PER_STEP = 500
FILTERS = ["points", "released_on", "discount_percent", "platforms", "review_score"]
LINKS = {"product_tags": "tag", "product_categories": "category", "product_languages": "language"}


def exact(length: int) -> sa.String:
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(binary, "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "catalogue_changes", sa.Column("id", BIG, nullable=False), sa.PrimaryKeyConstraint("id"), if_not_exists=True
    )
    op.create_table(
        "product_words",
        sa.Column("product_id", BIG, autoincrement=False, nullable=False),
        sa.Column("word", exact(40), nullable=False),
        sa.Column("in_title", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "word"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    _fill_words()
    add_index("ix_product_words_word", "product_words", ["in_title", "word", "product_id"])
    for table, column in LINKS.items():
        add_index(f"ix_{table}_{column}", table, [column, "product_id"])
    for column in ("released_on", "points", "reviews", "review_score"):
        # The wider index serves whatever the old one served.
        rest = [other for other in FILTERS if other != column]
        add_index(f"ix_products_by_{column}", "products", [column, "id", *rest])
        drop_index(f"ix_products_{column}", "products")


def _fill_words() -> None:
    """Indexes the products that are there, in steps: all of their words at once would take much memory."""
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM product_words"))  # those of an attempt that was cut
    products = sa.table("products", sa.column("id"), sa.column("title"), sa.column("description"))
    words = sa.table("product_words", sa.column("product_id"), sa.column("word"), sa.column("in_title"))
    columns = [column.name for column in words.c]
    last = 0
    while True:
        some = sa.select(products).where(products.c.id > last).order_by(products.c.id).limit(GAMES_PER_STEP)
        games = connection.execute(some).all()
        if not games:
            return
        rows = [dict(zip(columns, row, strict=True)) for game in games for row in index_rows(*game)]
        connection.execute(sa.insert(words), rows)
        last = games[-1].id
