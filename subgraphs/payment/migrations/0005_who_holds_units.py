"""A payment knows whether stock holds anything for it, and a checkout how often it was driven"""

import sqlalchemy as sa

from subgraphs.kit.database.migrations.operations import add_column

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of the payments so far it is not known: their events go to stock as before.
    add_column("payments", sa.Column("holds_units", sa.Boolean(), nullable=False, server_default=sa.true()))
    add_column("checkouts", sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
