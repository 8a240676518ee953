"""Checks a product's data. Each function returns the value to store, or raises BadUserInput."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlsplit

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.text import seen
from subgraphs.product.domain import Platform, Publication
from subgraphs.product.pricing import MAX_DISCOUNT_PERCENT

T = TypeVar("T")

PRODUCT_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
MAX_USD = Decimal(10_000)
MAX_GENRES = 20
CENT = Decimal("0.01")


def product_number(product_id: object) -> int | None:
    """The number in a product's id; None for what is no product id. Raises nothing."""
    return int(product_id) if isinstance(product_id, str) and PRODUCT_ID.fullmatch(product_id) else None


def publication(given: Publication) -> Publication:
    """The publication to store. Everything that is wrong with it is reported together."""
    return replace(given, **changes(vars(given)))


def changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a publication, to store. Everything that is wrong with them is reported together."""
    with InputCheck() as check:
        return {field: check.value(CHECKS.get(field, _as_given), value) for field, value in given.items()}


def title(value: str) -> str:
    """The title, with each run of white space as one space."""
    title = _one_line(value)
    if not 1 <= len(title) <= 200:
        raise BadUserInput("title", "A title has 1 to 200 characters.")
    return seen("title", title)


def description(value: str) -> str:
    description = value.strip()
    if not 1 <= len(description) <= 10_000:
        raise BadUserInput("description", "A description has 1 to 10,000 characters.")
    return seen("description", description, allowed="\n\r\t")


def usd(value: Decimal) -> Decimal:
    # Decimals include NaN and the infinities, which cannot be compared.
    if not value.is_finite() or not 0 <= value <= MAX_USD:
        raise BadUserInput("usd", "A price is between 0 and 10,000 US dollars.")
    if value != value.quantize(CENT):
        raise BadUserInput("usd", "A price has at most two decimals.")
    return abs(value.quantize(CENT))


def genres(values: Iterable[str]) -> list[str]:
    """The genres' names, each once, in the given order."""
    names = list(dict.fromkeys(_one_line(value) for value in values))
    if not 1 <= len(names) <= MAX_GENRES:
        raise BadUserInput("genres", f"A product has 1 to {MAX_GENRES} genres.")
    if not all(1 <= len(name) <= 60 for name in names):
        raise BadUserInput("genres", "A genre has 1 to 60 characters.")
    return [seen("genres", name) for name in names]


def platforms(values: Sequence[Platform]) -> Sequence[Platform]:
    if not values:
        raise BadUserInput("platforms", "A product runs on at least one platform.")
    return values


def header_image(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        url = urlsplit(value)
        is_web = url.scheme in ("http", "https") and bool(url.hostname)
    except ValueError:
        is_web = False
    if not is_web or len(value) > 500 or any(char.isspace() or not char.isprintable() for char in value):
        raise BadUserInput("headerImage", "An image is an http or https URL of at most 500 characters.")
    return value


def discount_percent(value: int) -> int:
    if not 0 <= value <= MAX_DISCOUNT_PERCENT:
        raise BadUserInput("percent", f"A discount is between 0 and {MAX_DISCOUNT_PERCENT} percent.")
    return value


def _as_given(value: T) -> T:
    return value


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": title,
    "description": description,
    "usd": usd,
    "genres": genres,
    "platforms": platforms,
    "header_image": header_image,
}
"""What checks a field of a publication."""


def _one_line(value: str) -> str:
    return " ".join(value.split())
