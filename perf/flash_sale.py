"""`perf flash_sale`: many users claim few units at once through the router. As many users win as there are units.

Prints the latencies of winners and losers, checks the end state in SQL, in Redis and in the API, and runs the auditor.
Each user claims once, over `--concurrency` connections that are open from the start. With `--persist`, users without an
answer try again, so that parts of the store can be killed during the run.
"""

import argparse
import asyncio
from typing import Any

from perf.common import Measurement, audited, world
from perf.report import print_table, save
from perf.rush import measure


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="perf flash_sale", description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--units", type=int, nargs="+", default=[10, 5000])
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1000])
    parser.add_argument("--runs", type=int, default=1, help="repeat each measurement this often")
    parser.add_argument("--warm-up", type=int, default=500, help="users of a first sale that is not measured")
    parser.add_argument("--persist", action="store_true", help="users without an answer try again")
    parser.add_argument("--no-audit", action="store_true", help="do not run the auditor")
    return asyncio.run(run(parser.parse_args(arguments)))


async def run(options: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = []
    measurements: dict[str, Measurement] = {}
    wrong = 0
    async with world() as store:
        if options.warm_up:
            print(f"Warming up with {options.warm_up:,} users ...", flush=True)
            await measure(store, options.warm_up, options.warm_up, 50, persist=options.persist)
        for units in options.units:
            for concurrency in options.concurrency:
                for number in range(options.runs):
                    name = f"U={units}, c={concurrency}" + (f" #{number + 1}" if options.runs > 1 else "")
                    print(f"{name}: {options.users:,} users ...", flush=True)
                    measurement, faults = await measure(
                        store, options.users, units, concurrency, persist=options.persist
                    )
                    rows += _rows(name, measurement)
                    measurements[name] = measurement
                    wrong += len(faults)
                    for fault in [*faults, *([] if options.persist else measurement.samples)]:
                        print(f"{name}: {fault}")
        if not options.no_audit:
            wrong += await audited(store)
    print_table(f"{options.users:,} users claim through {store.settings.graphql_url} (times in ms)", rows)
    print(f"Plot: {save('flash_sale', rows, measurements)}")
    return 1 if wrong else 0


def _rows(name: str, measurement: Measurement) -> list[dict[str, Any]]:
    return [
        measurement.row(name),
        measurement.row("  winners", ["Claim"]),
        measurement.row("  losers", ["SoldOut"]),
    ]
