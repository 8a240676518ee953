"""The data of a new local store: a sample catalogue and demo accounts."""

import asyncio
import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from etl.load import load
from etl.sample.catalogue import GAMES, sample_games
from subgraphs.kit.problems import Problem
from subgraphs.kit.settings import settings
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.payment import models as payment
from subgraphs.payment.service import PaymentService
from subgraphs.payment.settings import PaymentSettings
from subgraphs.product.discounts.domain import Discount
from subgraphs.product.lists.domain import ProductFilter
from subgraphs.product.lists.service import EVERYTHING
from subgraphs.product.service import ProductService
from subgraphs.store import sample_mark
from subgraphs.store.runtime import runtime_of
from subgraphs.store.sample_mark import Mark, Stage
from subgraphs.user.domain import EmailTaken
from subgraphs.user.models import User
from subgraphs.user.service import UserService

DISCOUNT_EVERY = 16
DISCOUNTS = (20, 50, 33, 75)
"""Percent."""


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


def refusal() -> str:
    """Why this store takes no sample data; empty if it does."""
    if settings().production:
        return "The passwords of demo accounts are public: there are none in production."
    if PaymentSettings().top_up_provider != "sandbox":
        return (
            "The demo accounts have public passwords and points that nobody has paid for: only a store with "
            "STEAMPUNK_TOP_UP_PROVIDER=sandbox takes them."
        )
    return ""


def seed(pictures: str) -> None:
    """Adds the sample catalogue and the demo accounts where they are missing, and marks the databases.

    `pictures` is the address of the playground, which draws the games' pictures. Raises Problem in production, and
    where points cost money.
    """
    if refused := refusal():
        raise Problem(refused)
    print(f"Making a sample catalogue of {GAMES:,} games, and demo accounts ...")
    sample_mark.write(settings(), Mark(Stage.FILLING, pictures))
    games = sample_games(pictures)
    _load(games)
    asyncio.run(_set_discounts(games))
    asyncio.run(_seed_accounts())
    sample_mark.write(settings(), Mark(Stage.FILLED, pictures))


def seed_own(pictures: str) -> None:
    """What `up` does: seeds databases that it has created and nobody has used, and corrects pictures that moved."""
    mark = sample_mark.read(settings())
    if mark is None or refusal():
        return
    if mark.stage is Stage.NEW and not asyncio.run(_is_empty()):
        return
    if mark.stage in (Stage.NEW, Stage.FILLING):
        seed(pictures)
    elif mark.pictures != pictures:
        _load(sample_games(pictures))
        sample_mark.write(settings(), replace(mark, pictures=pictures))


def _load(games: dict[str, dict[str, Any]]) -> None:
    """Loads games with the ETL."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "games.json")
        file.write_text(json.dumps(games, indent=4, ensure_ascii=False), "utf-8")
        load(file, settings().database_of("product"))


async def _is_empty() -> bool:
    """Whether there are neither games nor accounts."""
    async with runtime_of("product") as runtime:
        games = await ProductService(runtime).catalogue.count(EVERYTHING, ProductFilter())
    async with runtime_of("user") as runtime, runtime.database.reading() as session:
        return not games and not await session.scalar(select(func.count(User.id)))


async def _set_discounts(games: dict[str, dict[str, Any]]) -> None:
    """Puts some games on sale, unless there are such already."""
    chosen = [
        game_id
        for i, (game_id, game) in enumerate(games.items())
        if game["price"] and (i % DISCOUNT_EVERY == 0 or "Dragon" in game["name"])
    ]
    admin = Viewer("sample", frozenset({Role.ADMIN}), session="")
    async with runtime_of("product") as runtime:
        products = ProductService(runtime)
        if not await products.catalogue.count(EVERYTHING, ProductFilter(on_sale=True)):
            for i, game_id in enumerate(chosen):
                await products.discounts.set(admin, game_id, Discount(DISCOUNTS[i % len(DISCOUNTS)]))


async def grant(email: str, role: Role) -> bool:
    """Gives the account with this e-mail address a role; False if there is no such account."""
    async with runtime_of("user") as runtime:
        return await UserService(runtime).roles.grant_by_email(email, role)


async def _seed_accounts() -> None:
    """Makes the demo accounts that are missing, with their roles and points."""
    async with runtime_of("user") as runtime:
        users = UserService(runtime)
        await users.keys.load()
        registered = [
            (one, await users.register(one.email, one.password, one.name, None, client=None)) for one in DEMO_ACCOUNTS
        ]
        for one, _ in registered:
            await users.roles.grant_by_email(one.email, one.role)
    async with runtime_of("payment", payment.Outbox) as runtime:
        wallets = PaymentService(runtime).wallets
        for one, outcome in registered:
            if one.points and not isinstance(outcome, EmailTaken):
                viewer = Viewer(outcome.account.id, frozenset(), session="")
                await wallets.top_up(viewer, one.points, "sample")
