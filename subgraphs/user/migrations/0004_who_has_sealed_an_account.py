"""Accounts say which data key has sealed them; those that do not are sealed anew, and found by their newer form"""

import sqlalchemy as sa

from subgraphs.kit.database.migrations.operations import add_column, add_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("users", sa.Column("sealed_by", sa.String(length=16), nullable=True))
    add_index("ix_users_sealed_by", "users", ["sealed_by"])
