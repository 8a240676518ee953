"""The data of a new local store: a sample catalogue and demo accounts."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from etl import sample
from etl.load import load
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.kit.messaging.tables import OutboxColumns
from subgraphs.kit.peers import Peers
from subgraphs.kit.problems import Problem
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.settings import settings
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.payment import models as payment
from subgraphs.payment.service import PaymentService
from subgraphs.payment.settings import PaymentSettings
from subgraphs.user.domain import EmailTaken
from subgraphs.user.service import UserService

SAMPLE_GAMES = 1000
SAMPLE_SEED = 1


@dataclass(frozen=True)
class DemoAccount:
    """An account of the sample store. Its password is public; no other store has it."""

    email: str
    password: str
    name: str
    role: Role
    points: int
    """What its wallet holds at first."""


DEMO_ACCOUNTS = (
    DemoAccount("player@example.com", "press-any-key", "Ada Player", Role.USER, 1_000_000),
    DemoAccount("developer@example.com", "ship-it-friday", "Grace Developer", Role.DEVELOPER, 0),
    DemoAccount("admin@example.com", "with-great-power", "Linus Admin", Role.ADMIN, 0),
)


def demo_accounts_json() -> str:
    """The demo accounts as the playground's setting STEAMPUNK_PLAYGROUND_ACCOUNTS has them."""
    return json.dumps([{**asdict(one), "role": one.role.value} for one in DEMO_ACCOUNTS])


def seed() -> None:
    """Adds the sample catalogue and the demo accounts where they are missing.

    Raises Problem in production, and where points cost money.
    """
    if settings().production:
        raise Problem("The passwords of demo accounts are public: there are none in production.")
    if PaymentSettings().top_up_provider != "sandbox":
        raise Problem(
            "The demo accounts have public passwords and points that nobody has paid for: only a store with "
            "STEAMPUNK_TOP_UP_PROVIDER=sandbox takes them."
        )
    print(f"Making a sample catalogue of {SAMPLE_GAMES:,} games, and demo accounts ...")
    _seed_catalogue()
    asyncio.run(_seed_accounts())


def _seed_catalogue() -> None:
    """Loads synthetic games with the ETL."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "games.json")
        sample.write(file, SAMPLE_GAMES, SAMPLE_SEED)
        load(file, settings().database_of("product"))


async def grant(email: str, role: Role) -> bool:
    """Gives the account with this e-mail address a role; False if there is no such account."""
    async with _runtime("user") as runtime:
        return await UserService(runtime).grant_role_by_email(email, role)


async def _seed_accounts() -> None:
    """Makes the demo accounts that are missing, with their roles and points."""
    async with _runtime("user") as runtime:
        users = UserService(runtime)
        await users.keys.load()
        registered = [
            (one, await users.register(one.email, one.password, one.name, None, client=None)) for one in DEMO_ACCOUNTS
        ]
        for one, _ in registered:
            await users.grant_role_by_email(one.email, one.role)
    async with _runtime("payment", payment.Outbox) as runtime:
        wallets = PaymentService(runtime).wallets
        for one, outcome in registered:
            if one.points and not isinstance(outcome, EmailTaken):
                viewer = Viewer(outcome.account.id, frozenset(), session="")
                await wallets.top_up(viewer, one.points, "sample")


@asynccontextmanager
async def _runtime(subgraph: str, outbox: type[OutboxColumns] | None = None) -> AsyncIterator[Runtime]:
    """A subgraph's resources, for work on its database outside of its process."""
    config = settings()
    database = Database(config.database_of(subgraph), pool_size=1)
    redis = Redis.from_url(config.redis_url, decode_responses=True, protocol=2)
    async with aiohttp.ClientSession() as http:
        yield Runtime(config, database, redis, Peers(config, http), Outbox(outbox, database) if outbox else None)
    await redis.aclose()
    await database.close()
