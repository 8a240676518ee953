"""The library subgraph's tables."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, Id
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns

# utf8mb4: clients send any text as a product id, and MySQL refuses to compare it with an ascii column.
BINARY = mysql.VARCHAR(73, charset="utf8mb4", collation="utf8mb4_bin")
LIVE_KEY = String(73).with_variant(BINARY, "mysql", "mariadb")


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Inbox(InboxColumns, Base):
    pass


class DeadLetter(DeadLetterColumns, Base):
    pass


class Game(Base):
    """A product that a user paid for: owned, or revoked by a refund.

    A refund may come before the grant. It then adds the row already revoked, and the grant changes nothing.
    """

    __tablename__ = "library_games"
    __table_args__ = (
        UniqueConstraint("payment_id", "product_id"),
        Index("ix_library_games_user_id", "user_id", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    product_id: Mapped[Id]
    payment_id: Mapped[Id]
    acquired_at: Mapped[datetime]
    """When it was paid for; for a game revoked before it was granted, when it was revoked."""
    play_count: Mapped[int] = mapped_column(default=0)
    last_played_at: Mapped[datetime | None]
    revoked_by: Mapped[Id | None]
    """The refund that took it back."""
    live_key: Mapped[str | None] = mapped_column(LIVE_KEY, unique=True)
    """`domain.live_key`, so that a user owns a product once; null for a revoked game."""


class Play(Base):
    """One time that a user played an owned game."""

    __tablename__ = "plays"
    __table_args__ = (Index("ix_plays_user_id", "user_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    product_id: Mapped[Id]
    game_id: Mapped[Id] = mapped_column(ForeignKey("library_games.id"), index=True)
    played_at: Mapped[datetime]
