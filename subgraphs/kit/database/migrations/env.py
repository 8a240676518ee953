"""What alembic runs for every subgraph."""

from subgraphs.kit.database.migrations.runner import run_migrations

run_migrations()
