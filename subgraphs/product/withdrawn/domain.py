"""Products that are withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.product.domain import Company, Language, Media, Product, Tag


@dataclass(frozen=True)
class Withdrawn:
    """A withdrawn product with all that is linked to it."""

    product: Product
    description: str
    companies: Sequence[Company]
    tags: Sequence[Tag]
    categories: Sequence[str]
    languages: Sequence[Language]
    media: Sequence[Media]
