"""The playground for everyone: light and dark, narrow, by keyboard alone, without serious findings of axe-core."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from router.page_build import PACKAGES
from tests.playground.playground import PLAYER, Playground
from tests.playground.test_plan import EVERYTHING

AXE = PACKAGES / "axe-core" / "axe.min.js"
# The editors' colours are Monaco's, and GraphiQL puts a button into each tab.
THEIRS = "['.monaco-editor'], ['.graphiql-tab']"
SERIOUS = f"""axe.run({{ exclude: [{THEIRS}] }}).then(found => found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .flatMap(one => one.nodes.map(node => [one.id, node.target.join(' '), node.failureSummary])))"""
LARGEST_PICTURE = 300_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_panel_has_serious_findings(playground: Playground, scheme: str, pictures: Path) -> None:
    page = playground.page
    await page.add_script_tag(path=AXE)
    await playground.show("Tour")
    await check(page)
    await playground.show("Sign in")
    await check(page)
    await page.get_by_role("button", name=PLAYER).click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await check(page)
    panel = await playground.show("Live")
    await panel.locator(".choices button").first.click()
    await expect(panel.get_by_role("status")).to_contain_text("left")
    await check(page)
    await playground.write(EVERYTHING)
    await page.get_by_role("button", name="Prettify query").click()
    await playground.editor.locator(".view-lines").click()
    await page.keyboard.press("Control+Home")
    await playground.run()
    await expect(playground.result).to_contain_text(PLAYER)
    panel = await playground.show("Plan")
    await panel.locator(".plan-fetch").last.get_by_role("button").click()
    await check(page)
    await save(page, pictures / f"playground-{scheme}.png")


async def test_the_plan_is_pictured(playground: Playground, pictures: Path) -> None:
    await playground.write(EVERYTHING)
    panel = await playground.show("Plan")
    await panel.get_by_role("button", name="Plan without running").click()
    await panel.locator(".plan-fetch").first.wait_for()
    await save(playground.page, pictures / "plan.png", clip=await panel.bounding_box())


async def test_it_fits_400_pixels(playground: Playground) -> None:
    page = playground.page
    await page.set_viewport_size({"width": 400, "height": 800})
    await playground.sign_in()
    await playground.write(EVERYTHING)
    await playground.run()
    await expect(playground.result).to_contain_text(PLAYER)
    panel = await playground.show("Plan")
    await expect(panel.locator(".plan-fetch").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 400


async def test_the_keyboard_is_enough(playground: Playground) -> None:
    page = playground.page
    await tab_to(page, "Show Sign in")
    await page.keyboard.press("Enter")
    await tab_to(page, PLAYER)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await tab_to(page, "Execute query")
    async with page.expect_response(playground.endpoint):
        await page.keyboard.press("Enter")
    await expect(playground.result).to_contain_text("totalCount")
    await tab_to(page, "Show Plan", backwards=True)
    await page.keyboard.press("Enter")
    await tab_to(page, "product")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Operation")).to_be_visible()


async def check(page: Page) -> None:
    assert await page.evaluate(SERIOUS) == []


async def tab_to(page: Page, name: str, backwards: bool = False) -> None:
    """Moves the focus with the Tab key to the button whose name begins so."""
    focused = "[document.activeElement.ariaLabel ?? '', document.activeElement.innerText ?? '']"
    for _ in range(100):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if any(text.startswith(name) for text in await page.evaluate(focused)):
            return
    raise AssertionError(f"the Tab key does not reach {name}")


async def save(page: Page, path: Path, **options: object) -> None:
    picture = await page.screenshot(path=path, **options)  # type: ignore[arg-type]
    assert len(picture) < LARGEST_PICTURE
