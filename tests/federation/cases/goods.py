"""The outcomes of publishing, limiting and selling in flash sales."""

from datetime import UTC, datetime, timedelta

from tests.clients import sale_input
from tests.federation.cases.case import Cases, Given, case


@case("publishProduct", "Product")
async def _(cases: Cases) -> Given:
    told = {"title": "A Game", "description": "Words.", "usd": "9.99", "genres": ["Indie"], "platforms": ["LINUX"]}
    more = {"releasedOn": "2026-01-31", "headerImage": "https://example.com/a.png"}
    return cases.shop.games.developer, {"input": told | more}


@case("setDiscount", "Product")
async def _(cases: Cases) -> Given:
    return cases.shop.games.developer, {"productId": await cases.game(), "percent": 25}


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
