"""Refunds: which lines qualify, what library's answer makes of them, and the payment's state after it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.library import RevokeOutcome
from subgraphs.kit.errors import BadUserInput, NotFound
from subgraphs.payment.payments.domain import PAID_STATES, Payment, PaymentState
from subgraphs.payment.refunds.domain import (
    Line,
    NotRefundable,
    NotRefundableLine,
    NotRefundableReason,
    Refund,
    RefundState,
    check_products,
    refundable_lines,
    refunded_event,
    requested_lines,
    revoked_lines,
    state_after,
)

NOW = datetime(2030, 1, 8, tzinfo=UTC)
WINDOW = timedelta(days=7)
CHESS, GO, HEX = [Line(product, points, None, None) for product, points in (("chess", 5), ("go", 7), ("hex", 0))]
REFUND = Refund("r", "p", "ada", "k", "h", RefundState.REVOKING, 0, None, NOW, NOW + timedelta(days=1), None)
LINES = st.lists(
    st.builds(
        Line,
        product_id=st.text("abcdef", min_size=1, max_size=3),
        points=st.integers(0, 100),
        claim_id=st.none(),
        refund_id=st.sampled_from([None, "r", "other"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda line: line.product_id,
)
STATES = st.sampled_from(PaymentState)


def payment(state: PaymentState = PaymentState.PAID, paid_ago: timedelta = timedelta()) -> Payment:
    paid_at = NOW - paid_ago if state in PAID_STATES else None
    return Payment("p", "o", "ada", state, 12, NOW - paid_ago, NOW, paid_at)


def reserved(line: Line, refund_id: str) -> Line:
    return Line(line.product_id, line.points, line.claim_id, refund_id)


class TestRequest:
    def test_no_list_means_all_lines(self) -> None:
        check_products(None)
        assert requested_lines([CHESS, GO], None) == [CHESS, GO]

    def test_a_list_means_its_lines(self) -> None:
        assert requested_lines([CHESS, GO, HEX], ["hex", "chess"]) == [CHESS, HEX]

    @pytest.mark.parametrize("product_ids", [[], ["chess", "go", "chess"]])
    def test_an_empty_list_and_duplicates_are_refused(self, product_ids: list[str]) -> None:
        with pytest.raises(BadUserInput) as refused:
            check_products(product_ids)
        assert refused.value.extensions["field"] == "productIds"

    def test_a_product_that_the_payment_lacks_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            requested_lines([CHESS], ["chess", "go"])


class TestRefundable:
    @pytest.mark.parametrize(
        ("paid", "line", "reason"),
        [
            (payment(PaymentState.READY), CHESS, NotRefundableReason.NOT_PAID),
            (payment(PaymentState.CANCELLED), CHESS, NotRefundableReason.NOT_PAID),
            (payment(), reserved(CHESS, "other"), NotRefundableReason.ALREADY_REFUNDED),
            (payment(paid_ago=WINDOW + timedelta(microseconds=1)), CHESS, NotRefundableReason.TOO_LATE),
        ],
    )
    def test_a_line_that_does_not_qualify_says_why(
        self, paid: Payment, line: Line, reason: NotRefundableReason
    ) -> None:
        refused = NotRefundable([NotRefundableLine("chess", reason)])
        assert refundable_lines(paid, [line], WINDOW, NOW) == refused

    def test_the_window_is_seven_days_sharp(self) -> None:
        assert refundable_lines(payment(paid_ago=WINDOW), [CHESS], WINDOW, NOW) == [CHESS]

    def test_those_that_qualify_are_refunded_without_the_others(self) -> None:
        assert refundable_lines(payment(), [CHESS, reserved(GO, "other")], WINDOW, NOW) == [CHESS]

    @given(LINES, STATES, st.integers(0, 10))
    def test_each_line_is_either_free_and_refundable_or_has_a_reason(
        self, lines: list[Line], state: PaymentState, days: int
    ) -> None:
        found = refundable_lines(payment(state, timedelta(days=days)), lines, WINDOW, NOW)
        if isinstance(found, NotRefundable):
            assert [one.product_id for one in found.lines] == [line.product_id for line in lines]
        else:
            assert state in PAID_STATES
            assert found == [line for line in lines if line.refund_id is None]


class TestRevoked:
    def test_what_was_played_is_not_given_back(self) -> None:
        lines = [reserved(CHESS, "r"), reserved(GO, "r"), HEX]
        outcome = RevokeOutcome(revoked=["go"], played=["chess"])
        revoked = revoked_lines(lines, REFUND, outcome)
        assert revoked == [lines[1]]
        assert (REFUND.revoked(revoked, outcome.played).state, REFUND.revoked(revoked, outcome.played).amount) == (
            RefundState.IN_PROGRESS,
            7,
        )

    def test_when_all_was_played_the_refund_is_refused(self) -> None:
        refused = REFUND.revoked([], ["chess"])
        assert (refused.state, refused.amount) == (RefundState.REFUSED, 0)
        assert refused.outcome == NotRefundable([NotRefundableLine("chess", NotRefundableReason.PLAYED)])

    @given(LINES)
    def test_exactly_what_was_paid_for_the_lines_comes_back(self, lines: list[Line]) -> None:
        revoked = revoked_lines(lines, REFUND, RevokeOutcome([line.product_id for line in lines], []))
        assert {line.refund_id for line in revoked} <= {"r"}
        refund = REFUND.revoked(revoked, [])
        assert refund.posting.amount == refund.amount == sum(line.points for line in lines if line.refund_id == "r")
        assert sum(line.points for line in refunded_event(refund, revoked).lines) == refund.amount

    def test_a_payment_is_refunded_once_all_its_lines_are_taken_back(self) -> None:
        lines = [reserved(CHESS, "r"), reserved(GO, "earlier")]
        assert state_after(lines, lines[:1], {"earlier"}) is PaymentState.REFUNDED
        assert state_after(lines, lines[:1], set()) is PaymentState.PARTIALLY_REFUNDED
        assert state_after([*lines, HEX], lines[:1], {"earlier"}) is PaymentState.PARTIALLY_REFUNDED


def test_a_stored_outcome_is_still_read() -> None:
    text = '{"type":"NotRefundable","lines":[{"product_id":"a","reason":"PLAYED"}]}'
    outcome = NotRefundable([NotRefundableLine("a", NotRefundableReason.PLAYED)])
    assert msgspec.json.encode(outcome).decode() == text
    assert msgspec.json.decode(text, type=NotRefundable) == outcome
