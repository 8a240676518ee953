"""The processes of a store, found by the ports that they listen on: their processor time and memory."""

from collections import Counter
from collections.abc import Iterator, Mapping

import psutil
from sqlalchemy.engine import make_url

from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.config import StoreSettings

LOAD = "load"
ORDER = ("router", *SUBGRAPHS, "yardstick", "database", "redis", LOAD)
"""The order of columns: a request's way."""

Processes = Mapping[str, list[psutil.Process]]
"""A process and its workers, by name."""


def ports_of(store: StoreSettings, settings: Settings) -> dict[int, str]:
    """What listens where. SQLite runs in the subgraphs."""
    ports = {store.router_port: "router", **{store.port_of(name): name for name in SUBGRAPHS}}
    for url, name in ((settings.database_url, "database"), (settings.redis_url, "redis")):
        if port := url and make_url(url).port:
            ports[port] = name
    return ports


def found(ports: Mapping[int, str]) -> Processes:
    """Those that listen on this machine, and this process, the load. What runs elsewhere is left out."""
    names = {
        one.pid: ports[one.laddr.port]
        for one in psutil.net_connections("tcp")
        if one.pid and one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port in ports
    }
    groups: dict[str, list[psutil.Process]] = {LOAD: [psutil.Process()]}
    for pid, name in names.items():
        groups.setdefault(name, []).extend(_with_workers(psutil.Process(pid), names))
    return groups


def cpu(processes: Processes) -> Counter[str]:
    """Microseconds of processor time since each one's start."""
    return Counter({name: sum(map(_microseconds, group)) for name, group in processes.items()})


def memory(processes: Processes) -> dict[str, float]:
    """Resident megabytes."""
    return {name: sum(one.memory_info().rss for one in group) / 1e6 for name, group in processes.items()}


def _with_workers(process: psutil.Process, names: Mapping[int, str]) -> Iterator[psutil.Process]:
    yield process
    for child in process.children(recursive=True):
        if child.pid not in names:
            yield child


def _microseconds(process: psutil.Process) -> int:
    times = process.cpu_times()
    return round((times.user + times.system) * 1e6)
