"""The reason why a product cannot be withdrawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OnFlashSale:
    """The product has flash sales that are not over."""

    sale_ids: list[str]
