"""What GraphiQL brings works with the store, and what surrounds a response is shown."""

import re

from playwright.async_api import BrowserContext, expect

from tests.clients import Client
from tests.playground.playground import Playground

TWO = "query First { genres { name } }\n\nquery Second { products(first: 1) { totalCount } }"
SHARED = "query Shared($first: Int) { products(first: $first) { edges { node { title } } } }"


async def test_fields_are_completed(playground: Playground) -> None:
    await playground.write("{ ")
    await playground.page.keyboard.type("genr")
    await playground.page.keyboard.press("Control+Space")
    suggestions = playground.page.locator(".suggest-widget")
    await expect(suggestions).to_contain_text("genres")
    await playground.page.keyboard.press("Enter")
    await expect(playground.editor).to_contain_text("genres")


async def test_errors_are_marked_and_docs_are_shown_at_the_pointer(playground: Playground) -> None:
    await playground.write("{ genres { name nothing } }")
    await expect(playground.editor.locator(".squiggly-error")).to_have_count(1)
    await playground.editor.get_by_text("genres").hover()
    await expect(playground.page.get_by_role("tooltip").filter(has_text="All genres")).to_be_visible()


async def test_prettify_and_history(playground: Playground) -> None:
    await playground.write("query Names{genres{name}}")
    await playground.page.get_by_role("button", name="Prettify query").click()
    await expect(playground.editor.locator(".view-line")).to_have_count(6)
    assert "query Names {\n" in await playground.text()
    await playground.run()
    await playground.page.get_by_role("button", name="Show History").click()
    await expect(playground.page.locator(".graphiql-history-items")).to_contain_text("Names")


async def test_one_of_several_operations_is_chosen(playground: Playground) -> None:
    await playground.write(TWO)
    answer = await playground.choose("Second")
    assert (await answer.json())["data"].keys() == {"products"}


async def test_tabs_survive_a_reload(playground: Playground) -> None:
    await playground.write("query Kept { genres { name } }")
    await expect(playground.tab("Kept")).to_be_visible()
    await playground.page.get_by_role("button", name="New tab").click()
    await playground.write("query KeptToo { genres { name } }")
    await expect(playground.tab("KeptToo")).to_be_visible()
    stored = "JSON.parse(localStorage['graphiql:tabState']).tabs.map(tab => tab.title).join() == 'Kept,KeptToo'"
    await playground.page.wait_for_function(stored)
    await playground.open(playground.page.url)
    await expect(playground.tab("Kept")).to_be_visible()
    await expect(playground.tab("KeptToo")).to_be_visible()


async def test_a_link_shares_operation_and_variables(playground: Playground, context: BrowserContext) -> None:
    await playground.write(f"{TWO}\n\n{SHARED}", {"first": 3})
    await playground.choose("Shared")
    await playground.page.get_by_role("button", name="Copy a link").click()
    link = await playground.page.evaluate("navigator.clipboard.readText()")
    other = Playground(await context.browser.new_page(), playground.endpoint)  # type: ignore[union-attr]
    await other.open(link)
    sent = (await other.choose("Shared")).request.post_data_json
    assert sent
    assert (sent["operationName"], sent["variables"]) == ("Shared", {"first": 3})
    assert SHARED in sent["query"]
    await other.page.close()


async def test_time_size_and_request_id_are_shown(playground: Playground, api: Client) -> None:
    await playground.write("query Names { genres { name } }")
    answer = await playground.run()
    assert await api.data("{ genres { name } }") == (await answer.json())["data"]
    request_id = await answer.header_value("x-request-id")
    await expect(playground.facts).to_have_text(re.compile(rf"^200\d+ ms[\d.]+ k?Brequest {request_id}"))
    await playground.facts.get_by_text("Headers").click()
    await expect(playground.facts).to_contain_text("content-type")
