"""The outcomes of publishing, limiting and selling in flash sales."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.clients import sale_input
from tests.federation.cases.case import Cases, Given, case
from tests.federation.people import on_sale, withdraw

VERSION = "query($id: ID!) { product(id: $id) { version } }"
EDIT = "mutation($input: EditProductInput!) { editProduct(input: $input) { __typename } }"


@case("publishProduct", "Product")
async def _(cases: Cases) -> Given:
    told = {"title": "A Game", "description": "Words.", "usd": "9.99", "genres": ["Indie"], "platforms": ["LINUX"]}
    more = {"releasedOn": "2026-01-31", "headerImage": "https://example.com/a.png"}
    return cases.shop.games.developer, {"input": told | more}


@case("setDiscount", "Product")
async def _(cases: Cases) -> Given:
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    return cases.shop.games.developer, {"productId": await cases.game(), "percent": 25, "endsAt": ends}


async def edited(cases: Cases, game: str) -> dict[str, Any]:
    """An edit of a game as it is now."""
    shown = await cases.shop.client.data(VERSION, {"id": game}, cases.shop.games.developer)
    told = {"title": "Another Game", "description": "Other words.", "usd": "4.99", "genres": ["Indie"]}
    more = {"platforms": ["MAC"], "releasedOn": "2026-01-31", "headerImage": "https://example.com/b.png"}
    return {"input": {"productId": game, "version": shown["product"]["version"], **told, **more}}


@case("editProduct", "Product")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, await edited(cases, await cases.game())


@case("editProduct", "ProductChanged")
async def _(cases: Cases) -> Given:
    edit = await edited(cases, await cases.game())
    await cases.shop.client.data(EDIT, edit, cases.shop.games.developer)
    return cases.shop.games.developer, {"input": edit["input"] | {"title": "A Game of its own"}}


@case("editProduct", "ProductWithdrawn")
async def _(cases: Cases) -> Given:
    edit = await edited(cases, game := await cases.game())
    await withdraw(cases.shop, game)
    return cases.shop.games.developer, edit


@case("withdrawProduct", "Product")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, {"productId": await cases.game()}


@case("withdrawProduct", "OnFlashSale")
async def _(cases: Cases) -> Given:
    game = await cases.game()
    await on_sale(cases.shop, game)
    return cases.shop.games.developer, {"productId": game}


@case("offerProductAgain", "Product")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, {"productId": await cases.withdrawn()}


@case("limitStock", "Product")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, {"productId": await cases.game(), "units": 4}


@case("createFlashSale", "FlashSale")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, {"input": sale_input(await cases.game(), 100, 3)}


@case("cancelFlashSale", "FlashSale")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, {"id": await cases.sale()}


@case("claim", "Claim")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), {"saleId": await cases.sale()}


@case("claim", "SoldOut")
async def _(cases: Cases) -> Given:
    sale = await cases.sale(units=1)
    await cases.claimed(await cases.shop.customer(0), sale)
    return await cases.shop.customer(), {"saleId": sale}


@case("claim", "SaleNotActive")
async def _(cases: Cases) -> Given:
    later = datetime.now(UTC) + timedelta(hours=1)
    plan = sale_input(await cases.game(), 100, 3) | {"startsAt": later.isoformat()}
    made = await cases.shop.client.data(
        "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }",
        {"input": plan},
        cases.shop.games.developer,
    )
    return await cases.shop.customer(), {"saleId": made["createFlashSale"]["id"]}


@case("releaseClaim", "Claim")
async def _(cases: Cases) -> Given:
    customer = await cases.shop.customer()
    return customer, {"id": await cases.claimed(customer, await cases.sale())}
