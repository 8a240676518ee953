"""The payment subgraph's tables: wallets and their ledger, payments, checkouts, refunds."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, HASH, Id
from subgraphs.kit.messaging.tables import OutboxColumns

BIG = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Outbox(OutboxColumns, Base):
    pass


class Wallet(Base):
    """A user's points. The balance is the ledger's sum, kept for speed and for locking."""

    __tablename__ = "wallets"
    __table_args__ = (CheckConstraint("balance >= 0", name="ck_wallets_balance"),)

    user_id: Mapped[Id] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(default=0)


class LedgerEntry(Base):
    """One change of a wallet; never changed or deleted.

    `reference` names what caused it, and is unique: no cause moves points twice.
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
    """A bought amount of points, by its idempotency key."""

    __tablename__ = "top_ups"

    user_id: Mapped[Id] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(HASH, primary_key=True)
    id: Mapped[Id]
    amount: Mapped[int]


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


class PaymentLine(Base):
    """A product of a payment at the order's price. `refund_id` is the refund that takes (or took) it back."""

    __tablename__ = "payment_lines"

    payment_id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    points: Mapped[int]
    claim_id: Mapped[Id | None]
    refund_id: Mapped[Id | None] = mapped_column(index=True)


class Entitlement(Base):
    """What a user has paid for and not given back: of two payments of one product only one can be charged."""

    __tablename__ = "purchases"

    user_id: Mapped[Id] = mapped_column(primary_key=True)
    product_id: Mapped[Id] = mapped_column(primary_key=True)
    payment_id: Mapped[Id]


class Checkout(Base):
    """The saga that leads to a payment. `step` is written before the step is taken.

    `kind` is `checkout` (place, hold, charge) or `start` (enter, hold, open). `outcome` is what the client
    is told, as JSON, once that is decided.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        Index("ux_checkouts_key", "user_id", "idempotency_key", unique=True),
        Index("ix_checkouts_step", "step", "touched_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """Also the id of the payment that it leads to."""
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

    @property
    def is_resumed(self) -> bool:
        """Whether it goes on from PLACING a second time, while the first may still be under way somewhere."""
        return self.touched_at > self.started_at


class Refund(Base):
    """The saga of a refund: lines are reserved, revoked in the library, and paid back at `settle_at`."""

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
