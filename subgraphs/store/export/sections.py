"""Which rows of which tables are a person's, and under what name the export has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from subgraphs.library import models as library
from subgraphs.order import models as order
from subgraphs.payment import models as payment
from subgraphs.product import models as product
from subgraphs.stock import models as stock
from subgraphs.user import models as user

SECRETS = frozenset({"token_hash", "password_hash", "idempotency_key", "request_hash", "live_key", "reference"})
"""Columns that are left out: they open something, or only say which request was sent twice."""


@dataclass(frozen=True)
class Section:
    """The rows of a table whose column `owner` is the person's id or, in a part of a section, the id of its row."""

    name: str
    model: type[Any]
    owner: str
    parts: tuple["Section", ...] = ()


SECTIONS: Mapping[str, tuple[Section, ...]] = {
    "user": (
        Section("sessions", user.Session, "user_id", (Section("refreshTokens", user.RefreshToken, "session_id"),)),
        Section("mailedTokens", user.MailedToken, "user_id"),
    ),
    "order": (
        Section("orders", order.Order, "user_id", (Section("lines", order.OrderLine, "order_id"),)),
        Section("wishlist", order.WishlistItem, "user_id"),
    ),
    "payment": (
        Section("wallet", payment.Wallet, "user_id"),
        Section("ledger", payment.LedgerEntry, "user_id"),
        Section("topUps", payment.TopUp, "user_id"),
        Section("providerTopUps", payment.ProviderTopUp, "user_id"),
        Section("payments", payment.Payment, "user_id", (Section("lines", payment.PaymentLine, "payment_id"),)),
        Section("entitlements", payment.Entitlement, "user_id"),
        Section("checkouts", payment.Checkout, "user_id"),
        Section("refunds", payment.Refund, "user_id"),
    ),
    "stock": (
        Section("claims", stock.Claim, "user_id"),
        Section("holds", stock.Hold, "user_id", (Section("lines", stock.HoldLine, "payment_id"),)),
        Section("createdSales", stock.FlashSale, "created_by"),
    ),
    "library": (Section("games", library.Game, "user_id", (Section("plays", library.Play, "game_id"),)),),
    "product": (
        Section("published", product.Product, "publisher_id"),
        Section("withdrawn", product.WithdrawnProduct, "publisher_id"),
    ),
}
"""By subgraph. The account itself comes from the user subgraph's service, which can decrypt it."""
NOT_EXPORTED: Mapping[str, str] = {"outbox": "events on their way: what they say is in the tables"}
"""Tables that name a user and are in no section, each with the reason."""
