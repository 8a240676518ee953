"""A line keeps what its product was called"""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from subgraphs.kit.database.migrations.operations import add_column

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TITLE = sa.String(500).with_variant(mysql.VARCHAR(500, charset="utf8mb4"), "mysql", "mariadb")


def upgrade() -> None:
    # Older lines have none: the titles of their time are nowhere.
    add_column("order_lines", sa.Column("title", TITLE, nullable=True))
