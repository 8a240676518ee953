"""The stock subgraph's tables: limited quantities, flash sales, claims, and what payments hold of them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, Id
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns

LIVE_KEY = String(80).with_variant(mysql.VARCHAR(80, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def live_key(sale_id: str, user_id: str) -> str:
    """What a user's live claim on a sale is found by: there is one at most."""
    return f"{sale_id}:{user_id}"


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Inbox(InboxColumns, Base):
    pass


class DeadLetter(DeadLetterColumns, Base):
    pass


class LimitedStock(Base):
    """A product of limited quantity. Its flash sales have units of their own, apart from these."""

    __tablename__ = "limited_stocks"
    __table_args__ = (
        CheckConstraint("total = remaining + held + sold", name="ck_limited_stocks_total"),
        CheckConstraint("remaining >= 0 AND held >= 0 AND sold >= 0", name="ck_limited_stocks_units"),
    )

    product_id: Mapped[Id] = mapped_column(primary_key=True)
    total: Mapped[int] = mapped_column(default=0)
    remaining: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    sold: Mapped[int] = mapped_column(default=0)


class SaleProduct(Base):
    """A product that has flash sales: its row is locked to keep them from overlapping."""

    __tablename__ = "sale_products"

    product_id: Mapped[Id] = mapped_column(primary_key=True)


class FlashSale(Base):
    """Units of a product at a price of their own, from `starts_at` until before `ends_at`."""

    __tablename__ = "flash_sales"
    __table_args__ = (
        CheckConstraint("units = remaining + held + sold", name="ck_flash_sales_total"),
        CheckConstraint("remaining >= 0 AND held >= 0 AND sold >= 0", name="ck_flash_sales_units"),
        Index("ix_flash_sales_product_id", "product_id", "ends_at"),
        Index("ix_flash_sales_ends_at", "ends_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id]
    points: Mapped[int]
    units: Mapped[int]
    remaining: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    sold: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    created_by: Mapped[Id]
    created_at: Mapped[datetime]


class Claim(Base):
    """One unit of a sale, held for a user: HELD, then SOLD, RELEASED or EXPIRED.

    While it is in a payment it does not expire. There is no index that begins with `sale_id`: a sale's live
    claims are found by `live_key`, and a batch of claims must not scan (and lock) all others of the sale.
    """

    __tablename__ = "claims"
    __table_args__ = (
        Index("ix_claims_user_id", "user_id", "id"),
        Index("ix_claims_lapse", "state", "payment_id", "expires_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    sale_id: Mapped[Id]
    user_id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    payment_id: Mapped[Id | None]
    live_key: Mapped[str | None] = mapped_column(LIVE_KEY, unique=True)
    """`sale:user` while HELD or SOLD, else null."""


class Hold(Base):
    """What a payment holds: HELD, then SOLD or RELEASED. RELEASED without lines is a tombstone: it keeps a
    hold that comes late from being taken. Payments of unlimited products have no row."""

    __tablename__ = "holds"

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class HoldLine(Base):
    """One unit in a payment, of the limited stock or by a claim: HELD, then SOLD, or RETURNED."""

    __tablename__ = "hold_lines"

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    claim_id: Mapped[Id | None]
    state: Mapped[str] = mapped_column(String(10))
