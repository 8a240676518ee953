"""How much a load needs, from what one purchase and one page cost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from perf.capacity.figures import Operation
from subgraphs.kit.settings import SUBGRAPHS

PROCESSES = ("router", *SUBGRAPHS)
BY_USER = ("user", "order", "payment", "library")
"""Subgraphs whose rows belong to one user each, so that shards by user hold them whole."""
DAY, YEAR = 86_400, 365


@dataclass(frozen=True)
class Assumed:
    """The numbers of the model that were not measured."""

    pages_per_pay: float = 10
    """Pages of 20 games that customers look at for each purchase."""
    average: float = 0.2
    """The load of a whole day, as a share of the peak."""
    busy: float = 0.6
    """The share of a processor's time that may be used at the peak."""
    machine_processors: float = 8
    database_processors: float = 16
    database_terabytes: float = 2
    """The most that one server should hold: it must be backed up and restored in time."""
    years: float = 3
    """How long rows are kept."""
    processor_price: float = 20
    """Euros a month."""
    gigabyte_price: float = 0.1
    """Euros a month."""


@dataclass(frozen=True)
class Ceiling:
    """A limit that more machines for routers and subgraphs do not move."""

    what: str
    of: str
    """What is used up: processors, or room for bytes."""
    pays: float
    """Purchases a second at which it is reached."""
    then: str
    """What helps then."""


@dataclass(frozen=True)
class Plan:
    """What a load needs at the peak. `processors` are busy all the time; processes and machines have room to spare."""

    pays: float
    processors: Mapping[str, float]
    processes: Mapping[str, int]
    machines: int
    rows_a_day: float
    bytes: Mapping[str, float]
    """By database, after the assumed years."""
    servers: Mapping[str, int]
    """Database servers by subgraph: more than one are shards. Empty if one server holds all six."""
    redis: float
    """Processors' worth of work for Redis, which uses one."""
    price: float
    """Euros a month, at the end of the assumed years."""

    @property
    def database_servers(self) -> int:
        return sum(self.servers.values()) or 1


class Capacity:
    """A model of the store: linear, without any effect of size."""

    def __init__(self, pay: Operation, page: Operation, idle: Operation, assumed: Assumed) -> None:
        self._pay = pay.without(idle)
        self._page = page.without(idle)
        self._idle = idle
        self._assumed = assumed

    def plan(self, pays: float) -> Plan:
        """What so many purchases a second need at the peak."""
        assumed = self._assumed
        processors = {name: pays * self._cpu(name) / 1000 for name in PROCESSES}
        size = {name: pays * self._kept_a_second(name) for name in SUBGRAPHS}
        needed = {name: self._servers(pays * self._database_cpu(name) / 1000, size[name]) for name in SUBGRAPHS}
        one_for_all = self._servers(pays * self._cpu("database") / 1000, sum(size.values())) <= 1
        servers = {} if one_for_all else {name: math.ceil(number) for name, number in needed.items()}
        machines = math.ceil(sum(processors.values()) / assumed.busy / assumed.machine_processors)
        rented = machines * assumed.machine_processors + (sum(servers.values()) or 1) * assumed.database_processors
        return Plan(
            pays=pays,
            processors=processors,
            processes={name: max(1, math.ceil(used / assumed.busy)) for name, used in processors.items()},
            machines=machines,
            rows_a_day=pays * assumed.average * DAY * sum(self._pay.rows.values()),
            bytes=size,
            servers=servers,
            redis=pays * self._redis(),
            price=rented * assumed.processor_price + sum(size.values()) / 1e9 * assumed.gigabyte_price,
        )

    def ceilings(self) -> list[Ceiling]:
        """What is full first, and next, as the load grows."""
        kept, what = sum(map(self._kept_a_second, SUBGRAPHS)), "one server with all six databases"
        found = [
            self._full_server(what, self._cpu("database"), kept, "a server for each database"),
            Ceiling("one Redis", "processors", self._assumed.busy / self._redis(), "one for each shard's events"),
        ]
        for name in SUBGRAPHS:
            then = "shards by user" if name in BY_USER else "replicas for reading"
            used = self._database_cpu(name), self._kept_a_second(name)
            found += [self._full_server(f"one server of {name}", *used, then)] if any(used) else []
        return sorted(found, key=lambda one: one.pays)

    def _full_server(self, what: str, milliseconds: float, size: float, then: str) -> Ceiling:
        """The load at which one server is full, if each purchase a second takes so much time and room."""
        used = self._servers(milliseconds / 1000, size)
        of = "bytes" if used > self._servers(milliseconds / 1000, 0) else "processors"
        return Ceiling(what, of, 1 / used, then)

    def _servers(self, processors: float, size: float) -> float:
        """How many servers a load would fill: 0.3 for a load that leaves one server 70 % free."""
        assumed = self._assumed
        return max(processors / assumed.busy / assumed.database_processors, size / 1e12 / assumed.database_terabytes)

    def _redis(self) -> float:
        """Processors' worth of work for a purchase a second: its own, and that of processes in the background."""
        stores = sum(self._cpu(name) for name in SUBGRAPHS) / 1000 / self._assumed.busy / len(SUBGRAPHS)
        return (self._cpu("redis") + stores * self._idle.rate * self._idle.cpu["redis"]) / 1000

    def _cpu(self, process: str) -> float:
        """Milliseconds of a process for a purchase and the pages that come with it."""
        return self._pay.cpu[process] + self._assumed.pages_per_pay * self._page.cpu[process]

    def _database_cpu(self, subgraph: str) -> float:
        pages = self._assumed.pages_per_pay * self._page.database_cpu(subgraph)
        return self._pay.database_cpu(subgraph) + pages

    def _kept_a_second(self, subgraph: str) -> float:
        """How many bytes there are after the assumed years if the peak is one purchase a second."""
        assumed = self._assumed
        return self._pay.size[subgraph] * assumed.average * DAY * YEAR * assumed.years
