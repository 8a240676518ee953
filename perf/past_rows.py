"""The rows that a purchase leaves in each database, as tables with a value or an SQL expression for each column."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func

from subgraphs.library.models import Game
from subgraphs.library.models import Inbox as LibraryInbox
from subgraphs.order.models import Inbox as OrderInbox
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.checkouts.domain import CheckoutKind, CheckoutRequest, Succeeded
from subgraphs.payment.checkouts.repository import encode
from subgraphs.payment.models import Checkout, Entitlement, LedgerEntry, Payment, PaymentLine, TopUp, Wallet
from subgraphs.user.models import User

TOP_UP, PRICE = 50_000, 1000
REQUEST = encode(CheckoutRequest(CheckoutKind.CHECKOUT, product_ids=("?",)))

Rows = list[tuple[type[Any], Mapping[str, Any]]]


def of_user(one: Any) -> Rows:
    """The account, of the size of a real one. Nobody can sign in with it."""
    account = {
        "id": one.user_id,
        "email": func.unhex(func.sha2(one.user_id, 512)),
        "email_index": func.unhex(func.sha2(one.user_id, 256)),
        "name": "A customer of the past",
        "password_hash": func.repeat("x", 97),
        "roles": "USER",
        "created_at": one.at,
        "sealed_by": "of the past",
        "email_verified_at": one.at,
    }
    return [(User, account)]


def of_order(one: Any) -> Rows:
    order = {
        "id": one.order_id,
        "user_id": one.user_id,
        "state": "PAID",
        "total_points": PRICE,
        "placed_at": one.at,
        "payment_id": one.payment_id,
        "placed": True,
    }
    line = {
        "order_id": one.order_id,
        "product_id": one.product_id,
        "position": 0,
        "points": PRICE,
        "discount_percent": 0,
        "title": "A game of the past",
    }
    return [(Order, order), (OrderLine, line), (OrderInbox, _applied(one))]


def of_library(one: Any) -> Rows:
    game = {
        "id": one.game_id,
        "user_id": one.user_id,
        "product_id": one.product_id,
        "payment_id": one.payment_id,
        "acquired_at": one.at,
        "play_count": 0,
        "live_key": func.concat(one.user_id, ":", one.product_id),
    }
    return [(Game, game), (LibraryInbox, _applied(one))]


def of_payment(one: Any) -> Rows:
    return [*_points(one), *_charge(one)]


def _applied(one: Any) -> Mapping[str, Any]:
    return {"event_id": one.event_id, "applied_at": one.at}


def _points(one: Any) -> Rows:
    """What came into the wallet and what left it."""
    top_up = {
        "user_id": one.user_id,
        "idempotency_key": func.sha2(one.number, 256),
        "id": one.top_up_id,
        "amount": TOP_UP,
    }
    bought = {
        "user_id": one.user_id,
        "kind": "TOP_UP",
        "amount": TOP_UP,
        "balance_after": TOP_UP,
        "reference": func.concat("top-up:", one.top_up_id),
        "created_at": one.at,
    }
    spent = {
        "user_id": one.user_id,
        "kind": "PURCHASE",
        "amount": -PRICE,
        "balance_after": TOP_UP - PRICE,
        "payment_id": one.payment_id,
        "reference": func.concat("purchase:", one.payment_id),
        "created_at": one.at,
    }
    wallet = {"user_id": one.user_id, "balance": TOP_UP - PRICE}
    return [(TopUp, top_up), (LedgerEntry, bought), (LedgerEntry, spent), (Wallet, wallet)]


def _charge(one: Any) -> Rows:
    """The paid payment, and the checkout that led to it."""
    payment = {
        "id": one.payment_id,
        "order_id": one.order_id,
        "user_id": one.user_id,
        "state": "PAID",
        "amount": PRICE,
        "created_at": one.at,
        "expires_at": one.at,
        "paid_at": one.at,
        "holds_units": False,
    }
    line = {"payment_id": one.payment_id, "product_id": one.product_id, "points": PRICE}
    entitlement = {"user_id": one.user_id, "product_id": one.product_id, "payment_id": one.payment_id}
    checkout = {
        "id": one.payment_id,
        "user_id": one.user_id,
        "idempotency_key": func.sha2(one.number, 256),
        "request_hash": func.sha2(one.number, 256),
        "kind": CheckoutKind.CHECKOUT.value,
        "order_id": one.order_id,
        "request": func.replace(REQUEST, "?", one.product_id),
        "step": "DONE",
        "outcome": encode(Succeeded()),
        "started_at": one.at,
        "touched_at": one.at,
    }
    return [(Payment, payment), (PaymentLine, line), (Entitlement, entitlement), (Checkout, checkout)]


ROWS: Mapping[str, Callable[[Any], Rows]] = {
    "user": of_user,
    "order": of_order,
    "library": of_library,
    "payment": of_payment,
}
"""The rows of one purchase, by subgraph."""
