"""What an operation costs: processor time, SQL, Redis and batches, counted before and after a run; and memory."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perf import counters, processes
from perf.processes import LOAD
from perf.world import World

STATEMENTS = ("select", "insert", "update", "delete")
FRAME = ("begin", "commit", "rollback")
"""What a transaction costs beside its statements."""
FREQUENT = 4


@dataclass(frozen=True)
class Costs:
    """Counted since the processes' start, or between two such moments."""

    cpu: Counter[str]
    """Microseconds of processor time, by process."""
    memory: Mapping[str, float]
    """Resident megabytes at the end, by process."""
    sql: Counter[str] = field(default_factory=Counter)
    """The database server's own counts; empty for SQLite, which has no server."""
    redis: Counter[str] = field(default_factory=Counter)
    """Calls by command."""
    batches: Counter[str] = field(default_factory=Counter)
    """Batches by name."""
    members: Counter[str] = field(default_factory=Counter)
    """Members of these batches."""
    statements: Counter[str] = field(default_factory=Counter)
    """SQL statements by subgraph."""

    def since(self, before: "Costs") -> "Costs":
        """What was added after `before`."""
        return Costs(
            self.cpu - before.cpu,
            self.memory,
            self.sql - before.sql,
            self.redis - before.redis,
            self.batches - before.batches,
            self.members - before.members,
            self.statements - before.statements,
        )

    def rows(self, run: str, operations: int) -> dict[str, list[dict[str, Any]]]:
        """The rows of this run, by the title of their table."""
        tables = {
            "CPU of an operation (ms)": [self._cpu(run, operations)],
            "SQL of an operation": [self._sql(run, operations)] if self.sql else [],
            "SQL statements of an operation, by subgraph": self._statements(run, operations),
            "Redis calls of an operation": [self._redis(run, operations)] if self.redis else [],
            "Batches": self._batches(run),
            "Memory (MB)": [{"run": run, **_in_order({name: round(mb) for name, mb in self.memory.items()})}],
        }
        return {title: rows for title, rows in tables.items() if rows}

    def _cpu(self, run: str, operations: int) -> dict[str, Any]:
        used = {name: self.cpu[name] / 1000 / operations for name in self.memory}
        total = sum(value for name, value in used.items() if name != LOAD)
        return {"run": run, "store": round(total, 2), **_in_order({name: round(ms, 2) for name, ms in used.items()})}

    def _sql(self, run: str, operations: int) -> dict[str, Any]:
        each = {name: round(value / operations, 2) for name, value in self.sql.items()}
        statements = sum(self.sql[name] for name in STATEMENTS) / operations
        parts = {name: each.get(name, 0.0) for name in (*STATEMENTS, *FRAME)}
        return {"run": run, "round trips": each.get(counters.ALL, 0.0), "statements": round(statements, 2), **parts}

    def _redis(self, run: str, operations: int) -> dict[str, Any]:
        total = round(self.redis.total() / operations, 2)
        most = [f"{name} {count / operations:.2f}" for name, count in self.redis.most_common(FREQUENT)]
        return {"run": run, "calls": total, "most frequent": ", ".join(most)}

    def _statements(self, run: str, operations: int) -> list[dict[str, Any]]:
        each = {name: round(count / operations, 3) for name, count in self.statements.items()}
        return [{"run": run, **_in_order(each)}] if each else []

    def _batches(self, run: str) -> list[dict[str, Any]]:
        return [
            {"run": f"{run}: {name}", "batches": count, "mean size": round(self.members[name] / count, 1)}
            for name, count in sorted(self.batches.items())
        ]


def costs(store: World, ports: Mapping[int, str]) -> Costs:
    """What the store has cost since its processes started. `ports` tells which process listens on which port."""
    found = processes.found(ports)
    samples = list(counters.samples(store.settings))
    batches, members = counters.batches(samples)
    return Costs(
        processes.cpu(found),
        processes.memory(found),
        counters.sql(store.kit.database_of("user")),
        counters.redis_calls(store.kit.redis_url) if "redis" in ports.values() else Counter(),
        batches,
        members,
        counters.statements(samples),
    )


def _in_order(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in sorted(values, key=processes.ORDER.index)}
