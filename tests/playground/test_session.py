"""Signing in, and a token that ends."""

import asyncio
import time

import jwt
from playwright.async_api import expect

from tests.clients import Account, Client
from tests.playground.conftest import TOKEN_SECONDS
from tests.playground.playground import PLAYER, Playground

ME = "query Me { me { name } }"


async def test_a_token_is_renewed_before_it_ends(playground: Playground, api: Client) -> None:
    first = await playground.sign_in()
    await playground.write(ME)
    await until_it_ends(first)
    assert await api.code(ME, viewer=Account("", first)) == "UNAUTHENTICATED"
    await playground.run()
    await expect(playground.result).to_contain_text(PLAYER)
    second = await playground.token()
    assert second != first
    assert (await api.data(ME, viewer=Account("", second)))["me"]["name"] == PLAYER


async def test_a_session_survives_a_reload_and_ends_with_sign_out(playground: Playground, api: Client) -> None:
    token = await playground.sign_in()
    await playground.open(playground.page.url)
    panel = playground.page.get_by_role("region", name="Sign in")
    await expect(panel.get_by_role("status")).to_have_text(f"Signed in as {PLAYER}")
    await panel.get_by_role("button", name="Sign out").click()
    await expect(panel.get_by_role("button", name=PLAYER)).to_be_visible()
    await playground.write(ME)
    await playground.run()
    await expect(playground.result).to_contain_text("UNAUTHENTICATED")
    assert token


async def test_a_wrong_password_is_told(playground: Playground) -> None:
    panel = await playground.show("Sign in")
    await panel.get_by_label("E-mail").fill("player@example.com")
    await panel.get_by_label("Password").fill("a guess")
    await panel.get_by_role("button", name="Sign in", exact=True).click()
    await expect(panel.get_by_role("alert")).to_contain_text("password")


async def until_it_ends(token: str) -> None:
    """Waits until a token has expired."""
    end = jwt.decode(token, options={"verify_signature": False})["exp"]
    assert end - time.time() <= TOKEN_SECONDS
    await asyncio.sleep(max(0, end - time.time()) + 1)
