"""The internal command that tells order and stock what products cost."""

from typing import Any

from subgraphs.contracts.product import PRODUCT_OFFERS, Offer, OfferRequest


async def test_offers_are_in_the_order_of_the_requests(
    product: Any, shelve: Any, viewers: Any, statements: Any
) -> None:
    developer = await viewers.developer()
    shelf = await shelve(
        {"title": "Own", "usd": "10", "discount_percent": 25, "publisher_id": developer.id},
        {"title": "Other", "usd": "0"},
    )
    own = Offer(
        product_id=shelf.ids[0],
        exists=True,
        publisher_id=developer.id,
        points=9750,
        discount_percent=25,
        title="Own",
    )
    other = Offer(product_id=shelf.ids[1], exists=True, title="Other")
    ids = [shelf.ids[1], "12345678901", shelf.ids[0], "abc", "", shelf.ids[0]]

    async with statements("product") as counted:
        offers = await product.command(PRODUCT_OFFERS, [OfferRequest(product_id=product_id) for product_id in ids])

    nothing = [Offer(product_id=product_id, exists=False) for product_id in ("12345678901", "abc", "")]
    assert offers == [other, nothing[0], own, nothing[1], nothing[2], own]
    assert counted.count == 2  # unknown ones might be withdrawn


async def test_only_peers_may_ask(product: Any, viewers: Any) -> None:
    for viewer in (None, await viewers.admin()):
        answer = await product.run(PRODUCT_OFFERS.document, {"r": [{"productId": "20200"}]}, viewer=viewer)
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
