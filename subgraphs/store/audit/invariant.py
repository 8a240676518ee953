"""What an invariant is, and what the auditor finds out about it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from sqlalchemy import Row

from subgraphs.store.audit.snapshots import Query, Snapshots

EXAMPLES = 10


class When(Enum):
    """When an invariant holds."""

    ALWAYS = "always"
    ENDED = "when sagas have ended"


@dataclass
class Finding:
    """What the check of one invariant found out; `rows` are the first of those that break it."""

    invariant: str
    sentence: str
    when: When
    checked: int = 0
    breaches: int = 0
    rows: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why it was not checked."""

    @property
    def is_clean(self) -> bool:
        return not self.breaches and not self.skipped

    def breach(self, *rows: Row[Any] | None, **values: object) -> None:
        """Takes down one breach: the rows that it shows in, and what else tells of it."""
        self.breaches += 1
        if len(self.rows) < EXAMPLES:
            shown = {name: value for row in rows if row is not None for name, value in row._mapping.items()}
            self.rows.append(", ".join(f"{name}={value}" for name, value in (shown | values).items()))


class Invariant(ABC):
    """The docstring of each invariant is the sentence that it enforces."""

    when: ClassVar[When] = When.ALWAYS
    across: ClassVar[bool] = False
    """Compares several databases, whose snapshots are not of one instant."""

    def finding(self) -> Finding:
        """Nothing found yet."""
        return Finding(type(self).__name__, " ".join((type(self).__doc__ or "").split()), self.when)

    @abstractmethod
    async def check(self, store: Snapshots, finding: Finding) -> None:
        """Counts what is checked, and takes down what breaks it."""


class SqlInvariant(Invariant):
    """An invariant of one database, told by queries that select the rows that break it."""

    subgraph: ClassVar[str]
    table: ClassVar[type[Any]]
    """Whose rows are checked."""

    @abstractmethod
    def offenders(self) -> Iterator[Query]:
        """Queries, each for the rows that break it in one way."""

    async def check(self, store: Snapshots, finding: Finding) -> None:
        snapshot = store[self.subgraph]
        finding.checked = await snapshot.count(self.table)
        for query in self.offenders():
            found = await snapshot.count(query.subquery())
            examples = await snapshot.rows(query.limit(EXAMPLES)) if found else []
            for row in examples:
                finding.breach(row)
            finding.breaches += found - len(examples)
