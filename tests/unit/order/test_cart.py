"""Carts and their prices."""

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.order import MAX_PRODUCTS, OrderLine
from subgraphs.contracts.product import Offer
from subgraphs.contracts.stock import ClaimOffer
from subgraphs.kit.errors import BadUserInput, InvalidState, LimitExceeded, NotFound
from subgraphs.order.orders.cart import Cart, at_expected_total, price
from subgraphs.order.orders.domain import PriceChanged
from subgraphs.order.wishlist.domain import AlreadyOwned, Withdrawn

PRODUCTS = [f"p{number}" for number in range(8)]
OFFERS = {product_id: Offer(product_id=product_id, exists=True, points=100) for product_id in PRODUCTS}


@dataclass(frozen=True)
class Situation:
    """A cart, and what the peers answer about it."""

    cart: Cart
    offers: dict[str, Offer]
    owned: frozenset[str]
    claims: tuple[ClaimOffer, ...]


def live_claim(product_id: str, points: int = 7) -> ClaimOffer:
    return ClaimOffer(claim_id=f"claim-{product_id}", found=True, live=True, product_id=product_id, points=points)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    wanted = draw(st.lists(st.sampled_from(PRODUCTS), min_size=1, unique=True))
    points = st.integers(0, 10_000)
    offers = {
        product_id: Offer(
            product_id=product_id,
            exists=draw(st.integers(0, 9)) > 0,
            points=draw(points),
            discount_percent=draw(st.integers(0, 90)),
            title=f"Title of {product_id}",
            withdrawn=draw(st.integers(0, 9)) == 0,
        )
        for product_id in PRODUCTS
    }
    claims = tuple(live_claim(one, draw(points)) for one in draw(st.lists(st.sampled_from(wanted), unique=True)))
    owned = draw(st.one_of(st.just(frozenset[str]()), st.frozensets(st.sampled_from(PRODUCTS), max_size=2)))
    return Situation(Cart("user", wanted, [claim.claim_id for claim in claims]), offers, owned, claims)


@given(situations())
def test_a_cart_is_priced_unless_a_product_is_unknown_owned_or_withdrawn(at: Situation) -> None:
    quote = price(at.cart, at.offers, at.owned, at.claims)
    unknown = [one for one in at.cart.product_ids if not at.offers[one].exists]
    owned = [one for one in at.cart.product_ids if one in at.owned]
    withdrawn = [one for one in at.cart.product_ids if at.offers[one].withdrawn]
    if unknown:
        assert isinstance(quote, NotFound)
        assert [one for one in PRODUCTS if one in quote.message] == sorted(unknown)
    elif owned:
        assert quote == AlreadyOwned(owned)
    elif withdrawn:
        assert quote == Withdrawn(withdrawn)
    else:
        assert isinstance(quote, list)
        assert [line.product_id for line in quote] == at.cart.product_ids


@given(situations())
def test_a_claimed_product_costs_its_claims_price_and_any_other_its_offers(at: Situation) -> None:
    offers = {one.product_id: msgspec.structs.replace(one, exists=True, withdrawn=False) for one in at.offers.values()}
    quote = price(at.cart, offers, frozenset(), at.claims)
    assert isinstance(quote, list)
    claimed = {line.claim_id: line for line in quote if line.claim_id}
    assert sorted(claimed) == sorted(at.cart.claim_ids)
    for claim in at.claims:
        title = f"Title of {claim.product_id}"
        assert claimed[claim.claim_id] == OrderLine(claim.product_id, claim.points, 0, claim.claim_id, title)
    rest = [line for line in quote if line.claim_id is None]
    for line in rest:
        offer = offers[line.product_id]
        assert (line.points, line.discount_percent, line.title) == (offer.points, offer.discount_percent, offer.title)
    saved = sum(offers[claim.product_id].points - claim.points for claim in at.claims)
    assert sum(line.points for line in quote) == sum(offers[one].points for one in at.cart.product_ids) - saved


@given(st.lists(st.sampled_from(PRODUCTS), max_size=6), st.lists(st.sampled_from(["a", "b", "c"]), max_size=4))
def test_a_cart_names_each_product_and_claim_once(products: list[str], claims: list[str]) -> None:
    error = Cart("user", products, claims).error
    bad = {"productIds": not products or len(set(products)) < len(products), "claimIds": len(set(claims)) < len(claims)}
    named = [one.field for one in error.fields] if isinstance(error, BadUserInput) else []
    assert named == [field for field, is_bad in bad.items() if is_bad]
    assert (error is None) == (not named)


@pytest.mark.parametrize("products", [1, MAX_PRODUCTS + 1])
@pytest.mark.parametrize("claims", [0, MAX_PRODUCTS + 1])
def test_a_cart_has_at_most_50_products_and_claims(products: int, claims: int) -> None:
    error = Cart("user", [str(n) for n in range(products)], [str(n) for n in range(claims)]).error
    assert isinstance(error, LimitExceeded) is (max(products, claims) > MAX_PRODUCTS)


def test_fifty_products_and_claims_are_allowed() -> None:
    ids = [str(number) for number in range(MAX_PRODUCTS)]
    assert Cart("user", ids, ids).error is None


def test_an_unknown_claim_is_not_found() -> None:
    quote = price(Cart("user", ["p0"], ["c"]), OFFERS, (), [ClaimOffer(claim_id="c", found=False)])
    assert isinstance(quote, NotFound)


def test_a_claim_that_has_ended_cannot_be_used() -> None:
    ended = ClaimOffer(claim_id="c", found=True, live=False, product_id="p0", points=7)
    assert isinstance(price(Cart("user", ["p0"], ["c"]), OFFERS, (), [ended]), InvalidState)


def test_a_claims_product_must_be_in_the_cart() -> None:
    quote = price(Cart("user", ["p0"], ["claim-p1"]), OFFERS, (), [live_claim("p1")])
    assert isinstance(quote, BadUserInput)
    assert quote.details["field"] == "claimIds"


def test_a_product_takes_one_claim_only() -> None:
    one = live_claim("p0")
    two = ClaimOffer(claim_id="other", found=True, live=True, product_id="p0", points=5)
    quote = price(Cart("user", ["p0"], [one.claim_id, two.claim_id]), OFFERS, (), [one, two])
    assert isinstance(quote, BadUserInput)
    assert quote.details["field"] == "claimIds"


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5), st.none() | st.integers(0, 3000))
def test_only_the_expected_total_or_any_where_none_is_expected_is_accepted(
    prices: list[int], expected: int | None
) -> None:
    quote = [OrderLine(f"p{number}", points) for number, points in enumerate(prices)]
    assert at_expected_total(quote, sum(prices)) == at_expected_total(quote, None) == quote
    if expected not in (None, sum(prices)):
        changed = at_expected_total(quote, expected)
        assert changed == PriceChanged(quote)
        assert isinstance(changed, PriceChanged)
        assert changed.total_points == sum(prices)


def test_what_cannot_be_ordered_has_no_price_to_compare() -> None:
    owned = AlreadyOwned(["p0"])
    assert at_expected_total(owned, 1) is owned
