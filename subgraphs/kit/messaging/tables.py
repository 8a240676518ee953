"""The tables of messaging, as columns that a subgraph's models give a class."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from subgraphs.kit.database.columns import Id


class OutboxColumns:
    """An event on its way. Deleted once all its consumers have confirmed it."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    event_id: Mapped[Id] = mapped_column(unique=True)
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    user_id: Mapped[Id | None]
    relays: Mapped[int] = mapped_column(default=0)
    relayed_at: Mapped[datetime | None]
    """When it was last sent; null while it waits to be sent."""
    check_at: Mapped[datetime | None]
    """When its consumers are asked next whether they have applied it."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (
            Index("ix_outbox_relayed_at", "relayed_at", "id"),
            Index("ix_outbox_check_at", "check_at"),
            Index("ix_outbox_user_id", "user_id", "id"),
        )


class InboxColumns:
    """An event that is done here: applied, or a dead letter."""

    __tablename__ = "inbox"

    event_id: Mapped[Id] = mapped_column(primary_key=True)
    applied_at: Mapped[datetime]


class DeadLetterColumns:
    """An event that a consumer has given up. It stays until a replay of it was applied."""

    __tablename__ = "dead_letters"

    event_id: Mapped[Id] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    failed_at: Mapped[datetime]
    replayed_at: Mapped[datetime | None]
