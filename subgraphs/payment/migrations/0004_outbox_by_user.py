"""An outbox knows the user of each event, so that a user's reads can catch up with it"""

import sqlalchemy as sa

from subgraphs.kit.database import columns
from subgraphs.kit.database.migrations.operations import add_column, add_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("outbox", sa.Column("user_id", columns.ID, nullable=True))
    add_index("ix_outbox_user_id", "outbox", ["user_id", "id"])
