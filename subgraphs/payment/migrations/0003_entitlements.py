"""Purchases are entitlements"""

from subgraphs.kit.database.migrations.operations import rename_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rename_table("purchases", "entitlements")
