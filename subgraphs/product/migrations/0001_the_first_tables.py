"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from subgraphs.kit.database import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def exact(length: int) -> sa.String:
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(binary, "mysql", "mariadb")


def in_any_case(length: int) -> sa.String:
    mysql_text = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_unicode_520_ci")
    sqlite_text = sa.String(length, collation="NOCASE")
    return sa.String(length).with_variant(mysql_text, "mysql", "mariadb").with_variant(sqlite_text, "sqlite")


def create_search() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # rowid is the product's id. Accents are taken off, as MySQL's collation below does.
        op.execute(
            "CREATE VIRTUAL TABLE product_search USING fts5("
            "title, description, tokenize = 'unicode61 remove_diacritics 2')"
        )
        return
    op.execute(
        "CREATE TABLE product_search ("
        "product_id BIGINT NOT NULL PRIMARY KEY, title VARCHAR(500) NOT NULL, description TEXT NOT NULL, "
        "FULLTEXT INDEX ft_product_search (title, description)"
        ") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"
    )


def upgrade() -> None:
    op.create_table(
        "genres",
        sa.Column("name", exact(60), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("applied_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("relays", sa.Integer(), nullable=False),
        sa.Column("relayed_at", columns.Instant(), nullable=True),
        sa.Column("check_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("ix_outbox_check_at", "outbox", ["check_at"], unique=False)
    op.create_index("ix_outbox_relayed_at", "outbox", ["relayed_at", "id"], unique=False)
    op.create_table(
        "parked_events",
        sa.Column("event_id", columns.ID, nullable=False),
        sa.Column("producer", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("parked_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "product_categories",
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("category", exact(60), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "category"),
    )
    op.create_table(
        "product_companies",
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", exact(255), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "kind", "position"),
    )
    op.create_index("ix_product_companies_name", "product_companies", ["kind", "name", "product_id"], unique=False)
    op.create_table(
        "product_genres",
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("genre", exact(60), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "genre"),
    )
    op.create_index("ix_product_genres_genre", "product_genres", ["genre", "product_id"], unique=False)
    op.create_table(
        "product_languages",
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("language", exact(100), nullable=False),
        sa.Column("full_audio", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "language"),
    )
    op.create_table(
        "product_media",
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "kind", "position"),
    )
    create_search()
    op.create_table(
        "product_tags",
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("tag", exact(60), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "tag"),
    )
    op.create_table(
        "products",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("publisher_id", columns.ID, nullable=True),
        sa.Column("title", in_any_case(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("header_image", sa.String(length=500), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("usd", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("regular_points", sa.Integer(), nullable=False),
        sa.Column("discount_percent", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("platforms", sa.SmallInteger(), nullable=False),
        sa.Column("positive_reviews", sa.Integer(), nullable=False),
        sa.Column("negative_reviews", sa.Integer(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("review_score", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_products_points", "products", ["points", "id"], unique=False)
    op.create_index(op.f("ix_products_publisher_id"), "products", ["publisher_id"], unique=False)
    op.create_index("ix_products_released_on", "products", ["released_on", "id"], unique=False)
    op.create_index("ix_products_review_score", "products", ["review_score", "id"], unique=False)
    op.create_index("ix_products_reviews", "products", ["reviews", "id"], unique=False)
    op.create_index("ix_products_title", "products", ["title", "id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("id", BIG, nullable=False),
        sa.Column("published_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("publications")
    op.drop_index("ix_products_title", table_name="products")
    op.drop_index("ix_products_reviews", table_name="products")
    op.drop_index("ix_products_review_score", table_name="products")
    op.drop_index("ix_products_released_on", table_name="products")
    op.drop_index(op.f("ix_products_publisher_id"), table_name="products")
    op.drop_index("ix_products_points", table_name="products")
    op.drop_table("products")
    op.drop_table("product_tags")
    op.drop_table("product_search")
    op.drop_table("product_media")
    op.drop_table("product_languages")
    op.drop_index("ix_product_genres_genre", table_name="product_genres")
    op.drop_table("product_genres")
    op.drop_index("ix_product_companies_name", table_name="product_companies")
    op.drop_table("product_companies")
    op.drop_table("product_categories")
    op.drop_table("parked_events")
    op.drop_index("ix_outbox_relayed_at", table_name="outbox")
    op.drop_index("ix_outbox_check_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_table("genres")
