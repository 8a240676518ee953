"""Takes pictures of porcupine's pages, for the docs."""

import shutil
from pathlib import Path

from playwright.async_api import async_playwright

DRAWN = """() => ['right', 'bottom'].map(edge => 20 + Math.max(
    ...[...document.querySelectorAll('rect')].map(rect => rect.getBoundingClientRect()[edge])))"""
"""What is drawn on the page, in pixels: the width and the height."""


async def take_picture(page: Path, image: Path) -> None:
    """Needs Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"))
        tab = await browser.new_page(viewport={"width": 760, "height": 120})
        await tab.goto(page.as_uri())
        width, height = await tab.evaluate(DRAWN)
        await tab.screenshot(path=image, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
        await browser.close()
