"""The scalars that the subgraphs share: what they mean, and where their form is specified."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, DecimalDefinition

DATE_TIME = replace(
    DateTimeDefinition,
    description="An instant with its offset from UTC, as RFC 3339 writes it. Answers are in UTC.",
    specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339#section-5.6",
)
DATE = replace(
    DateDefinition,
    description="A calendar day, YYYY-MM-DD: the `full-date` of RFC 3339.",
    specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339#section-5.6",
)
DECIMAL = replace(
    DecimalDefinition,
    description="An exact decimal number, as a string of digits with a decimal point.",
    specified_by_url="https://www.w3.org/TR/xmlschema-2/#decimal",
)

SCALARS: dict[Any, Any] = {datetime: DATE_TIME, date: DATE, Decimal: DECIMAL}
"""The `scalar_map` of every subgraph's schema."""
