"""What a new local store begins with: a sample catalogue, and accounts to try it with."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from etl import sample
from etl.load import load
from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.outbox import Outbox, OutboxColumns
from subgraphs.kit.peers import Peers
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.settings import settings
from subgraphs.kit.web.auth import Role
from subgraphs.payment import models as payment
from subgraphs.payment.service import PaymentService
from subgraphs.user import models as user
from subgraphs.user.domain import EmailTaken
from subgraphs.user.service import UserService

SAMPLE_GAMES = 1000
SAMPLE_SEED = 1


@dataclass(frozen=True)
class SignIn:
    """A ready-made account of the sample store; no secret, and made nowhere else."""

    email: str
    password: str
    name: str
    role: Role
    points: int


SIGN_INS = (
    SignIn("player@example.com", "press-any-key", "Ada Player", Role.USER, 1_000_000),
    SignIn("developer@example.com", "ship-it-friday", "Grace Developer", Role.DEVELOPER, 0),
    SignIn("admin@example.com", "with-great-power", "Linus Admin", Role.ADMIN, 0),
)


def seed_catalogue(state: Path) -> None:
    """Loads synthetic games with the store's own ETL."""
    with tempfile.TemporaryDirectory(dir=state) as folder:
        file = Path(folder, "games.json")
        sample.write(file, SAMPLE_GAMES, SAMPLE_SEED)
        load(file, settings().database_of("product"))


def seed_sign_ins() -> None:
    """Makes the ready-made accounts where they are missing."""
    asyncio.run(_seed_sign_ins())


async def grant(email: str, role: Role) -> bool:
    """Gives the account with this e-mail address a role; False when there is none."""
    async with _runtime("user", user.Outbox) as runtime:
        return await UserService(runtime).grant_role_by_email(email, role)


async def _seed_sign_ins() -> None:
    async with _runtime("user", user.Outbox) as runtime:
        users = UserService(runtime)
        await users.keys.load()
        registered = [
            (sign_in, await users.register(sign_in.email, sign_in.password, sign_in.name, None)) for sign_in in SIGN_INS
        ]
        for sign_in, _ in registered:
            await users.grant_role_by_email(sign_in.email, sign_in.role)
    async with _runtime("payment", payment.Outbox) as runtime:
        wallets = PaymentService(runtime).wallets
        for sign_in, outcome in registered:
            if sign_in.points and not isinstance(outcome, EmailTaken):
                await wallets.top_up(outcome.account.id, sign_in.points, "sample")


@asynccontextmanager
async def _runtime(subgraph: str, outbox: type[OutboxColumns]) -> AsyncIterator[Runtime]:
    """A subgraph's resources outside of its server process, for work on its database."""
    config = settings()
    database = Database(config.database_of(subgraph), pool_size=1)
    redis = Redis.from_url(config.redis_url, decode_responses=True, protocol=2)
    async with aiohttp.ClientSession() as http:
        peers = Peers(config, http)
        yield Runtime(config, database, redis, peers, Outbox(subgraph, outbox, database, redis, peers))
    await redis.aclose()
    await database.close()
