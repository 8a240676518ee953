"""`python -m perf NAME`: puts an operation of the store under load, and tells what it costs."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from perf.bench import Amount, Bench, new_bench
from perf.etl import measure as etl
from perf.growth import sizes
from perf.own_store import is_named, own_store
from perf.past import SPAN, put_past
from perf.past_rows import TOP_UP
from perf.plots import timelines
from perf.report import REPORTS, Row
from perf.scenario import Scenario
from perf.scenarios import browse, checkout, claim_lost, flash_sale, idle, me, pay, sale_status, search
from perf.scenarios.games import games
from perf.world import World, audited, world
from perf.yardstick.running import yardstick
from subgraphs.kit.problems import Problem

ALL = pay, checkout, claim_lost, sale_status, browse, search, me, idle
SCENARIOS = {one.SCENARIO.name: one.SCENARIO for one in ALL}
SALE = "flash_sale"
ALIASES = {"cards": "browse"}
NAMES = (*SCENARIOS, SALE, *ALIASES, "all")
UNITS = (10, 5000)
PAST, PAST_GAMES = "Rows and bytes of the past, by purchase", 100
SMALL_ETL = "--games", "20000", "--workers", "2"


def main(name: str, arguments: Sequence[str]) -> int:
    """Measures one scenario, or `all`. The exit code: 1 if an answer, the end state or an invariant is wrong."""
    options = _options(name, arguments)
    is_running = bool(options.url) or is_named()
    if (options.embedded or options.games or options.past) and is_running:
        raise Problem("--embedded, --games and --past are for a store that perf starts itself.")
    if options.embedded and options.past:
        raise Problem("--past is for MariaDB.")
    with nullcontext() if is_running else own_store(options.embedded, options.games):
        code = asyncio.run(_measure(ALIASES.get(name, name), options))
    if name == "all" and not (options.embedded or is_running):
        code = max(code, etl.main([*SMALL_ETL, "--reports", str(options.reports)]))
    return code


def _options(name: str, arguments: Sequence[str]) -> argparse.Namespace:
    about = (
        "Starts a store of its own on MariaDB and Redis. With --url, or where STEAMPUNK_STATE or "
        "STEAMPUNK_DATABASE_URL is set, it measures the running store of the settings instead."
    )
    parser = argparse.ArgumentParser(prog=f"perf {name}", description=about)
    parser.add_argument("--embedded", action="store_true", help="start the store on SQLite and the embedded Valkey")
    parser.add_argument("--url", default="", help="the router of a running store; the settings name its databases")
    parser.add_argument("--games", type=int, default=0, help="add so many synthetic games to its catalogue")
    parser.add_argument("--past", type=int, default=0, help="first put in so many users with a purchase each")
    parser.add_argument("--requests", "--users", type=int, help="of each run")
    parser.add_argument("--concurrency", type=int, nargs="+", help="connections; one run for each number")
    parser.add_argument("--rate", type=float, default=0, help="requests a second in an open loop; default: closed")
    parser.add_argument("--runs", type=int, default=1, help="repeat each run this often")
    parser.add_argument("--warm-up", type=int, help="requests of a first run that is not measured")
    parser.add_argument("--units", type=int, nargs="+", default=UNITS, help="of the flash sales")
    parser.add_argument("--yardstick", action="store_true", help="after each run of pay, measure a minimal prototype")
    parser.add_argument("--no-growth", action="store_true", help="do not count what runs leave: all rows are counted")
    parser.add_argument("--no-audit", action="store_true", help="do not run the auditor")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="the folder of the reports")
    return parser.parse_args(arguments)


async def _measure(name: str, options: argparse.Namespace) -> int:
    concurrency = tuple(options.concurrency) if options.concurrency else None
    amount = Amount(options.requests, concurrency, options.rate, options.warm_up, options.runs)
    async with world(options.url) as store:
        bench = new_bench(store, name, amount, counts_rows=not options.no_growth)
        if options.past:
            bench.report.add(PAST, await _put_past(store, options.past))
        for scenario in _scenarios(name, options.units):
            wanted = options.yardstick and scenario.name == "pay"
            async with yardstick(store) if wanted else nullcontext() as beside:
                await bench.measure(scenario, beside)
        broken = 0 if options.no_audit else await audited(store)
    _tell(bench, options.reports)
    return 1 if bench.wrong or broken else 0


async def _put_past(store: World, purchases: int) -> list[Row]:
    """Puts a past in; the rows of the report that tell how large it is."""
    print(f"Putting in {purchases:,} users with a purchase each ...", flush=True)
    before, listed = sizes(store.kit), await games(store, PAST_GAMES, TOP_UP)
    await put_past(store.databases, purchases, [game.id for game in listed])
    store.past = SPAN
    return sizes(store.kit).since(before).table("past", purchases)


def _scenarios(name: str, units: Sequence[int]) -> list[Scenario]:
    sales = [flash_sale.scenario(count) for count in units]
    if name == "all":
        return [*SCENARIOS.values(), *sales]
    return sales if name == SALE else [SCENARIOS[name]]


def _tell(bench: Bench, folder: Path) -> None:
    bench.report.print()
    saved = bench.report.save(folder, timelines(bench.measurements))
    print(f"Report: {saved}, .html, .png")
