"""What the load scripts share: accounts in bulk, a load generator, and its measurements."""

import asyncio
import base64
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from rich.progress import track
from sqlalchemy import insert, select

from perf import costs
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.problems import Problem
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.kit.web.auth import Role
from subgraphs.store.audit import audit
from subgraphs.store.config import StoreSettings, existing_store
from subgraphs.user.models import SigningKey
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault

REQUEST_SECONDS = 120
MAX_OPENING = 64
ROWS_PER_STATEMENT = 1000


@dataclass(frozen=True)
class Shopper:
    """A user of the load: an id and an access token."""

    id: str
    token: str


@dataclass(frozen=True)
class Call:
    """One GraphQL request of the load, and how to classify its answer."""

    token: str
    body: bytes
    kind: Callable[[bytes], str]
    """Classifies an answer, for example as "PAID" or "SoldOut"; a wrong answer is an "error"."""


@dataclass
class Measurement:
    """The result of one run: latencies in seconds, by kind of answer."""

    seconds: float = 0.0
    latencies: dict[str, list[float]] = field(default_factory=dict)
    ended_at: list[tuple[float, str]] = field(default_factory=list)
    """When each answer came (seconds from the start), and its kind."""
    samples: list[str] = field(default_factory=list)
    """The first wrong answers, three at most."""
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """The CPU time of each of the store's processes, and of the load, if it was measured."""

    @property
    def count(self) -> int:
        return sum(len(values) for values in self.latencies.values())

    @property
    def errors(self) -> int:
        return len(self.latencies.get("error", []))

    def costs(self, name: str) -> dict[str, Any]:
        """A table row about the CPU time of an answer, in milliseconds."""
        return costs.row(name, self.cpu_seconds, self.count)

    def row(self, name: str, kinds: Sequence[str] = ()) -> dict[str, Any]:
        """A table row about all answers, or about those of some kinds; times in milliseconds."""
        values = sorted(value for kind in kinds or self.latencies for value in self.latencies.get(kind, []))
        return {
            "run": name,
            "answers": len(values),
            "per second": round(len(values) / self.seconds, 1) if self.seconds else 0.0,
            "avg": _ms(sum(values) / len(values)) if values else None,
            **{f"p{percent}": _ms(_percentile(values, percent)) for percent in (50, 95, 99)},
            "max": _ms(values[-1]) if values else None,
            "errors": self.errors,
        }


async def drive(url: str, calls: Sequence[Call], concurrency: int) -> Measurement:
    """Sends the calls over `concurrency` open connections, each one call after the other."""
    waiting, result = iter(calls), Measurement()
    async with _connections(url, min(concurrency, len(calls))) as connections:
        started = time.perf_counter()

        async def send_all(http: aiohttp.ClientSession) -> None:
            for call in waiting:
                began = time.perf_counter()
                kind, answer = await _send(http, url, call)
                ended = time.perf_counter()
                result.latencies.setdefault(kind, []).append(ended - began)
                result.ended_at.append((ended - started, kind))
                if kind == "error" and len(result.samples) < 3:
                    result.samples.append(answer)

        await asyncio.gather(*[send_all(http) for http in connections])
        result.seconds = time.perf_counter() - started
    return result


@asynccontextmanager
async def _connections(url: str, count: int) -> AsyncIterator[list[aiohttp.ClientSession]]:
    """Sessions of one open connection each.

    Opens a few at a time: the router's listener queues 128 new connections. When that queue is full, the kernel
    retries after 1, 3, 7 ... seconds, and the run would measure those delays instead of the store.
    """
    allow_connections(count)
    timeout, cookies = aiohttp.ClientTimeout(total=REQUEST_SECONDS), aiohttp.DummyCookieJar()
    gate = asyncio.Semaphore(MAX_OPENING)
    sessions = [
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1, keepalive_timeout=60), timeout=timeout, cookie_jar=cookies
        )
        for _ in range(count)
    ]

    async def open_connection(http: aiohttp.ClientSession) -> None:
        # Ignore a router that is down: the first call then opens the connection, or counts as an error.
        async with gate:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with http.post(url, json={"query": "{ __typename }"}) as response:
                    await response.read()

    try:
        await asyncio.gather(*[open_connection(http) for http in sessions])
        yield sessions
    finally:
        await asyncio.gather(*[http.close() for http in sessions])


async def _send(http: aiohttp.ClientSession, url: str, call: Call) -> tuple[str, str]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {call.token}"}
    try:
        async with http.post(url, data=call.body, headers=headers) as response:
            answer = await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return "error", repr(error)
    return call.kind(answer), answer.decode(errors="replace")[:300]


def body(query: str, variables: dict[str, Any]) -> bytes:
    """The body of a GraphQL request."""
    return json.dumps({"query": query, "variables": variables}).encode()


def allow_connections(count: int) -> None:
    """Raises this process's limit of open files to what `count` connections need. Exits where that is not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, count + 1000)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{count} connections need {wanted} open files; this machine allows {hard} (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class World:
    """The store under load: its settings and databases, and access tokens for any number of users."""

    def __init__(self, settings: StoreSettings, kit: Settings, databases: dict[str, Database], signer: Signer) -> None:
        self.settings = settings
        self.kit = kit
        self.databases = databases
        self._signer = signer

    def cpu_seconds(self, since: Mapping[str, float] | None = None) -> dict[str, float]:
        """The CPU time that each of the store's processes has used, and the load: since its start, or `since` then."""
        now = costs.cpu_seconds(self.settings, self.kit)
        return {name: value - (since or {}).get(name, 0) for name, value in now.items()}

    def shoppers(self, count: int) -> list[Shopper]:
        """New users, known by their tokens only. Signing tokens here is fast; registering would hash passwords."""
        now = datetime.now(UTC)
        roles, until = frozenset({Role.USER}), now + timedelta(hours=2)
        ids = [new_id() for _ in range(count)]
        return [Shopper(i, self._signer.access_token(i, roles, i, now, until)) for i in ids]

    def developer(self) -> Shopper:
        """A user who may publish and limit products, and create flash sales."""
        now, user_id = datetime.now(UTC), new_id()
        roles = frozenset({Role.USER, Role.DEVELOPER, Role.ADMIN})
        return Shopper(user_id, self._signer.access_token(user_id, roles, user_id, now, now + timedelta(hours=2)))


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """The running store that the settings of this process name. Raises Problem where there is none."""
    store, settings = StoreSettings(), existing_store()
    databases = {name: Database(settings.database_of(name), 4) for name in SUBGRAPHS}
    try:
        vault = Vault(base64.b64decode(store.secrets()["STEAMPUNK_DATA_KEY"]))
        async with databases["user"].reading() as session:
            key = (await session.scalars(select(SigningKey).order_by(SigningKey.id.desc()))).first()
        if key is None:
            raise Problem("The store has never run. Start it: nox -s up")
        private = vault.open(key.private_key, f"signing-key:{key.id}")
        yield World(store, settings, databases, Signer(key.id, private, settings.token_issuer))
    finally:
        for database in databases.values():
            await database.close()


async def insert_rows(database: Database, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows in bulk, with a progress bar on a terminal."""
    what = f"Preparing {len(rows):,} rows of {table.__tablename__}"
    for start in track(range(0, len(rows), ROWS_PER_STATEMENT), what, disable=not sys.stdout.isatty()):
        async with database.transaction() as session:
            await session.execute(insert(table), rows[start : start + ROWS_PER_STATEMENT])


async def audited(store: World) -> int:
    """Runs the auditor, prints what it finds, and returns the number of broken invariants."""
    findings = await audit(store.kit)
    broken = [finding for finding in findings if not finding.is_clean]
    for finding in broken:
        print(f"auditor: {finding.sentence} {finding.skipped or finding.rows}")
    print(f"Auditor: {len(findings) - len(broken)} of {len(findings)} invariants hold.")
    return len(broken)


def _percentile(values: Sequence[float], percent: int) -> float | None:
    return values[min(len(values) - 1, len(values) * percent // 100)] if values else None


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
