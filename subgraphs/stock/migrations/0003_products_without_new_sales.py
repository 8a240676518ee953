"""Products of which no new flash sales can be created"""

import sqlalchemy as sa

from subgraphs.kit.database.migrations.operations import add_column

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("sale_products", sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.false()))
