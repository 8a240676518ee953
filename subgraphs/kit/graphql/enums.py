"""Enums of a domain as GraphQL enums."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

EnumT = TypeVar("EnumT", bound=Enum)


def graphql_enum(enum: type[EnumT], description: str, values: Mapping[EnumT, str]) -> None:
    """Makes a domain's enum a GraphQL enum of the same name; `values` describes every member."""
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    described = {member.name: text for member, text in values.items()}
    for value in definition.values:
        value.description = described[value.name]
