"""What an operation costs: the CPU time of each of the store's processes, and of the load itself."""

from collections import defaultdict
from collections.abc import Mapping

import psutil
from sqlalchemy.engine import make_url

from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.config import StoreSettings

LOAD = "load"


def cpu_seconds(store: StoreSettings, settings: Settings) -> dict[str, float]:
    """The CPU time that each process of the store has used since its start, and this one, the load.

    They are found by the ports that they listen on. SQLite runs in the subgraphs; a database or Redis on another
    machine is left out.
    """
    names = _names(store, settings)
    seconds: dict[str, float] = defaultdict(float)
    for pid, name in names.items():
        one = psutil.Process(pid)
        workers = [child for child in one.children(recursive=True) if child.pid not in names]
        seconds[name] += sum(_seconds(process) for process in (one, *workers))
    seconds[LOAD] = _seconds(psutil.Process())
    return seconds


def _names(store: StoreSettings, settings: Settings) -> dict[int, str]:
    """The name of each process, by its id."""
    ports = {store.router_port: "router", **{store.port_of(name): name for name in SUBGRAPHS}}
    servers = {"database": settings.database_of("user").port, "redis": make_url(settings.redis_url).port}
    ports |= {port: name for name, port in servers.items() if port}
    return {
        one.pid: ports[one.laddr.port]
        for one in psutil.net_connections("tcp")
        if one.pid and one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port in ports
    }


def row(name: str, seconds: Mapping[str, float], operations: int) -> dict[str, object]:
    """A table row: milliseconds of CPU time for each operation; the total leaves the load out."""
    used = {who: 1000 * value / operations for who, value in sorted(seconds.items())}
    total = sum(value for who, value in used.items() if who != LOAD)
    columns = {who: round(used.get(who, 0), 2) for who in ("router", *SUBGRAPHS, "database", "redis", LOAD)}
    return {"run": name, "total": round(total, 2), **columns}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
