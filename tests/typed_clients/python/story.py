"""A customer's story: story.py URL EMAIL TITLE SALE. Prints what it saw, as JSON."""

import json
import sys
from decimal import Decimal
from typing import TypeVar

from generated import CheckoutInput, Game, PlaceOrderInput, RefundState, RegisterInput, Store
from generated.checkout import CheckoutCheckoutPayment
from generated.claim import ClaimClaimClaim
from generated.login import LoginLoginSession
from generated.pay import PayPayPayment
from generated.place_order import PlaceOrderPlaceOrderOrder
from generated.play import PlayPlayPlay
from generated.refund import RefundRefundRefund
from generated.start_payment import StartPaymentStartPaymentPayment
from generated.wish import WishAddToWishlistWishlistItem

PASSWORD = "a long password"
URL, EMAIL, TITLE, SALE = sys.argv[1:]

T = TypeVar("T")


def expected(result: object, kind: type[T]) -> T:
    """The member of a result union that is expected here."""
    assert isinstance(result, kind), result
    return result


def sign_in() -> Store:
    nobody = Store(URL)
    nobody.register(RegisterInput(email=EMAIL, password=PASSWORD, name="Ada"))
    login = nobody.login(EMAIL, PASSWORD).login
    _ = login.access_token  # type: ignore[union-attr]  # there is a token only if it is a Session
    return Store(URL, headers={"authorization": f"Bearer {expected(login, LoginLoginSession).access_token}"})


def buy(store: Store) -> Game:
    """Puts the game on the wishlist, orders it, and pays."""
    game = store.search(TITLE).products.edges[0].node
    expected(store.wish(game.id).add_to_wishlist, WishAddToWishlistWishlistItem)
    ordered = store.place_order(PlaceOrderInput(product_ids=[game.id], idempotency_key="order")).place_order
    order = expected(ordered, PlaceOrderPlaceOrderOrder)
    started = store.start_payment(order.id, "start").start_payment
    expected(store.pay(expected(started, StartPaymentStartPaymentPayment).id).pay, PayPayPayment)
    return game


def claim_and_refund(store: Store) -> RefundState:
    """Claims a unit of the flash sale, buys it in one step, and gives it back."""
    claim = expected(store.claim(SALE).claim, ClaimClaimClaim)
    bought = CheckoutInput(
        product_ids=[claim.sale.product.id],
        claim_ids=[claim.id],
        expected_total=claim.sale.points,
        idempotency_key="buy",
    )
    payment = expected(store.checkout(bought).checkout, CheckoutCheckoutPayment)
    return expected(store.refund(payment.id, "refund").refund, RefundRefundRefund).state


def main() -> None:
    store = sign_in()
    points = store.top_up(1_000_000, "top-up").top_up.balance
    game = buy(store)
    usd: Decimal = game.price.usd
    expected(store.play(game.id).play, PlayPlayPlay)
    refund = claim_and_refund(store)
    games = [edge.node for edge in store.library().me.library.edges]
    library = [{"id": one.product.id, "played": one.played} for one in games]
    seen = {"points": points, "game": game.title, "price": int(usd * 1300), "refund": refund, "library": library}
    print(json.dumps(seen))


main()
