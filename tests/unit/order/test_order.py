"""Orders, and what can happen to them."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.order import OrderLine
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.order.orders.domain import Order, OrderState, PriceChanged
from subgraphs.order.orders.payments import Result, outcome_of
from subgraphs.order.wishlist.domain import AlreadyOwned, Withdrawn

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINES = tuple(OrderLine(product_id=f"p{number}", points=number * 100) for number in range(1, 5))
READY = Order.new("order", "user", LINES, NOW)
ORDERED = replace(READY, state=OrderState.ORDERED, payment_id="x")
PAID = replace(ORDERED, state=OrderState.PAID)
CANCELLED = replace(READY, state=OrderState.CANCELLED)

PAYMENT_EVENTS = ("attach", "detach", "give up", "charge")
events = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(PAYMENT_EVENTS), st.sampled_from("xyz")),
        st.tuples(st.just("remove"), st.sampled_from(["p1", "p2", "p3", "p4", "p9"])),
        st.tuples(st.just("cancel"), st.just("")),
    ),
    max_size=25,
)


@pytest.mark.parametrize(
    ("order", "payment", "taken"),
    [(ORDERED, "y", True), (ORDERED, "x", False), (PAID, "y", False), (READY, "y", False)],
)
def test_an_order_is_taken_while_another_payment_has_it(order: Order, payment: str, taken: bool) -> None:
    assert order.is_taken_from(payment) is taken


@dataclass
class Life:
    """An order, and its payments as the payment subgraph runs them: none is charged once it was detached."""

    order: Order = READY
    detached: set[str] = field(default_factory=set)

    def meet(self, event: str, name: str) -> Order:
        """The order after an event; unchanged where the event is refused."""
        with suppress(InvalidState, NotFound):
            self.order = self._after(event, name)
        return self.order

    def _after(self, event: str, name: str) -> Order:
        match event:
            case "attach":
                result = self.order.attached(name, (), (), detached=name in self.detached)
                return result if isinstance(result, Order) else self.order
            case "detach" | "give up":
                self.detached.add(name)
                return self.order.detached(name, cancel=event == "give up")
            case "charge":
                is_charged = self.order.payment_id == name and name not in self.detached
                return replace(self.order, state=OrderState.PAID) if is_charged else self.order
            case "remove":
                return self.order.without(name)
            case _:
                return self.order.cancelled()


@given(events)
def test_an_order_always_has_lines_and_their_sum_as_its_total(happened: list[tuple[str, str]]) -> None:
    life = Life()
    for event in happened:
        order = life.meet(*event)
        assert order.lines
        assert order.total_points == sum(line.points for line in order.lines)


@given(events)
def test_paid_and_cancelled_are_final(happened: list[tuple[str, str]]) -> None:
    life = Life()
    for event in happened:
        before = life.order
        after = life.meet(*event)
        assert after == before or before.state in (OrderState.READY, OrderState.ORDERED)


@given(events)
def test_an_order_that_is_being_paid_changes_by_its_payment_only(happened: list[tuple[str, str]]) -> None:
    life = Life()
    for event, name in happened:
        before = life.order
        after = life.meet(event, name)
        if before.state is OrderState.ORDERED and after != before:
            assert name == before.payment_id
            assert after == replace(before, state=after.state)


@given(events)
def test_a_detached_payment_is_never_attached_again(happened: list[tuple[str, str]]) -> None:
    life = Life()
    for event in happened:
        order = life.meet(*event)
        assert not any(order.is_in(payment_id) for payment_id in life.detached - {_paid_by(order)})


@given(events)
def test_what_payments_do_is_idempotent(happened: list[tuple[str, str]]) -> None:
    life = Life()
    for event, name in happened:
        after = life.meet(event, name)
        if event in PAYMENT_EVENTS:
            assert life.meet(event, name) == after


@given(st.frozensets(st.sampled_from(["p1", "p2", "p3", "p4", "p9"])))
def test_an_order_with_an_owned_product_is_not_attached(owned: frozenset[str]) -> None:
    result = READY.attached("x", owned, (), detached=False)
    mine = [product_id for product_id in READY.product_ids if product_id in owned]
    assert result == (AlreadyOwned(mine) if mine else ORDERED)


def test_an_order_with_a_withdrawn_product_is_not_attached() -> None:
    assert READY.attached("x", (), {"p1", "p9"}, detached=False) == Withdrawn(["p1"])
    assert READY.attached("x", {"p2"}, {"p1"}, detached=False) == AlreadyOwned(["p2"])


def test_an_attached_order_stays_attached_when_its_products_are_owned_or_withdrawn_later() -> None:
    assert ORDERED.attached("x", READY.product_ids, READY.product_ids, detached=False) == ORDERED


@pytest.mark.parametrize("order", [ORDERED, PAID, CANCELLED])
def test_only_a_ready_order_changes_or_takes_another_payment(order: Order) -> None:
    assert isinstance(order.attached("y", (), (), detached=False), InvalidState)
    with pytest.raises(InvalidState):
        order.without("p1")


@pytest.mark.parametrize("order", [ORDERED, PAID])
def test_an_order_in_a_payment_cannot_be_cancelled(order: Order) -> None:
    with pytest.raises(InvalidState):
        order.cancelled()


@pytest.mark.parametrize("order", [READY, ORDERED, PAID, CANCELLED])
def test_another_payment_changes_nothing(order: Order) -> None:
    assert order.detached("y", cancel=False) == order
    assert order.detached("y", cancel=True) == order


def test_the_last_line_stays() -> None:
    order = replace(READY, lines=LINES[:1], total_points=LINES[0].points)
    with pytest.raises(InvalidState):
        order.without("p1")
    with pytest.raises(NotFound):
        order.without("p2")


def test_an_order_given_up_after_its_payments_event_is_cancelled_too() -> None:
    ready_again = ORDERED.detached("x", cancel=False)
    assert ready_again.state is OrderState.READY
    assert ready_again.detached("x", cancel=True).state is OrderState.CANCELLED


@pytest.mark.parametrize("order", [READY, CANCELLED, ORDERED.detached("x", cancel=False)])
def test_payment_is_refused_an_order_that_is_not_attached_to_it(order: Order) -> None:
    outcome = outcome_of(order, "x")
    assert (outcome.kind, outcome.code) == ("refused", "INVALID_STATE")
    assert outcome.message


@pytest.mark.parametrize("order", [ORDERED, PAID])
def test_payment_is_told_the_lines_and_total_of_its_order(order: Order) -> None:
    outcome = outcome_of(order, "x")
    assert (outcome.kind, outcome.total, outcome.lines) == ("ready", 1000, list(LINES))


@pytest.mark.parametrize(
    ("result", "kind", "told"),
    [
        (AlreadyOwned(["p1"]), "already_owned", {"product_ids": ["p1"]}),
        (Withdrawn(["p1"]), "withdrawn", {"product_ids": ["p1"]}),
        (PriceChanged(list(LINES)), "price_changed", {"total": 1000, "lines": list(LINES)}),
        (NotFound("Nothing."), "refused", {"code": "NOT_FOUND", "message": "Nothing."}),
    ],
)
def test_payment_is_told_why_it_cannot_have_an_order(result: Result, kind: str, told: dict[str, object]) -> None:
    outcome = outcome_of(result, "x")
    assert outcome.kind == kind
    assert {name: getattr(outcome, name) for name in told} == told


def _paid_by(order: Order) -> str | None:
    """The payment that has paid the order: detaching it comes too late."""
    return order.payment_id if order.state is OrderState.PAID else None
