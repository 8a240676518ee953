"""Purchases are entitlements"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # MySQL commits the rename at once: a migration that was killed right after it is run again.
    if "purchases" in sa.inspect(op.get_bind()).get_table_names():
        op.rename_table("purchases", "entitlements")


def downgrade() -> None:
    op.rename_table("entitlements", "purchases")
