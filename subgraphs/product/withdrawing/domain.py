"""Why a product is not withdrawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OnFlashSale:
    """The product has flash sales that are not over."""

    sale_ids: list[str]
