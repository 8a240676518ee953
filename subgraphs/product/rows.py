"""Products as rows of the database, and rows as products."""

from typing import Any

import msgspec

from subgraphs.contracts.product import Offer
from subgraphs.product.domain import PLATFORM_BITS, Product
from subgraphs.product.pricing import Price


def product_of(row: Any) -> Product:
    return Product(
        id=row.id,
        publisher_id=row.publisher_id,
        title=row.title,
        header_image=row.header_image,
        released_on=row.released_on,
        price=Price(
            usd=row.usd,
            regular_points=row.regular_points,
            discount_percent=row.discount_percent,
            points=row.points,
        ),
        platforms=frozenset(platform for platform, bit in PLATFORM_BITS.items() if row.platforms & bit),
        genres=tuple(sorted(msgspec.json.decode(row.genres or "[]", type=list[str]))),
        positive_reviews=row.positive_reviews,
        negative_reviews=row.negative_reviews,
        review_score=row.review_score,
    )


def offer_of(row: Any) -> Offer:
    return Offer(
        product_id=str(row.id),
        exists=True,
        publisher_id=row.publisher_id,
        points=row.points,
        discount_percent=row.discount_percent,
        title=row.title,
    )


def columns_of(product: Product) -> dict[str, Any]:
    price = product.price
    return {
        "id": product.id,
        "publisher_id": product.publisher_id,
        "title": product.title,
        "header_image": product.header_image,
        "released_on": product.released_on,
        "usd": price.usd,
        "regular_points": price.regular_points,
        "discount_percent": price.discount_percent,
        "points": price.points,
        "platforms": sum(PLATFORM_BITS[platform] for platform in product.platforms),
        "positive_reviews": product.positive_reviews,
        "negative_reviews": product.negative_reviews,
        "reviews": product.reviews,
        "review_score": product.review_score,
    }
