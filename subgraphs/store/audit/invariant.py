"""What an invariant is, and what the auditor finds when it checks one."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, TypeAlias

from subgraphs.store.audit.snapshots import AnyRow, Query, Snapshots

EXAMPLES = 10
Pair: TypeAlias = tuple[AnyRow | None, AnyRow | None]


class When(Enum):
    """When an invariant holds."""

    ALWAYS = "always"
    ENDED = "when sagas have ended"


@dataclass
class Finding:
    """The result of checking one invariant."""

    invariant: str
    sentence: str
    when: When
    checked: int = 0
    """How many rows were checked."""
    breaches: int = 0
    """How many of them break the invariant."""
    rows: list[str] = field(default_factory=list)
    """The first of those, as text."""
    skipped: str = ""
    """Why the invariant was not checked; empty when it was."""

    @property
    def is_clean(self) -> bool:
        return not self.breaches and not self.skipped

    def breach(self, *rows: AnyRow | None, **values: object) -> None:
        """Records one breach with the rows that show it, and further values."""
        self.breaches += 1
        if len(self.rows) < EXAMPLES:
            columns = {name: value for row in rows if row is not None for name, value in row._mapping.items()}
            self.rows.append(", ".join(f"{name}={value}" for name, value in (columns | values).items()))


class Invariant(ABC):
    """A statement that is true of a correct store. The docstring of each subclass is that statement."""

    when: ClassVar[When] = When.ALWAYS
    cross_database: ClassVar[bool] = False
    """Whether it compares databases, whose snapshots may show different instants."""

    def finding(self) -> Finding:
        """An empty finding to begin with."""
        return Finding(type(self).__name__, " ".join((type(self).__doc__ or "").split()), self.when)

    @abstractmethod
    async def check(self, store: Snapshots, finding: Finding) -> None:
        """Counts the rows that it checks, and records each breach."""


class Comparison(Invariant):
    """An invariant of pairs of rows, from two databases. Those with the same pairs are checked together."""

    cross_database = True
    pairs: ClassVar[Callable[[Snapshots], AsyncIterator[Pair]]]
    """Reads all pairs of rows that belong together. A row without a counterpart is paired with None."""

    @abstractmethod
    def compare(self, left: AnyRow | None, right: AnyRow | None, finding: Finding) -> None:
        """Counts a pair if it is checked, and records its breach."""

    async def check(self, store: Snapshots, finding: Finding) -> None:
        await compare_all(store, {self: finding})


async def compare_all(store: Snapshots, findings: Mapping[Comparison, Finding]) -> None:
    """Checks comparisons that have the same pairs, in one pass."""
    [pairs] = {type(one).pairs for one in findings}
    async for left, right in pairs(store):
        for comparison, finding in findings.items():
            comparison.compare(left, right, finding)


class SqlInvariant(Invariant):
    """An invariant of one database, given by queries that select the rows that break it."""

    subgraph: ClassVar[str]
    table: ClassVar[type[Any]]
    """The table whose rows are checked."""

    @abstractmethod
    def offenders(self) -> Iterator[Query]:
        """The queries; each finds one kind of breach."""

    async def check(self, store: Snapshots, finding: Finding) -> None:
        snapshot = store[self.subgraph]
        finding.checked = await snapshot.count(self.table)
        for query in self.offenders():
            found = await snapshot.count(query.subquery())
            examples = await snapshot.rows(query.limit(EXAMPLES)) if found else []
            for row in examples:
                finding.breach(row)
            finding.breaches += found - len(examples)
