"""Batch fields: fields that one call resolves for many objects.

The router asks for twenty entities at a time. What it asks of them is resolved before their fields are executed, so
that each has its value at once: twenty coroutines would cost more than the rest of the request.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import strawberry
from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionSetNode
from strawberry.dataloader import DataLoader
from strawberry.types import Info
from strawberry.types.field import StrawberryField

BatchResolver = Callable[[list[Any], Any], Awaitable[Sequence[Any]]]
"""Takes objects and `info`. Returns a value for each object, in order, or the StoreError to raise in its place."""


def batch_field(resolver: BatchResolver, **options: Any) -> Any:
    """A field that `resolver` resolves for many objects; otherwise like `strawberry.federation.field`."""

    def resolve(self: Any, info: Info):  # type: ignore[no-untyped-def]  # the class annotates the field
        return info.context.batch_values.of(self, resolver, info)

    resolve.__dict__["batch_resolver"] = resolver
    return strawberry.federation.field(resolver=resolve, **options)


def batch_resolver(field: StrawberryField) -> BatchResolver | None:
    """The resolver of a batch field; None for any other field."""
    resolver = field.base_resolver
    return resolver.wrapped_func.__dict__.get("batch_resolver") if resolver else None


class BatchValues:
    """The values of one request's batch fields."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, BatchResolver], tuple[Any, Any]] = {}
        """An object and its value, by the object's identity: objects of GraphQL types cannot be hashed."""
        self._loaders: dict[BatchResolver, DataLoader[Any, Any]] = {}

    async def resolve(self, resolver: BatchResolver, objects: list[Any], info: Any) -> None:
        """Resolves a batch field for these objects and keeps the values. An error becomes the value of each."""
        values: Sequence[Any]
        try:
            values = await resolver(objects, info)
        except Exception as error:
            values = [error] * len(objects)
        for one, value in zip(objects, values, strict=True):
            self._known[id(one), resolver] = one, value

    def of(self, one: Any, resolver: BatchResolver, info: Any) -> Any:
        """An object's value if it is known, or else an awaitable that has it. Raises a value that is an error."""
        if (id(one), resolver) not in self._known:
            return self._loader(resolver, info).load(one)
        _, value = self._known[id(one), resolver]
        if isinstance(value, Exception):
            raise value
        return value

    def _loader(self, resolver: BatchResolver, info: Any) -> DataLoader[Any, Any]:
        if resolver not in self._loaders:
            self._loaders[resolver] = DataLoader(load_fn=lambda objects: resolver(objects, info), cache_key_fn=id)
        return self._loaders[resolver]


def asked_fields(info: GraphQLResolveInfo[Any]) -> set[tuple[str, str]]:
    """What an operation asks of entities: names of types and of their fields. It may skip some of them in the end."""
    return {found for node in info.field_nodes if node.selection_set for found in _asked(info, node.selection_set, "")}


def _asked(info: GraphQLResolveInfo[Any], selections: SelectionSetNode, typename: str) -> Iterator[tuple[str, str]]:
    for one in selections.selections:
        match one:
            case FieldNode():
                yield typename, one.name.value
            case FragmentSpreadNode():
                fragment = info.fragments[one.name.value]
                yield from _asked(info, fragment.selection_set, fragment.type_condition.name.value)
            case InlineFragmentNode():
                condition = one.type_condition
                yield from _asked(info, one.selection_set, condition.name.value if condition else typename)
