"""`python -m perf capacity --pays-per-second 10000`: what a load needs, and what is full first."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from perf.capacity.figures import Operation, measured
from perf.capacity.model import PROCESSES, Assumed, Capacity, Plan
from subgraphs.kit.settings import SUBGRAPHS

MEANINGS = {
    "pages_per_pay": "pages of 20 games for each purchase",
    "average": "the load of a whole day, as a share of the peak",
    "busy": "the share of a processor's time that may be used at the peak",
    "machine_processors": "processors of a machine of the router and the subgraphs",
    "database_processors": "processors of a database server",
    "database_terabytes": "the most terabytes that one database server should hold",
    "years": "years for which rows are kept",
    "processor_price": "euros for a processor a month",
    "gigabyte_price": "euros for a gigabyte of disk a month",
}


def main(arguments: Sequence[str]) -> int:
    """Prints the plans of some loads, the ceilings, and where the numbers come from. The exit code."""
    parser = argparse.ArgumentParser(prog="perf capacity", description=__doc__)
    parser.add_argument("--pays-per-second", type=float, nargs="+", default=[10_000], help="purchases at the peak")
    for name, value in asdict(Assumed()).items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=value, help=f"{MEANINGS[name]} (default: {value:g})")
    options = vars(parser.parse_args(arguments))
    loads = options.pop("pays_per_second")
    print(tables(loads, Assumed(**options)), end="")
    return 0


def tables(loads: Sequence[float], assumed: Assumed) -> str:
    """All of it in Markdown."""
    pay, page, idle = [measured(name) for name in ("checkout", "browse", "idle")]
    capacity = Capacity(pay, page, idle, assumed)
    plans = [capacity.plan(load) for load in loads]
    parts = [_plans(plans, assumed), _ceilings(capacity, max(loads)), _measured(pay, page, idle), _assumed(assumed)]
    return "\n".join(parts)


def _plans(plans: Sequence[Plan], assumed: Assumed) -> str:
    rows = [["purchases a second, at the peak", *[f"{plan.pays:,.0f}" for plan in plans]]]
    rows += [[f"processes of {name}", *[f"{plan.processes[name]:,}" for plan in plans]] for name in PROCESSES]
    rows += [["machines for them", *[f"{plan.machines:,}" for plan in plans]]]
    rows += [["database servers", *[f"{plan.database_servers:,}" for plan in plans]]]
    rows += [[f"of {name}", *[_servers(plan, name) for plan in plans]] for name in SUBGRAPHS]
    rows += [["Redis: processors' worth of work", *[f"{plan.redis:,.2f}" for plan in plans]]]
    rows += [["rows a day", *[f"{plan.rows_a_day / 1e6:,.1f} million" for plan in plans]]]
    rows += [
        [f"bytes after {assumed.years:g} years", *[f"{sum(plan.bytes.values()) / 1e12:,.2f} TB" for plan in plans]]
    ]
    rows += [["euros a month", *[f"{plan.price:,.0f}" for plan in plans]]]
    return _table(rows)


def _servers(plan: Plan, subgraph: str) -> str:
    return f"{plan.servers[subgraph]:,}" if plan.servers else "one for all"


def _ceilings(capacity: Capacity, most: float) -> str:
    rows = [["What is full", "of", "at purchases a second", "then"]]
    rows += [[one.what, one.of, f"{one.pays:,.0f}", one.then] for one in capacity.ceilings()]
    first = capacity.ceilings()[0]
    verdict = "the first bottleneck" if first.pays < most else "not reached by these loads"
    what = first.what[0].upper() + first.what[1:]
    return f"{_table(rows)}\n{what} is full first, at {first.pays:,.0f} purchases a second: {verdict}.\n"


def _measured(pay: Operation, page: Operation, idle: Operation) -> str:
    names = list(pay.cpu)
    rows = [["Measured", *names]]
    rows += [["ms of processor time for a purchase", *[f"{pay.cpu[name]:.2f}" for name in names]]]
    rows += [["for a page of 20 games", *[f"{page.cpu[name]:.2f}" for name in names]]]
    rows += [["for a second without either", *[f"{idle.rate * idle.cpu[name]:.2f}" for name in names]]]
    rows += [["rows that a purchase leaves", *[_cell(pay.rows, name) for name in names]]]
    rows += [["bytes", *[_cell(pay.size, name) for name in names]]]
    at, on, load = [pay.conditions[name] for name in ("at", "on", "load average before")]
    told = f"Measured {at} on {on}, load average {load}"
    return f"{_table(rows)}\n{told}; the first two with what goes on in the background, which the model takes off.\n"


def _cell(values: object, name: str) -> str:
    assert isinstance(values, dict)
    return f"{values[name]:,.1f}" if name in values else ""


def _assumed(assumed: Assumed) -> str:
    return _table([["Assumed", ""], *[[MEANINGS[name], f"{value:,g}"] for name, value in asdict(assumed).items()]])


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|---" + "|--:" * (len(rows[0]) - 1) + "|")
    return "\n".join(lines) + "\n"
