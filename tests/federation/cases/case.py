"""Every outcome of every mutation: who sends it, with which arguments, after what.

Each case is arranged anew for each executor, for new people in the same situation.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.accounts.mailbox import MailFolder
from tests.clients import Account
from tests.federation.people import on_sale, withdraw
from tests.shop import CLAIM, Shop

PASSWORD = "a long password"
REGISTER = """
mutation($input: RegisterInput!) { register(input: $input) { ... on Session { accessToken refreshToken user { id } } } }
"""

Given = tuple[Account | None, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A mutation and the outcome that it has: a union's member, a type, or the code of an error."""

    mutation: str
    outcome: str
    arrange: Callable[["Cases"], Awaitable[Given]]


@dataclass(frozen=True)
class Person:
    account: Account
    email: str
    refresh_token: str


CASES: list[Case] = []
"""Those that the modules of this package add."""


def case(mutation: str, outcome: str) -> Callable[[Callable[["Cases"], Awaitable[Given]]], Any]:
    def add(arrange: Callable[["Cases"], Awaitable[Given]]) -> Any:
        CASES.append(Case(mutation, outcome, arrange))
        return arrange

    return add


@dataclass(frozen=True)
class Cases:
    """Arranges the cases, with what tests shop with."""

    shop: Shop
    mails: MailFolder

    async def person(self) -> Person:
        """Somebody who has just registered."""
        email = new_address()
        made = await self.shop.client.data(REGISTER, {"input": credentials(email)})
        session = made["register"]
        return Person(Account(session["user"]["id"], session["accessToken"]), email, session["refreshToken"])

    async def game(self) -> str:
        return await self.shop.games.new(usd="1.00")

    async def withdrawn(self) -> str:
        """A game that is not offered any more."""
        game = await self.game()
        await withdraw(self.shop, game)
        return game

    async def sale(self, units: int = 2) -> str:
        return await on_sale(self.shop, await self.game(), units)

    async def claimed(self, account: Account, sale: str) -> str:
        claim: str = (await self.shop.client.data(CLAIM, {"id": sale}, account))["claim"]["id"]
        return claim

    async def ordered(self) -> tuple[Account, str, str]:
        """A customer with an order of one game: the account, the game and the order."""
        customer, game = await self.shop.customer(), await self.game()
        return customer, game, await self.shop.ordered(customer, game)


def new_address() -> str:
    return f"{uuid.uuid4()}@example.com"


def credentials(email: str) -> dict[str, Any]:
    return {"email": email, "password": PASSWORD, "name": "Ada", "phoneNumber": "5551234567"}


def key() -> str:
    return str(uuid.uuid4())
