"""Batch fields: one call for many objects, whichever way they are reached."""

from types import SimpleNamespace
from typing import Any

import strawberry
from strawberry import ID

from subgraphs.kit.errors import NotFound
from subgraphs.kit.graphql.batch_fields import BatchValues, batch_field
from subgraphs.kit.graphql.schema import build_schema

calls: list[list[str]] = []


async def _shelf(books: "list[Book]", info: Any) -> list[str | NotFound]:
    calls.append([book.id for book in books])
    if "on fire" in calls[-1]:
        raise NotFound("No library.")
    return [NotFound("No such book.") if book.id == "lost" else f"shelf {book.id}" for book in books]


@strawberry.federation.type(keys=["id"])
class Book:
    id: ID
    shelf: str | None = batch_field(_shelf)

    @classmethod
    def resolve_reference(cls, id: ID) -> "Book":
        return cls(id=id)


@strawberry.federation.type(keys=["id"])
class Author:
    id: ID

    @classmethod
    async def resolve_reference(cls, id: ID) -> "Author | None":
        if id == "unknown":
            return None
        if id == "broken":
            raise NotFound("No such author.")
        return cls(id=id)


@strawberry.type
class Query:
    @strawberry.field
    def books(self) -> list[Book]:
        return [Book(id=ID("1")), Book(id=ID("lost"))]


schema = build_schema(Query, types=(Book, Author))


async def run(text: str, *references: tuple[str, str]) -> Any:
    calls.clear()
    variables = {"r": [{"__typename": typename, "id": id} for typename, id in references]}
    return await schema.execute(text, variables, context_value=SimpleNamespace(batch_values=BatchValues()))


def entities(selection: str) -> str:
    return f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"


async def test_entities_are_resolved_in_one_call_and_fail_alone() -> None:
    result = await run(entities("... on Book { shelf }"), ("Book", "1"), ("Book", "lost"), ("Book", "2"))
    assert result.data == {"_entities": [{"shelf": "shelf 1"}, {"shelf": None}, {"shelf": "shelf 2"}]}
    assert [error.path for error in result.errors] == [["_entities", 1, "shelf"]]
    assert calls == [["1", "lost", "2"]]


async def test_a_call_that_fails_fails_each_field() -> None:
    result = await run(entities("... on Book { id shelf }"), ("Book", "1"), ("Book", "on fire"))
    assert result.data == {"_entities": [{"id": "1", "shelf": None}, {"id": "on fire", "shelf": None}]}
    assert [str(error.original_error) for error in result.errors] == ["No library."] * 2


async def test_a_field_is_found_in_fragments_and_under_an_alias() -> None:
    text = entities("...Where") + " fragment Where on Book { ... @include(if: true) { place: shelf } }"
    assert (await run(text, ("Book", "1"))).data == {"_entities": [{"place": "shelf 1"}]}
    assert calls == [["1"]]


async def test_what_is_not_asked_for_is_not_resolved() -> None:
    await run(entities("__typename ... on Book { id } ... on Author { id }"), ("Book", "1"), ("Author", "1"))
    assert calls == []


async def test_objects_that_are_no_entities_here_share_a_call_too() -> None:
    result = await run("{ books { shelf } }")
    assert result.data == {"books": [{"shelf": "shelf 1"}, {"shelf": None}]}
    assert calls == [["1", "lost"]]


async def test_entities_of_several_types_that_are_awaited_keep_their_places() -> None:
    references = ("Author", "broken"), ("Book", "1"), ("Author", "unknown"), ("Author", "2")
    result = await run(entities("... on Book { shelf } ... on Author { id }"), *references)
    assert result.data == {"_entities": [None, {"shelf": "shelf 1"}, None, {"id": "2"}]}
    assert [error.path for error in result.errors] == [["_entities", 0]]
