"""What a load needs, computed from costs that are easy to reckon with."""

from dataclasses import replace
from pathlib import Path

import pytest

from perf.capacity.command import main, tables
from perf.capacity.figures import Operation, measured
from perf.capacity.model import PROCESSES, Assumed, Capacity
from subgraphs.kit.settings import SUBGRAPHS

PAGE = Path(__file__).parents[3] / "docs" / "capacity.md"
LOADS = [10.0, 100.0, 1000.0, 10_000.0]


def operation(cpu: float, database: float = 0.0, redis: float = 0.1, size: float = 0.0) -> Operation:
    """Every process takes `cpu` ms, and payment sends half of the statements and keeps half of the bytes."""
    shares = {name: 0.5 if name == "payment" else 0.1 for name in SUBGRAPHS}
    return Operation(
        cpu={**dict.fromkeys(PROCESSES, cpu), "database": database, "redis": redis},
        statements=shares,
        rows=dict.fromkeys(SUBGRAPHS, 2.0),
        size={name: size * share for name, share in shares.items()},
        rate=1.0,
        conditions={"at": "today", "on": "a machine"},
    )


NOTHING = operation(0.0, redis=0.0)
ASSUMED = Assumed(pages_per_pay=4, average=0.5, busy=0.5, machine_processors=10, database_processors=10, years=1)


def test_processors_are_those_of_a_purchase_and_its_pages() -> None:
    plan = Capacity(operation(2.0), operation(0.5), NOTHING, ASSUMED).plan(1000)
    assert set(plan.processors.values()) == {4.0}  # 1,000 times 2 ms and four times half of one
    assert set(plan.processes.values()) == {8}
    assert plan.machines == 6  # 28 processors' worth of work, half of 10 used on each
    assert plan.redis == pytest.approx(0.5)
    assert plan.rows_a_day == 1000 * 0.5 * 86_400 * 12


def test_one_server_holds_all_databases_until_it_is_full() -> None:
    capacity = Capacity(operation(1.0, database=1.0), operation(1.0, database=0.0), NOTHING, ASSUMED)
    assert capacity.plan(5000).servers == {}
    assert capacity.plan(5000).database_servers == 1
    beyond = capacity.plan(5001)
    assert beyond.servers == dict.fromkeys(SUBGRAPHS, 1)
    assert capacity.plan(25_000).servers == {**dict.fromkeys(SUBGRAPHS, 1), "payment": 3}


def test_a_server_is_also_full_of_bytes() -> None:
    capacity = Capacity(operation(1.0, database=0.001, size=1000), operation(1.0, redis=0), NOTHING, ASSUMED)
    plan = capacity.plan(1000)
    # Half of 1,000 bytes, 500 times a second, for a year.
    assert plan.bytes["payment"] == 500 * 500 * 86_400 * 365
    assert plan.servers["payment"] == 4  # 7.9 TB, of 2 TB each


def test_ceilings_are_in_the_order_in_which_they_are_reached() -> None:
    pay, page = operation(1.0, database=1.0, redis=0.008), operation(1.0, redis=0.008)
    found = Capacity(pay, page, NOTHING, ASSUMED).ceilings()
    assert [(one.what, one.of, round(one.pays)) for one in found[:3]] == [
        ("one server with all six databases", "processors", 5000),
        ("one server of payment", "processors", 10_000),
        ("one Redis", "processors", 12_500),
    ]
    assert found[1].then == "shards by user"


def test_what_goes_on_in_the_background_is_no_purchases_cost() -> None:
    """Ten purchases a second took a tenth of what a second takes anyway, each."""
    slow = replace(operation(3.0), rate=10.0)
    assert set(slow.without(replace(NOTHING, cpu=dict.fromkeys(slow.cpu, 20.0))).cpu.values()) == {1.0, 0.0}


def test_each_process_asks_redis_in_the_background() -> None:
    idle = replace(NOTHING, cpu={**NOTHING.cpu, "redis": 60.0})
    busy = Capacity(replace(operation(6.0), rate=1e9), replace(operation(0.0), rate=1e9), idle, ASSUMED).plan(1000)
    quiet = Capacity(replace(operation(6.0), rate=1e9), replace(operation(0.0), rate=1e9), NOTHING, ASSUMED).plan(1000)
    # 6 ms a thousand times, half of each used: 12 processes of each subgraph, with 60 ms a second for each six.
    assert busy.redis - quiet.redis == pytest.approx(12 * 0.06)


def test_twice_the_load_needs_twice_the_processors() -> None:
    capacity = Capacity(measured("checkout"), measured("browse"), measured("idle"), Assumed())
    one, two = capacity.plan(1000), capacity.plan(2000)
    assert {name: 2 * used for name, used in one.processors.items()} == pytest.approx(dict(two.processors))
    assert sum(two.bytes.values()) == pytest.approx(2 * sum(one.bytes.values()))


def test_the_measured_operations_are_whole() -> None:
    for name in ("checkout", "browse", "idle"):
        found = measured(name)
        assert set(found.cpu) == {*PROCESSES, "database", "redis"}
        assert sum(found.database_cpu(subgraph) for subgraph in SUBGRAPHS) == pytest.approx(found.cpu["database"])
    assert measured("checkout").rows["payment"] > 1
    assert measured("checkout").size["payment"] > 100


def test_the_command_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pays-per-second", *map(str, LOADS)]) == 0
    printed = capsys.readouterr().out
    assert printed == tables(LOADS, Assumed())
    assert printed in PAGE.read_text()


def test_an_assumption_can_be_another(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--pays-per-second", "1000", "--pages-per-pay", "0", "--years", "7"])
    printed = capsys.readouterr().out
    assert "| years for which rows are kept | 7 |" in printed
    assert "bytes after 7 years" in printed
