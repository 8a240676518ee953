"""Edits of products."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from subgraphs.kit.idempotency import request_hash
from subgraphs.product.domain import Product, Publication

VERSION_LENGTH = 16


@dataclass(frozen=True)
class ProductChanged:
    """The product is not as its editor has seen it; nothing was changed."""

    product: Product


@dataclass(frozen=True)
class ProductWithdrawn:
    """The product is withdrawn; nothing was changed."""

    product: Product


def version_of(content: Publication) -> str:
    """A digest of what a publisher may edit: equal content has the same version."""
    usd, genres = f"{content.usd:.2f}", sorted(content.genres)
    platforms = sorted(platform.value for platform in content.platforms)
    parts = (content.title, content.description, usd, genres, platforms, content.released_on, content.header_image)
    return request_hash(*parts)[:VERSION_LENGTH]


def edited(content: Publication, changes: Mapping[str, Any], version: str) -> Publication | None:
    """The content with these fields changed; None if its editor has seen another version.

    An edit that changes nothing succeeds whatever its version: it may have been sent twice.
    """
    new = replace(content, **changes)
    now = version_of(content)
    return new if now in (version, version_of(new)) else None
