"""Runs of scenarios: prepare, drive, count, check, one row each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perf.conditions import conditions
from perf.costs import costs
from perf.growth import GROWTH, Sizes, sizes
from perf.load import Measurement, drive
from perf.processes import ports_of
from perf.report import Report
from perf.scenario import Scenario
from perf.world import World, delivered

LATENCY = "Answers and their latency (ms)"
YARDSTICK = "The store by the yardstick"
OPEN_CONNECTIONS = 256


@dataclass(frozen=True)
class Amount:
    """How much load; None for what the scenario itself says."""

    requests: int | None = None
    concurrency: tuple[int, ...] | None = None
    rate: float = 0
    """Requests a second of an open loop; 0 for a closed one."""
    warm_up: int | None = None
    runs: int = 1

    def rate_of(self, scenario: Scenario) -> float:
        return self.rate or scenario.rate

    def connections(self, scenario: Scenario) -> tuple[int, ...]:
        if self.concurrency:
            return self.concurrency
        return (OPEN_CONNECTIONS,) if self.rate else tuple(scenario.concurrency)

    def name(self, scenario: Scenario, connections: int, number: int) -> str:
        rate = self.rate_of(scenario)
        loop = f"{rate:g}/s" if rate else f"c={connections}"
        return f"{scenario.name}, {loop}" + (f" #{number}" if self.runs > 1 else "")


@dataclass
class Bench:
    """Measures scenarios on a store, and gathers what it finds."""

    store: World
    amount: Amount
    report: Report
    counts_rows: bool = True
    """Whether it counts the rows that runs leave."""
    measurements: dict[str, Measurement] = field(default_factory=dict)
    wrong: int = 0
    """Wrong answers, and faults of end states."""

    async def measure(self, scenario: Scenario, beside: "Target | None" = None) -> None:
        """All runs of a scenario. With another target `beside`, each run is followed by one there."""
        targets = [Target(scenario, self.store.url, ports_of(self.store.settings, self.store.kit))]
        targets += [beside] if beside else []
        for target in targets:
            await self._warm_up(target)
        for connections in self.amount.connections(scenario):
            for number in range(1, self.amount.runs + 1):
                names = [self.amount.name(target.scenario, connections, number) for target in targets]
                for name, target in zip(names, targets, strict=True):
                    await self._run(name, target, connections)
                if beside:
                    self.report.add(YARDSTICK, [self._ratio(*names)])

    async def _warm_up(self, target: "Target") -> None:
        given = self.amount.warm_up
        count = target.scenario.warm_up if given is None else given
        if count:
            print(f"Warming up with {count:,} requests of {target.scenario.name} ...", flush=True)
            load = await target.scenario.prepare(self.store, count)
            await drive(target.url, load.calls, 20)

    async def _run(self, name: str, target: "Target", connections: int) -> None:
        scenario, count = target.scenario, self.amount.requests or target.scenario.requests
        print(f"{name}: {count:,} requests ...", flush=True)
        load = await scenario.prepare(self.store, count)
        if not await delivered(self.store):
            raise SystemExit("Events are undelivered after two minutes: the store would work on them meanwhile.")
        small, before = self._sizes(), costs(self.store, target.ports)
        measured = await drive(target.url, load.calls, connections, self.amount.rate_of(scenario))
        faults = [] if await delivered(self.store) else ["events are undelivered after two minutes"]
        used = costs(self.store, target.ports).since(before)  # what consumers spend on the events, too
        grown = self._sizes().since(small)
        faults += await load.faults()
        self.measurements[name] = measured
        self.report.add(LATENCY, _rows(name, measured, scenario.groups))
        for title, rows in used.rows(name, measured.count).items():
            self.report.add(title, rows)
        if growth := grown.table(name, measured.count):
            self.report.add(GROWTH, growth)
        self.wrong += measured.errors + len(faults)
        for fault in [*faults, *measured.samples]:
            print(f"{name}: {fault}")

    def _sizes(self) -> Sizes:
        return sizes(self.store.kit) if self.counts_rows else Sizes()

    def _ratio(self, name: str, yardstick: str) -> dict[str, Any]:
        """The store's rate, latency and processor time as multiples of the yardstick's."""
        rows = {row["run"]: row for row in self.report.tables[LATENCY]}
        spent = {row["run"]: row for row in self.report.tables["CPU of an operation (ms)"]}
        figures = {column: (rows[name][column], rows[yardstick][column]) for column in ("per second", "p50", "p99")}
        figures["CPU"] = spent[name]["store"], spent[yardstick]["store"]
        return {"run": name, **{what: round(one / other, 2) for what, (one, other) in figures.items() if other}}


@dataclass(frozen=True)
class Target:
    """Where a scenario runs: an endpoint, and the processes behind it by their ports."""

    scenario: Scenario
    url: str
    ports: Mapping[int, str]


def _rows(name: str, measured: Measurement, groups: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    yield measured.row(name)
    for group, kind in groups.items():
        yield measured.row(f"{name}: {group}", [kind])


def new_bench(store: World, name: str, amount: Amount, *, counts_rows: bool = True) -> Bench:
    """A bench whose report tells under which conditions it began."""
    return Bench(store, amount, Report(name, conditions(store)), counts_rows)
