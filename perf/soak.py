"""`python -m perf soak`: shoppers for an hour, and what the memory of the store's processes does meanwhile.

Prints the memory (MB) of each process every ten minutes, then runs the auditor. Fails if a subgraph has grown by more
than a tenth since the tenth minute, if a shopper saw an error, or if an invariant is broken.
"""

import argparse
import asyncio
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import Sequence
from pathlib import Path

from perf import processes
from perf.conditions import conditions
from perf.own_store import own_store
from perf.report import Report
from perf.world import World, audited, world
from router.environments import tools
from subgraphs.kit.settings import SUBGRAPHS

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
WARM_UP_MINUTES = 10
"""By then caches are full and pools are open."""
GROWTH = 1.1
SHOWN_EVERY = 10

Sample = dict[str, float]
"""Megabytes, by process."""


def main(arguments: Sequence[str]) -> int:
    """Soaks a store of its own. The exit code: 1 if something grew, failed or broke."""
    parser = argparse.ArgumentParser(prog="perf soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--shoppers", type=int, default=30, help="each acts once a second on average")
    parser.add_argument("--embedded", action="store_true", help="the store is on SQLite and the embedded Valkey")
    options = parser.parse_args(arguments)
    with own_store(options.embedded):
        return asyncio.run(_soak(options))


async def _soak(options: argparse.Namespace) -> int:
    async with world() as store:
        report = Report("soak", conditions(store))
        shoppers = await _shoppers(store, options)
        samples = await _samples(store, shoppers)
        failed = await shoppers.wait()
        broken = await audited(store)
    report.add("Memory (MB)", [{"run": f"minute {minute}", **sample} for minute, sample in _shown(samples)])
    report.print()
    grown = grown_processes(samples)
    for sentence in grown:
        print(sentence)
    return 1 if failed or broken or grown else 0


async def _shoppers(store: World, options: argparse.Namespace) -> Process:
    """Locust, without its page. It ends by itself, with 1 if a shopper saw an error."""
    print(f"{options.shoppers} shoppers for {options.minutes} minutes ...", flush=True)
    many = f"--users={options.shoppers}", "--spawn-rate=1", "--pace=1", f"--run-time={options.minutes}m"
    quiet = "--headless", "--only-summary", f"--host={store.url.removesuffix('/graphql')}"
    python = str(tools("load") / "bin" / "python")
    return await create_subprocess_exec(python, "-m", "locust", "-f", str(LOCUSTFILE), *many, *quiet)


async def _samples(store: World, shoppers: Process) -> list[Sample]:
    """The memory of each process, minute by minute, while there are shoppers."""
    found = processes.found(processes.ports_of(store.settings, store.kit))
    running = {name: group for name, group in found.items() if name != processes.LOAD}
    samples: list[Sample] = []
    ended = asyncio.create_task(shoppers.wait())
    while not (await asyncio.wait([ended], timeout=60))[0]:
        samples.append({name: round(megabytes) for name, megabytes in processes.memory(running).items()})
    return samples


def _shown(samples: Sequence[Sample]) -> list[tuple[int, Sample]]:
    """The minutes that are shown, counted from 1, and the last one."""
    last = len(samples)
    minutes = [minute for minute in range(1, last + 1) if minute % SHOWN_EVERY == 0 or minute == last]
    return [(minute, samples[minute - 1]) for minute in minutes]


def grown_processes(samples: Sequence[Sample]) -> list[str]:
    """A sentence for each subgraph whose memory grew too much after the tenth minute; none for a shorter run."""
    if len(samples) <= WARM_UP_MINUTES:
        return []
    warm, last = samples[WARM_UP_MINUTES - 1], samples[-1]
    return [
        f"{name} has grown from {warm[name]} to {last[name]} MB."
        for name in SUBGRAPHS
        if last[name] > warm[name] * GROWTH
    ]
