"""Short histories in which a planted fault must show."""

import asyncio
import uuid
from typing import Any

from tests.clients import Account, eventually
from tests.faults.customer import CHECKOUT, OWNED, TOP_UP
from tests.faults.shop import Shelf
from tests.histories.shoppers import BALANCE, STOCK, Crowd

REGISTER = """mutation($input: RegisterInput!) { out: register(input: $input) {
    ... on Session { accessToken refreshToken user { id } } } }"""
REFRESH = "mutation($t: String!) { out: refresh(refreshToken: $t) { accessToken refreshToken } }"
LOGOUT = "mutation { out: logout }"
WHO = "{ out: me { id } }"


async def top_ups(crowd: Crowd) -> None:
    """One user tops up four times at once, and reads the balance."""
    account = await crowd.viewers.user()
    ask = crowd.line.ask
    await ask(TOP_UP, account, n=100, key=str(uuid.uuid4()))
    await asyncio.gather(*[ask(TOP_UP, account, n=n, key=str(uuid.uuid4())) for n in (10, 20, 30, 40)])
    await ask(BALANCE, account)


async def last_unit(crowd: Crowd) -> None:
    """Four users want the last three units, and then a fifth does."""
    shelf = Shelf(crowd.line, await crowd.viewers.developer())
    game = await shelf.scarce_game()
    await asyncio.gather(*[_buys(crowd, await crowd.viewers.user(), game) for _ in range(4)])
    await crowd.line.ask(STOCK, await crowd.viewers.user(), id=game)


async def own_write(crowd: Crowd) -> None:
    """A user buys a game, and asks whether it is theirs."""
    account, shelf = await crowd.viewers.user(), Shelf(crowd.line, await crowd.viewers.developer())
    game = await shelf.plain_game()
    await crowd.line.ask(OWNED, account, id=game)
    await _buys(crowd, account, game)
    await crowd.line.ask(OWNED, account, id=game)


async def sessions(crowd: Crowd) -> None:
    """A session is refreshed, and then by two at once with the same token. Another one is signed out."""
    account, token = await _registered(crowd)
    token = (await _refreshed(crowd, token))["refreshToken"]
    await crowd.line.ask(WHO, account)
    both = await asyncio.gather(_refreshed(crowd, token), _refreshed(crowd, token))
    for answer in both:
        if "refreshToken" in answer:
            await _refreshed(crowd, answer["refreshToken"])
    if not all("refreshToken" in answer for answer in both):
        await _shut_out(crowd, account)
    other, token = await _registered(crowd)
    await crowd.line.ask(LOGOUT, other)
    await _refreshed(crowd, token)
    await _shut_out(crowd, other)


async def _buys(crowd: Crowd, account: Account, game: str) -> None:
    await crowd.line.ask(TOP_UP, account, n=1000, key=str(uuid.uuid4()))
    await crowd.line.ask(CHECKOUT, account, input={"productIds": [game], "idempotencyKey": str(uuid.uuid4())})


async def _registered(crowd: Crowd) -> tuple[Account, str]:
    given = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "name": "Ada"}
    answer = await crowd.client.data(REGISTER, {"input": given})
    session = answer["out"]
    return Account(session["user"]["id"], session["accessToken"]), session["refreshToken"]


async def _refreshed(crowd: Crowd, token: str) -> Any:
    """A refresh is never repeated: that would be the token's second use."""
    answer = await crowd.client.run(REFRESH, {"t": token})
    return (answer.get("data") or {}).get("out") or {}


async def _shut_out(crowd: Crowd, account: Account) -> None:
    """Reads until the access token is refused."""

    async def refused() -> bool:
        return "errors" in await crowd.client.run(WHO, viewer=account)

    await eventually(refused, 60)
