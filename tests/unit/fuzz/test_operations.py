"""The fuzzer writes operations that are valid and varied, and writes the same ones again for the same seed."""

from pathlib import Path
from random import Random

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from tests.fuzz.operations import Kind, Operation, Writer
from tests.fuzz.reach import arguments, fields
from tests.fuzz.values import Values
from tests.fuzz.verdict import Answer
from tests.fuzz.world import Actor, World

SCHEMA = Path(__file__).parents[3] / "schema"
KINDS: list[Kind] = ["query", "mutation"]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((SCHEMA / "api.graphql").read_text(), assume_valid_sdl=True)


def written(schema: GraphQLSchema, seed: int, hostility: float = 0) -> Operation:
    ada = Actor("Ada", "token")
    world = World([ada])
    world.learn({"__typename": "Product", "id": "4711"}, ada)
    rng = Random(seed)
    return Writer(schema, Values(rng, world, ada, hostility)).operation(KINDS[seed % 2])


def test_operations_without_hostile_values_are_valid(schema: GraphQLSchema) -> None:
    for seed in range(60):
        operation = written(schema, seed)
        assert validate(schema, parse(operation.document)) == [], operation.document


def test_a_seed_writes_the_same_operation_again(schema: GraphQLSchema) -> None:
    for seed in range(50):
        first, second = written(schema, seed, 0.3), written(schema, seed, 0.3)
        assert (first.document, len(first.variables)) == (second.document, len(second.variables))


def test_every_field_and_every_argument_is_asked_for(schema: GraphQLSchema) -> None:
    operations = [written(schema, seed) for seed in range(2000)]
    asked = " ".join(operation.document for operation in operations)
    given = {name for operation in operations for names in operation.arguments.values() for name in names}

    assert [name for name in fields(schema) if f" {name.partition('.')[2]}" not in asked] == []
    assert [name for name in arguments(schema) if name not in given] == []


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (200, b'{"data": {"f0": null}}', ""),
        (400, b'{"errors": [{"extensions": {"code": "BAD_USER_INPUT"}}]}', ""),
        (200, b'{"errors": [{"extensions": {"code": "INTERNAL"}}]}', "code INTERNAL"),
        (200, b'{"errors": [{"message": "no code"}]}', "code none"),
        (500, b"Internal Server Error", "status 500"),
        (400, b"Bad Request", "status 400 without a GraphQL body"),
    ],
)
def test_an_answer_that_no_client_may_get_is_complained_of(status: int, body: bytes, complaint: str) -> None:
    assert Answer(status, body).complaint() == complaint


@pytest.mark.parametrize(
    ("body", "is_past"),
    [
        (b'{"data": {"f0": {"__typename": "Order"}}}', True),
        (b'{"data": {"f0": null}}', True),
        (b'{"data": null, "errors": [{"path": ["f0"], "extensions": {"code": "NOT_FOUND"}}]}', True),
        (b'{"data": null, "errors": [{"path": ["f0"], "extensions": {"code": "FORBIDDEN"}}]}', False),
        (b'{"errors": [{"extensions": {"code": "BAD_USER_INPUT"}}]}', False),
    ],
)
def test_a_request_is_past_validation_if_the_state_of_the_store_answered_it(body: bytes, is_past: bool) -> None:
    assert Answer(200, body).is_past_validation(Operation("query", roots={"f0": "order"})) == is_past
