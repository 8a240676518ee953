"""Checkouts: which carts are refused, what peers' refusals mean, and which failures are undone."""

from datetime import UTC, datetime

import msgspec
import pytest

from subgraphs.contracts.command import MAX_ID
from subgraphs.contracts.order import MAX_PRODUCTS, OrderOutcome
from subgraphs.contracts.stock import HoldOutcome, ShortLine
from subgraphs.kit.errors import BadUserInput, InvalidState, LimitExceeded, NotFound, StoreError
from subgraphs.payment.checkouts.domain import (
    Checkout,
    CheckoutKind,
    CheckoutOutcome,
    CheckoutRequest,
    CheckoutStep,
    OutOfStock,
    PriceChanged,
    Refused,
    ShortItem,
    Succeeded,
    Withdrawn,
    check_cart,
    holding_failure,
    placing_failure,
)
from subgraphs.payment.payments.domain import AlreadyOwned, InsufficientPoints

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REQUEST = CheckoutRequest(kind=CheckoutKind.CHECKOUT, product_ids=("chess",), expected_total=10)


def checkout(step: CheckoutStep, attempts: int = 1) -> Checkout:
    return Checkout("c", "ada", "k", "h", "o", REQUEST, step, None, NOW, NOW, attempts)


class TestCart:
    def test_it_names_1_to_50_products_and_up_to_50_claims(self) -> None:
        most = [str(number) for number in range(MAX_PRODUCTS)]
        check_cart(["chess"], [])
        check_cart(most, most)
        with pytest.raises(LimitExceeded):
            check_cart([*most, "another"], [])
        with pytest.raises(LimitExceeded):
            check_cart(most, [*most, "another"])
        with pytest.raises(BadUserInput):
            check_cart([], [])

    @pytest.mark.parametrize(
        ("products", "claims", "field"),
        [(["chess", "go", "chess"], [], "productIds"), (["chess"], ["c", "c"], "claimIds")],
    )
    def test_duplicates_are_refused(self, products: list[str], claims: list[str], field: str) -> None:
        with pytest.raises(BadUserInput) as refused:
            check_cart(products, claims)
        assert refused.value.details["field"] == field

    def test_what_is_too_long_for_an_id_is_not_found(self) -> None:
        check_cart(["x" * MAX_ID], ["x" * MAX_ID])
        for products, claims in ((["x" * (MAX_ID + 1)], []), (["chess"], ["x" * (MAX_ID + 1)])):
            with pytest.raises(NotFound):
                check_cart(products, claims)


class TestFailures:
    @pytest.mark.parametrize(
        ("outcome", "failure"),
        [
            (OrderOutcome(kind="already_owned", product_ids=["chess"]), AlreadyOwned(["chess"])),
            (OrderOutcome(kind="withdrawn", product_ids=["chess"]), Withdrawn(["chess"])),
            (OrderOutcome(kind="price_changed", total=12), PriceChanged(expected=10, actual=12)),
            (OrderOutcome(kind="refused", code="NOT_FOUND", message="No."), Refused("NOT_FOUND", "No.")),
        ],
    )
    def test_of_placing(self, outcome: OrderOutcome, failure: CheckoutOutcome) -> None:
        assert placing_failure(REQUEST, outcome) == failure

    def test_of_holding(self) -> None:
        short = HoldOutcome(kind="out_of_stock", short=[ShortLine("chess", 1, 0)])
        assert holding_failure(short) == OutOfStock([ShortItem("chess", 1, 0)])
        released = holding_failure(HoldOutcome(kind="released"))
        assert isinstance(released, Refused)
        assert released.code == "INVALID_STATE"

    @pytest.mark.parametrize("kind", [NotFound, InvalidState, LimitExceeded, BadUserInput])
    def test_a_refusal_is_an_error_of_its_code_and_changes_no_other(self, kind: type[StoreError]) -> None:
        error = Refused(kind.code, "No.").error()
        assert type(error) is kind
        assert (error.message, error.extensions["code"]) == ("No.", kind.code)
        assert StoreError.code == "INTERNAL"


class TestDecided:
    @pytest.mark.parametrize("step", [CheckoutStep.PLACING, CheckoutStep.HOLDING])
    def test_success_is_done(self, step: CheckoutStep) -> None:
        done = checkout(step).decided(Succeeded())
        assert (done.step, done.outcome) == (CheckoutStep.DONE, Succeeded())

    @pytest.mark.parametrize("attempts", [1, 2])
    @pytest.mark.parametrize("step", [CheckoutStep.PLACING, CheckoutStep.HOLDING])
    def test_a_failure_is_undone(self, step: CheckoutStep, attempts: int) -> None:
        failure = InsufficientPoints(required=10, balance=1)
        failed = checkout(step, attempts).decided(failure)
        assert (failed.step, failed.outcome) == (CheckoutStep.UNDOING, failure)


class TestStored:
    """What rows of earlier versions hold is still read."""

    def test_a_request_keeps_its_text_and_hash(self) -> None:
        request = CheckoutRequest(CheckoutKind.CHECKOUT, "", ("a", "b"), ("c",), 7)
        text = b'{"kind":"checkout","order_id":"","product_ids":["a","b"],"claim_ids":["c"],"expected_total":7}'
        assert msgspec.json.encode(request) == text
        assert msgspec.json.decode(text, type=CheckoutRequest) == request
        assert request.hash == "cf06970523fee0ef8116d36d09fd13954e57f19abc6e460af030dee5b16a76c9"

    @pytest.mark.parametrize(
        ("text", "outcome"),
        [
            ('{"type":"Succeeded"}', Succeeded()),
            ('{"type":"InsufficientPoints","required":2,"balance":1}', InsufficientPoints(2, 1)),
            (
                '{"type":"OutOfStock","items":[{"product_id":"a","requested":1,"available":0}]}',
                OutOfStock([ShortItem("a", 1, 0)]),
            ),
            ('{"type":"AlreadyOwned","product_ids":["a"]}', AlreadyOwned(["a"])),
            ('{"type":"Withdrawn","product_ids":["a"]}', Withdrawn(["a"])),
            ('{"type":"PriceChanged","expected":1,"actual":2}', PriceChanged(1, 2)),
            ('{"type":"Refused","code":"NOT_FOUND","message":"No."}', Refused("NOT_FOUND", "No.")),
        ],
    )
    def test_an_outcome_keeps_its_text(self, text: str, outcome: CheckoutOutcome) -> None:
        assert msgspec.json.encode(outcome).decode() == text
        assert msgspec.json.decode(text, type=CheckoutOutcome) == outcome
