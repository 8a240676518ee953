"""Products as rows of the database, and rows as products and their links."""

from typing import Any

import msgspec

from subgraphs.contracts.product import Offer
from subgraphs.product.domain import COMPANY_LETTERS, PLATFORM_BITS, Company, Language, Media, MediaKind, Product, Tag
from subgraphs.product.pricing import Price

COMPANY_KINDS = {letter: kind for kind, letter in COMPANY_LETTERS.items()}
MEDIA_KINDS = {"S": MediaKind.SCREENSHOT, "M": MediaKind.MOVIE}


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
            discount_ends_at=row.discount_ends_at,
        ),
        platforms=frozenset(platform for platform, bit in PLATFORM_BITS.items() if row.platforms & bit),
        genres=tuple(sorted(msgspec.json.decode(row.genres or "[]", type=list[str]))),
        positive_reviews=row.positive_reviews,
        negative_reviews=row.negative_reviews,
        review_score=row.review_score,
        withdrawn_at=getattr(row, "withdrawn_at", None),
    )


def company_of(row: Any) -> Company:
    return Company(row.name, COMPANY_KINDS[row.kind])


def tag_of(row: Any) -> Tag:
    return Tag(row.tag, row.votes)


def language_of(row: Any) -> Language:
    return Language(row.language, row.full_audio)


def media_of(row: Any) -> Media:
    return Media(row.url, MEDIA_KINDS[row.kind])


def offer_of(row: Any) -> Offer:
    """What a product costs now. A discount that is over does not count, even if nobody has ended it yet."""
    return Offer(
        product_id=str(row.id),
        exists=True,
        publisher_id=row.publisher_id,
        points=row.regular_points if row.discount_has_ended else row.points,
        discount_percent=0 if row.discount_has_ended else row.discount_percent,
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
