"""Costs are what was added during a run, divided by its operations."""

from collections import Counter

from perf.costs import Costs


def _costs(scale: int) -> Costs:
    return Costs(
        cpu=Counter(payment=3000 * scale, router=1000 * scale, load=500 * scale, user=7),
        memory={"load": 90.0, "payment": 100.4, "user": 80.0, "router": 60.0},
        sql=Counter(questions=30 * scale, select=10 * scale, insert=5 * scale, commit=5 * scale),
        redis=Counter(xadd=10 * scale, get=5 * scale),
        batches=Counter({"payment, pay": 2 * scale}),
        members=Counter({"payment, pay": 10 * scale}),
    )


def test_the_costs_of_a_run_are_divided_by_its_operations() -> None:
    tables = _costs(3).since(_costs(1)).rows("pay", 10)
    [cpu] = tables["CPU of an operation (ms)"]
    assert cpu == {"run": "pay", "store": 0.8, "router": 0.2, "user": 0.0, "payment": 0.6, "load": 0.1}
    assert list(cpu) == ["run", "store", "router", "user", "payment", "load"]
    [sql] = tables["SQL of an operation"]
    assert (sql["round trips"], sql["statements"], sql["commit"]) == (6.0, 3.0, 1.0)
    assert tables["Redis calls of an operation"] == [
        {"run": "pay", "calls": 3.0, "most frequent": "xadd 2.00, get 1.00"}
    ]
    assert tables["Batches"] == [{"run": "pay: payment, pay", "batches": 4, "mean size": 5.0}]


def test_what_was_not_counted_has_no_table() -> None:
    empty: Counter[str] = Counter()
    tables = Costs(empty, {"load": 90.0}).rows("pay", 10)
    assert tables.keys() == {"CPU of an operation (ms)", "Memory (MB)"}
