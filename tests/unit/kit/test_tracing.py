"""Which work has a span, and what the span is part of."""

from collections import deque

import pytest

from subgraphs.contracts.payment import PaymentCancelled
from subgraphs.kit import tracing
from subgraphs.kit.batching import Batcher
from subgraphs.kit.tracing import Span, begin, current, span, take_ended

TRACE, OTHER = "a" * 32, "b" * 32
CHOSEN, CHOSEN_TOO = f"00-{TRACE}-{'1' * 16}-01", f"00-{OTHER}-{'2' * 16}-01"
NOT_CHOSEN = f"00-{TRACE}-{'1' * 16}-00"


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_ended", deque(maxlen=3))


def names() -> list[str]:
    return [one.name for one in take_ended(10)]


def test_nothing_is_traced_while_traces_are_off() -> None:
    with span("work", CHOSEN) as begun:
        assert begun is None
        assert current() == ""


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize("header", ["", NOT_CHOSEN, CHOSEN.upper(), CHOSEN[:-1], "00-x-y-01", f"{CHOSEN}\n"])
def test_a_request_that_the_router_has_not_chosen_has_no_span(header: str) -> None:
    with span("work", header) as begun, span("part of it"):
        assert begun is None
    assert names() == []


@pytest.mark.usefixtures("ended")
def test_a_span_is_part_of_the_one_around_it() -> None:
    with span("work", CHOSEN) as work, span("part") as part:
        assert work is not None
        assert part is not None
        assert (work.trace, work.parent) == (TRACE, "1" * 16)
        assert (part.trace, part.parent) == (TRACE, work.id)
        assert current() == f"00-{TRACE}-{part.id}-01"
    assert current() == ""
    part, work = take_ended(10)
    assert 0 < work.began <= part.began <= part.ended <= work.ended


@pytest.mark.usefixtures("ended")
def test_shared_work_belongs_to_the_first_traced_request_and_links_to_the_others() -> None:
    work = begin("work", "", CHOSEN, NOT_CHOSEN, CHOSEN_TOO)

    assert isinstance(work, Span)
    assert work.trace == TRACE
    assert list(work.links) == [(OTHER, "2" * 16)]


@pytest.mark.usefixtures("ended")
def test_of_an_error_a_span_keeps_only_that_there_was_one() -> None:
    with pytest.raises(ValueError, match="secret"), span("work", CHOSEN):
        raise ValueError("a secret")

    (work,) = take_ended(10)
    assert work.failed
    assert "secret" not in repr(work)


@pytest.mark.usefixtures("ended")
def test_the_oldest_spans_are_dropped_where_no_collector_takes_them() -> None:
    for number in range(5):
        with span(str(number), CHOSEN):
            pass
    assert names() == ["2", "3", "4"]


@pytest.mark.usefixtures("ended")
async def test_a_batch_is_part_of_the_request_that_it_runs_for() -> None:
    async def run(items: list[int]) -> list[str]:
        return [current()] * len(items)

    with span("request", CHOSEN) as request:
        inside = await Batcher("pay", run, 10)(1)

    batch, _ = take_ended(10)
    assert request is not None
    assert (batch.name, batch.parent, batch.header) == ("batch pay", request.id, inside)


@pytest.mark.usefixtures("ended")
def test_an_event_names_its_trace() -> None:
    payload = '{"paymentId":"1","orderId":"2","userId":"3","trace":"%s"}'

    assert tracing.of_events([payload % CHOSEN, payload % "", "no JSON"]) == [CHOSEN, "", ""]
    assert PaymentCancelled(payment_id="1", order_id="2", user_id="3").trace == ""
