"""Under which conditions something was measured: without them, its figures mean nothing."""

import os
import platform
from datetime import UTC, datetime

import psutil

from perf.world import World


def conditions(store: World | None = None) -> dict[str, str]:
    """The time, the machine and how busy it was before, and the store's engines."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    machine = f"{psutil.cpu_count()} processors, {psutil.virtual_memory().total / 1e9:.0f} GB"
    told = {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "on": machine,
        "load average before": load,
        "Python": platform.python_version(),
    }
    if store:
        server = store.kit.database_of("user").get_backend_name() != "sqlite"
        told["engines"] = "MariaDB and Redis" if server else "SQLite and the embedded Valkey"
        told["workers"] = str(store.settings.workers)
    return told
