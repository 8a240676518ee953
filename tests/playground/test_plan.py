"""The drawn plan."""

import re

from playwright.async_api import Locator, expect

from tests.clients import Account, Client
from tests.playground.playground import Playground

SUBGRAPHS = {"user", "product", "order", "payment", "stock", "library"}
EVERYTHING = """query Everything { me { name wallet { balance } orders { totalCount } claims { totalCount }
  library { edges { node { product { title state } } } } } }"""
DEFERRED = '{ me { name ... @defer(label: "games") { library { edges { node { product { title } } } } } } }'
TOP_UP = 'mutation TopUp { topUp(amount: 1000, idempotencyKey: "only planned") { balance } }'
BALANCE = "{ me { wallet { balance } } }"


async def test_the_plan_of_an_operation_that_ran_is_drawn(playground: Playground) -> None:
    await playground.sign_in()
    await playground.write(EVERYTHING)
    await playground.run()
    panel = await playground.show("Plan")
    await expect(panel.get_by_role("status")).to_have_text(re.compile(r"^Run: \d+ fetches in \d stages$"))
    assert await drawn(panel) == SUBGRAPHS
    boxes = panel.locator(".plan-fetch")
    colours = await boxes.evaluate_all(
        "all => Object.entries(Object.fromEntries(all.map(one =>"
        " [one.dataset.subgraph, getComputedStyle(one).borderLeftColor])))"
    )
    assert len({colour for _, colour in colours}) == len(SUBGRAPHS)


async def test_a_fetch_shows_its_operation_and_what_it_requires(playground: Playground) -> None:
    await playground.write(EVERYTHING)
    panel = await playground.show("Plan")
    await panel.get_by_role("button", name="Plan without running").click()
    fetch = panel.locator(".plan-fetch", has_text="flatten me.library.edges.@.node.product").first
    await fetch.get_by_role("button").click()
    await expect(fetch).to_contain_text("Product { id }")
    await expect(fetch).to_contain_text("_entities(representations: $representations)")


async def test_an_operation_that_is_only_planned_does_not_run(playground: Playground, api: Client) -> None:
    viewer = Account("", await playground.sign_in())
    before = await api.data(BALANCE, viewer=viewer)
    await playground.write(TOP_UP)
    panel = await playground.show("Plan")
    await panel.get_by_role("button", name="Plan without running").click()
    await expect(panel.get_by_role("status")).to_have_text("Planned only: 1 fetch in 1 stage")
    assert await drawn(panel) == {"payment"}
    assert await api.data(BALANCE, viewer=viewer) == before


async def test_a_deferred_part_arrives_later_and_is_drawn_so(playground: Playground, apollo_router: None) -> None:
    await playground.sign_in()
    await playground.write(DEFERRED)
    await playground.run()
    await expect(playground.result).to_contain_text('"library"')
    await expect(playground.facts).to_contain_text("2 parts")
    panel = await playground.show("Plan")
    await expect(panel.locator(".plan-deferred")).to_contain_text("Deferred me (games)")
    await expect(panel.locator(".plan-deferred .plan-fetch").first).to_contain_text("library")


async def test_an_operation_that_cannot_be_planned_says_why(playground: Playground) -> None:
    await playground.write("{ nothing }")
    panel = await playground.show("Plan")
    await panel.get_by_role("button", name="Plan without running").click()
    await expect(panel.get_by_role("alert")).to_contain_text("nothing")


async def drawn(panel: Locator) -> set[str]:
    """The subgraphs of the drawn fetches."""
    await panel.locator(".plan-fetch").first.wait_for()
    return set(await panel.locator(".plan-fetch strong").all_inner_texts())
