"""The order subgraph's tables."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, HASH, Id
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns

TITLE = String(500).with_variant(mysql.VARCHAR(500, charset="utf8mb4"), "mysql", "mariadb")


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Inbox(InboxColumns, Base):
    pass


class DeadLetter(DeadLetterColumns, Base):
    pass


class WishlistItem(Base):
    """A product on a user's wishlist."""

    __tablename__ = "wishlist_items"
    __table_args__ = (
        UniqueConstraint("user_id", "product_id"),
        Index("ix_wishlist_items_user_id", "user_id", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    product_id: Mapped[Id]
    added_at: Mapped[datetime]


class Order(Base):
    """An order. `orders.domain.Order` explains its fields."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_orders_user_id", "user_id", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(10))
    total_points: Mapped[int]
    placed_at: Mapped[datetime]
    payment_id: Mapped[Id | None]
    placed: Mapped[bool]
    idempotency_key: Mapped[str | None] = mapped_column(HASH)
    """The key's SHA-256; null when a checkout placed the order, which is unique by its id."""
    request_hash: Mapped[str | None] = mapped_column(HASH)


class OrderLine(Base):
    """A product of an order, at the price (points) that the order fixed."""

    __tablename__ = "order_lines"

    order_id: Mapped[Id] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    points: Mapped[int]
    discount_percent: Mapped[int] = mapped_column(SmallInteger)
    claim_id: Mapped[Id | None]
    title: Mapped[str | None] = mapped_column(TITLE)
    """The product's title when it was ordered. Null for orders made before titles were kept."""


class DetachedPayment(Base):
    """A payment that was given up: an order can no longer be attached to it."""

    __tablename__ = "left_payments"

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    left_at: Mapped[datetime]
