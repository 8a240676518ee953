"""The playground as a person uses it."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.async_api import Locator, Page, Response, expect

PLAYER = "Ada Player"


class Playground:
    """One page of the playground in a browser."""

    def __init__(self, page: Page, endpoint: str) -> None:
        self.page = page
        self.endpoint = endpoint
        self.result = page.get_by_role("region", name="Result Window")
        self.facts = page.get_by_role("group", name="Response")
        self.editor = page.locator(".graphiql-query-editor .monaco-editor").first
        self.variables = page.locator(".graphiql-editor-tool .monaco-editor").first

    async def open(self, address: str) -> None:
        """Opens an address, and waits until the editors and the schema are there."""
        async with self.page.expect_response(self._introspects) as introspection:
            await self.page.goto(address)
        assert (await introspection.value).ok
        await self.editor.locator(".view-line").first.wait_for()

    async def show(self, plugin: str) -> Locator:
        """Opens a plugin's panel."""
        await self.page.get_by_role("button", name=f"Show {plugin}").click()
        return self.page.get_by_role("region", name={"Plan": "Query plan"}.get(plugin, plugin))

    async def sign_in(self, name: str = PLAYER) -> str:
        """Signs in with a ready account; the access token."""
        panel = await self.show("Sign in")
        await panel.get_by_role("button", name=name).click()
        await expect(panel.get_by_role("status")).to_have_text(f"Signed in as {name}")
        return await self.token()

    async def token(self) -> str:
        """The access token in the header that the sign-in panel shows."""
        return str(await self.page.locator("[data-token]").get_attribute("data-token"))

    async def write(self, operation: str, variables: dict[str, Any] | None = None) -> None:
        """Replaces the texts in the editors."""
        await self._replace(self.editor, operation)
        if variables is not None:
            await self._replace(self.variables, json.dumps(variables))

    async def run(self) -> Response:
        """Runs the operation in the editor, and waits until it is answered."""
        async with self.page.expect_response(self.endpoint) as response:
            await self.page.get_by_role("button", name="Execute query").click()
        return await response.value

    async def choose(self, operation: str) -> Response:
        """Runs one of the editor's several operations, once GraphiQL has found them."""
        execute = self.page.get_by_role("button", name="Execute query")
        await expect(execute).to_have_attribute("aria-haspopup", "menu")
        async with self.page.expect_response(self.endpoint) as response:
            await execute.click()
            await self.page.get_by_role("menuitem", name=operation).click()
        return await response.value

    async def text(self) -> str:
        """The operation in the editor, as far as it fits the window."""
        return (await self.editor.locator(".view-lines").inner_text()).replace("\xa0", " ")

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=re.compile(f"^{name}( |$)"))

    async def _replace(self, editor: Locator, text: str) -> None:
        await editor.locator(".view-lines").click()
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.press("Delete")
        await self.page.keyboard.insert_text(text)

    @staticmethod
    def _introspects(response: Response) -> bool:
        return "IntrospectionQuery" in (response.request.post_data or "")
