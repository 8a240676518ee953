"""Sessions are found by their end, so that their access tokens can be revoked"""

from subgraphs.kit.database.migrations.operations import add_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index("ix_sessions_ended_at", "sessions", ["ended_at"])
