"""When a soaked store has grown too much."""

from perf.soak import WARM_UP_MINUTES, grown_processes

WARM = {"router": 100.0, "payment": 100.0, "stock": 100.0}


def samples(**last: float) -> list[dict[str, float]]:
    others = dict.fromkeys(("user", "product", "order", "library"), 100.0)
    cold = dict.fromkeys(WARM, 10.0)
    return [*[cold | others] * (WARM_UP_MINUTES - 1), WARM | others, WARM | others | last]


def test_a_subgraph_may_grow_by_a_tenth_once_it_is_warm() -> None:
    assert grown_processes(samples(payment=110, stock=90)) == []
    assert grown_processes(samples(payment=111, stock=120)) == [
        "payment has grown from 100.0 to 111 MB.",
        "stock has grown from 100.0 to 120 MB.",
    ]


def test_other_processes_may_grow() -> None:
    assert grown_processes(samples(router=500)) == []


def test_a_short_run_tells_nothing() -> None:
    assert grown_processes(samples(payment=500)[:WARM_UP_MINUTES]) == []
