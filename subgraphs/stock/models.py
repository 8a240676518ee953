"""The stock subgraph's tables: limited quantities, flash sales, claims, and what payments hold of them.

Lock order, in every transaction: sale products, holds (their lines follow them), flash sales, claims, limited
stocks; rows of one table by ascending id. A new hold is inserted last: if it meets a tombstone that was written
meanwhile, the command starts again.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, false
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, Id
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns

LIVE_KEY = String(80).with_variant(mysql.VARCHAR(80, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")


def live_key(sale_id: str, user_id: str) -> str:
    """Finds a user's live claim on a sale, of which there is one at most."""
    # A client may send any text as an id, but MariaDB compares this ASCII column only with ASCII text.
    return f"{sale_id}:{user_id}".encode("ascii", "backslashreplace").decode()


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Inbox(InboxColumns, Base):
    pass


class DeadLetter(DeadLetterColumns, Base):
    pass


class LimitedStock(Base):
    """A product of limited quantity. These units are not those of its flash sales."""

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
    """A product with flash sales. Its row is locked to keep them from overlapping."""

    __tablename__ = "sale_products"

    product_id: Mapped[Id] = mapped_column(primary_key=True)
    closed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether no new sales can be created: the product is withdrawn."""


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

    While it is in a payment it does not expire. No index begins with `sale_id`, or a batch of claims could scan,
    and lock, all claims of its sale. `live_key` finds a sale's live claims.
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
    """What a payment holds: HELD, then SOLD or RELEASED.

    SOLD or RELEASED without lines is a tombstone: it keeps a hold that comes later from being taken. Payments of
    unlimited products have no row.
    """

    __tablename__ = "holds"

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class HoldLine(Base):
    """One unit in a payment, of the limited stock or of a claim: HELD, then SOLD or RETURNED."""

    __tablename__ = "hold_lines"

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    claim_id: Mapped[Id | None]
    state: Mapped[str] = mapped_column(String(10))
