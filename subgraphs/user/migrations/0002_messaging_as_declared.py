"""No events are published or consumed here"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("outbox", if_exists=True)
    op.drop_table("inbox", if_exists=True)
    op.drop_table("parked_events", if_exists=True)
