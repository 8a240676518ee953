"""Checks that each deprecation says what to use instead, and until when the old field stays."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

REASON = re.compile(r"\S.*\. Removed after (\S+)\.")


def vague(api: str) -> list[str]:
    """The deprecations in a schema that lack a reason or a date, and what to do about them, as lines to print."""
    found = [f"  {name}: {reason}" for name, reason in _deprecations(api) if not _is_clear(reason)]
    if not found:
        return []
    form = 'Write each like "Use `name` instead. Removed after 2030-12-31."'
    return ["Deprecations in schema/api.graphql that lack a reason or a date:", *found, form]


def _is_clear(reason: str) -> bool:
    told = REASON.fullmatch(reason)
    try:
        return told is not None and bool(date.fromisoformat(told[1]))
    except ValueError:
        return False


def _deprecations(api: str) -> Iterator[tuple[str, str]]:
    """What is deprecated, by name, and why."""
    for name, part in _parts(api):
        if part.deprecation_reason is not None:
            yield name, part.deprecation_reason


def _parts(api: str) -> Iterator[tuple[str, Any]]:
    """All that can be deprecated: fields, their arguments, input fields and enum values."""
    for name, kind in build_schema(api).type_map.items():
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", one) for value, one in kind.values.items())
        if isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", one) for field, one in kind.fields.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, one in kind.fields.items():
                yield f"{name}.{field}", one
                yield from ((f"{name}.{field}({argument})", each) for argument, each in one.args.items())
