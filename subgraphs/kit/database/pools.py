"""What is measured of the pools of database connections."""

import time
from typing import Any

from prometheus_client import Gauge, Histogram
from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

SIZE = Gauge("steampunk_pool_size", "The most database connections that a pool has.", ["pool"])
IN_USE = Gauge("steampunk_pool_in_use", "Database connections of a pool that are in use.", ["pool"])
WAIT_SECONDS = Histogram(
    "steampunk_pool_wait_seconds",
    "Seconds until a pool gave a database connection: one that was in use until then, or a new one.",
    ["pool"],
    buckets=(0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30),
)


class MeasuredPool(AsyncAdaptedQueuePool):
    """A pool that measures how long connections are waited for. It needs a `pool_logging_name`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._wait = WAIT_SECONDS.labels(self.logging_name)

    def _do_get(self) -> ConnectionPoolEntry:
        started = time.perf_counter()
        try:
            return super()._do_get()
        finally:
            self._wait.observe(time.perf_counter() - started)


def show(engine: AsyncEngine) -> None:
    """Shows the engine's pool in this process's metrics, from now on."""

    def in_use() -> float:
        pool = engine.pool
        assert isinstance(pool, MeasuredPool)
        return pool.checkedout()

    assert isinstance(engine.pool, MeasuredPool)
    name = engine.pool.logging_name
    SIZE.labels(name).set(engine.pool.size())
    IN_USE.labels(name).set_function(in_use)
