"""The store under load: its databases, access tokens for any number of users, and rows in bulk."""

import asyncio
import base64
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from rich.progress import track
from sqlalchemy import func, insert, select

from subgraphs.kit.database.columns import first_id_at, new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.problems import Problem
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.kit.web.auth import Role
from subgraphs.payment.models import Outbox
from subgraphs.store.audit import audit
from subgraphs.store.config import StoreSettings, existing_store
from subgraphs.user.models import SigningKey
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault

ROWS_PER_STATEMENT = 1000
TIME_DIGITS = 13
"""The length of an id's part that tells its time."""
DELIVERY_SECONDS = 120


@dataclass(frozen=True)
class Shopper:
    """A user of the load: an id and an access token."""

    id: str
    token: str


class World:
    """The store under load. `url` is where its router answers."""

    def __init__(self, settings: StoreSettings, kit: Settings, databases: dict[str, Database], signer: Signer) -> None:
        self.settings = settings
        self.kit = kit
        self.databases = databases
        self.url = settings.graphql_url
        self.past = timedelta()
        """How old the oldest users are. New ones get ids of this time, so that their rows lie among the others'."""
        self._signer = signer

    def shoppers(self, count: int) -> list[Shopper]:
        """New users, known by their tokens only. Signing tokens here is fast; registering would hash passwords."""
        return [self._user(Role.USER) for _ in range(count)]

    def developer(self) -> Shopper:
        """A user who may publish and limit products, and create flash sales."""
        return self._user(Role.USER, Role.DEVELOPER, Role.ADMIN)

    def _user(self, *roles: Role) -> Shopper:
        now, user_id = datetime.now(UTC), new_id()
        if self.past:
            user_id = first_id_at(now - random.random() * self.past) + user_id[TIME_DIGITS:]
        token = self._signer.access_token(user_id, frozenset(roles), user_id, now, now + timedelta(hours=2))
        return Shopper(user_id, token)

    async def ask(self, query: str, variables: dict[str, Any], viewer: Shopper) -> dict[str, Any]:
        """The data of one operation, outside of the load. Raises Problem for an error."""
        headers = {"authorization": f"Bearer {viewer.token}"}
        request = {"query": query, "variables": variables}
        async with aiohttp.ClientSession() as http, http.post(self.url, json=request, headers=headers) as response:
            answer = await response.json()
        if "errors" in answer:
            raise Problem(f"The measurement cannot be prepared: {answer['errors']}")
        data: dict[str, Any] = answer["data"]
        return data


@asynccontextmanager
async def world(url: str = "") -> AsyncIterator[World]:
    """The store that this process's settings name, which must be running. `url` replaces their address of the router.

    Raises Problem where there is none.
    """
    store, settings = StoreSettings(), existing_store()
    databases = {name: Database(settings.database_of(name), 4) for name in SUBGRAPHS}
    try:
        vault = Vault(base64.b64decode(store.secrets()["STEAMPUNK_DATA_KEY"]))
        async with databases["user"].reading() as session:
            key = (await session.scalars(select(SigningKey).order_by(SigningKey.id.desc()))).first()
        if key is None:
            raise Problem("The store has never run. Start it: nox -s up")
        private = vault.open(key.private_key, f"signing-key:{key.id}")
        one = World(store, settings, databases, Signer(key.id, private, settings.token_issuer))
        one.url = url or one.url
        yield one
    finally:
        for database in databases.values():
            await database.close()


async def insert_rows(database: Database, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows in bulk, with a progress bar on a terminal."""
    what = f"Preparing {len(rows):,} rows of {table.__tablename__}"
    for start in track(range(0, len(rows), ROWS_PER_STATEMENT), what, disable=not sys.stdout.isatty()):
        async with database.transaction() as session:
            await session.execute(insert(table), rows[start : start + ROWS_PER_STATEMENT])


async def delivered(store: World) -> bool:
    """Waits until all consumers have applied all events, two minutes at most; whether they have."""
    for _ in range(2 * DELIVERY_SECONDS):
        async with store.databases["payment"].reading() as session:
            if not await session.scalar(select(func.count()).select_from(Outbox)):
                return True
        await asyncio.sleep(0.5)
    return False


async def audited(store: World) -> int:
    """Runs the auditor, prints what it finds, and returns the number of broken invariants."""
    started = time.monotonic()
    findings = await audit(store.kit)
    seconds = time.monotonic() - started
    broken = [finding for finding in findings if not finding.is_clean]
    for finding in broken:
        print(f"auditor: {finding.sentence} {finding.skipped or finding.rows}")
    print(f"Auditor: {len(findings) - len(broken)} of {len(findings)} invariants hold; it took {seconds:.1f} s.")
    return len(broken)
