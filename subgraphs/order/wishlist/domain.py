"""Wishes, and what can come of making one."""

from dataclasses import dataclass
from datetime import datetime

MAX_WISHES = 500
"""The most products on one wishlist."""


@dataclass(frozen=True)
class Wish:
    """A product on a user's wishlist."""

    id: str
    product_id: str
    added_at: datetime


@dataclass(frozen=True)
class AlreadyOwned:
    """The user owns these products, so they can be neither wished for nor ordered."""

    product_ids: list[str]


@dataclass(frozen=True)
class Withdrawn:
    """These products are not offered any more, so they can be neither wished for nor ordered."""

    product_ids: list[str]
