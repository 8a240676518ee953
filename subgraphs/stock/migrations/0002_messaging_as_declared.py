"""Events are consumed here, not published; an event that is given up is a dead letter"""

import sqlalchemy as sa
from alembic import op

from subgraphs.kit.database import columns
from subgraphs.kit.database.migrations.operations import add_column, rename_column, rename_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("outbox", if_exists=True)
    rename_table("parked_events", "dead_letters")
    rename_column("dead_letters", "parked_at", "failed_at")
    add_column("dead_letters", sa.Column("replayed_at", columns.Instant(), nullable=True))
