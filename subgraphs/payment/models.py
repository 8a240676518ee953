"""The payment subgraph's tables: wallets and their ledger, top-ups, payments, checkouts, refunds.

Every transaction locks rows in this order: checkouts, payments, payment lines, refunds, top-ups, wallets, entitlements;
and the rows of one table by ascending id.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, HASH, Id
from subgraphs.kit.messaging.tables import OutboxColumns

BIG = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Outbox(OutboxColumns, Base):
    pass


class Wallet(Base):
    """A user's points. The balance is the sum of the ledger, kept for speed and for locking."""

    __tablename__ = "wallets"
    __table_args__ = (CheckConstraint("balance >= 0", name="ck_wallets_balance"),)

    user_id: Mapped[Id] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(default=0)


class LedgerEntry(Base):
    """One change of a wallet; never changed or deleted.

    `reference` names its cause and is unique: no cause moves points twice.
    """

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_user_id", "user_id", "id"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    user_id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int]
    """Signed points."""
    balance_after: Mapped[int]
    payment_id: Mapped[Id | None] = mapped_column(index=True)
    reference: Mapped[str] = mapped_column(HASH, unique=True)
    created_at: Mapped[datetime]


class TopUp(Base):
    """Points that the sandbox gave, by its idempotency key."""

    __tablename__ = "top_ups"

    user_id: Mapped[Id] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(HASH, primary_key=True)
    id: Mapped[Id]
    amount: Mapped[int]


class ProviderTopUp(Base):
    """A purchase of points from a provider, with its names for it. `price` is in the currency's smallest unit."""

    __tablename__ = "provider_top_ups"
    __table_args__ = (
        Index("uq_provider_top_ups_key", "user_id", "idempotency_key", unique=True),
        Index("ix_provider_top_ups_state", "state", "ask_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    idempotency_key: Mapped[str] = mapped_column(HASH)
    amount: Mapped[int]
    """Points."""
    price: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(20))
    session: Mapped[str | None] = mapped_column(String(255))
    page_url: Mapped[str | None] = mapped_column(Text)
    payment: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime]
    credited_at: Mapped[datetime | None]
    """When the points came into the wallet; a top-up that was given back keeps it."""
    ask_at: Mapped[datetime]
    """When the provider is to be asked next, while the top-up is OPEN or REFUNDING."""
    asked: Mapped[int] = mapped_column(default=0, server_default="0")


class Payment(Base):
    """The payment of one order: a fixed amount, payable until `expires_at`."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_user_id", "user_id", "id"),
        Index("ix_payments_order_id", "order_id", "id"),
        Index("ix_payments_state", "state", "expires_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    order_id: Mapped[Id]
    user_id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    holds_units: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False where stock certainly holds nothing for it."""


class PaymentLine(Base):
    """A product of a payment at the order's price, in points.

    `refund_id` is the refund that has reserved the line or taken it back.
    """

    __tablename__ = "payment_lines"
    __table_args__ = (Index("ix_payment_lines_by_product", "product_id", "payment_id"),)

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    points: Mapped[int]
    claim_id: Mapped[Id | None]
    refund_id: Mapped[Id | None] = mapped_column(index=True)


class Entitlement(Base):
    """A product that a user has paid for and not given back.

    User and product are the key, so of two payments of one product only one can be charged.
    """

    __tablename__ = "entitlements"

    user_id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    payment_id: Mapped[Id]


class Checkout(Base):
    """A saga that leads to a payment. `step` is written before the step is taken.

    `kind` is `checkout` (place, hold, charge) or `start` (attach, hold, open). `request` and `outcome` are JSON;
    `outcome` is null until it is decided.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        Index("ux_checkouts_key", "user_id", "idempotency_key", unique=True),
        Index("ix_checkouts_step", "step", "touched_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """Also the id of the payment it leads to."""
    user_id: Mapped[Id]
    idempotency_key: Mapped[str] = mapped_column(HASH)
    request_hash: Mapped[str] = mapped_column(HASH)
    kind: Mapped[str] = mapped_column(String(10))
    order_id: Mapped[Id]
    request: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    """How often somebody has begun to drive it."""


class Refund(Base):
    """A saga of a refund: lines are reserved, revoked in the library, and paid back at `settle_at`."""

    __tablename__ = "refunds"
    __table_args__ = (
        Index("ux_refunds_key", "user_id", "idempotency_key", unique=True),
        Index("ix_refunds_payment_id", "payment_id"),
        Index("ix_refunds_state", "state", "settle_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    payment_id: Mapped[Id]
    user_id: Mapped[Id]
    idempotency_key: Mapped[str] = mapped_column(HASH)
    request_hash: Mapped[str] = mapped_column(HASH)
    state: Mapped[str] = mapped_column(String(12))
    """REVOKING, IN_PROGRESS (revoked, not yet paid back), COMPLETED, or REFUSED."""
    amount: Mapped[int]
    outcome: Mapped[str | None] = mapped_column(Text)
    requested_at: Mapped[datetime]
    settle_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
