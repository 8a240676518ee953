"""What operations cost."""

from importlib import import_module
from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    get_nullable_type,
    get_operation_ast,
    is_introspection_type,
    is_list_type,
    parse,
)
from strawberry.federation.schema_directives import ListSize
from strawberry.schema.schema_converter import GraphQLCoreConverter

from subgraphs.kit.graphql.cost import UNKNOWN_LIST, Cost, Costs
from subgraphs.kit.graphql.references import reference_pattern
from subgraphs.kit.graphql.schema import Schema
from subgraphs.kit.graphql.sizes import PAGE_SIZE
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.product.schema import schema as product

SCHEMAS = {name: import_module(f"subgraphs.{name}.schema").schema for name in SUBGRAPHS}
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { title } } }"


def cost(query: str, variables: dict[str, Any] | None = None, schema: Schema = product, places: int = 0) -> Cost:
    given = variables or {}
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation is not None
    return Costs(schema.core, document, operation).of(given).total(given, places)


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("{ __typename }", 1),
        ("{ product(id: 1) { title } }", 2),
        ("{ product(id: 1) { description } }", 51),
        ("{ genres { name } }", 50 * 2),
        ("{ product(id: 1) { screenshots } }", 1 + 10 * 4),
        ("{ products(first: 3) { edges { node { id } } } }", 1 + 3 * 3),
        ("{ products { edges { node { id } } totalCount } }", 1 + 20 * 3 + 1),
        ("{ products(first: 10) { edges { node { genres { products(first: 5) { edges { cursor } } } } } } }", 2421),
        ("{ ...all } fragment all on Query { products(first: 2) { ...page } } "
         "fragment page on ProductConnection { edges { ... { cursor } } }", 5),
        ("{ a: product(id: 1) { id } b: product(id: 2) { id } }", 4),
    ],
)  # fmt: skip
def test_lists_multiply_and_fields_add(query: str, values: int) -> None:
    assert cost(query) == Cost(values)


@pytest.mark.parametrize(
    ("variables", "page"),
    [({"n": 7}, 7), ({}, 4), ({"n": None}, 20), ({"n": 101}, 100), ({"n": -1}, 100), ({"n": 7.0}, 100)],
)
def test_a_variable_tells_the_size_of_a_page(variables: dict[str, Any], page: int) -> None:
    query = "query($n: Int = 4) { products(first: $n) { edges { cursor } } }"
    assert cost(query, variables).values == 1 + 2 * page


def test_every_representation_costs_its_selection() -> None:
    assert cost(ENTITIES, {"r": [{}] * 5}).values == 5 * 4
    assert cost(ENTITIES, {"r": [{}] * 5}, places=1000).values == 1000 * 4
    assert cost(ENTITIES, {"r": {}}).values == 4
    literal = '{ _entities(representations: [{__typename: "Product"}, {__typename: "Product"}]) { __typename } }'
    assert cost(literal) == Cost(2 * 4, 2)


def test_the_references_are_what_other_subgraphs_may_complete() -> None:
    query = "{ me { orders(first: 10) { edges { node { __typename lines { product { __typename id } } } } } } }"
    assert cost(query, schema=SCHEMAS["order"]).references == 10 * (1 + 50)
    everywhere = """{ me { __typename orders(first: 10) { __typename pageInfo { __typename } edges { __typename node {
        __typename lines { __typename product { __typename id } } } } } } }"""
    assert cost(everywhere, schema=SCHEMAS["order"]).references == 1 + 10 * (1 + 50)


def test_a_member_of_a_union_may_be_a_reference() -> None:
    start = """mutation { startPayment(orderId: 1, idempotencyKey: 2) {
        __typename ... on Payment { order { __typename id } } } }"""
    assert cost(start, schema=SCHEMAS["payment"]).references == 2


def test_the_references_of_an_answer_are_its_entities() -> None:
    answer = b'{"a":{"__typename":"OrderLine","b":{"__typename":"Product","c":"\\"__typename\\":\\"Product\\""}}}'
    assert reference_pattern(SCHEMAS["order"].core).findall(answer) == [b'"__typename":"Product"']
    assert reference_pattern(SCHEMAS["product"].core).search(b'{"__typename":"FlashSale"}')


def test_fragments_that_double_are_counted_in_no_time() -> None:
    doubling = " ".join(f"fragment f{n} on Product {{ ...f{n + 1} ...f{n + 1} }}" for n in range(300))
    query = f"{{ product(id: 1) {{ ...f0 }} }} {doubling} fragment f300 on Product {{ id }}"
    assert cost(query).values == 1 + 2**300


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_list_has_a_known_size(name: str) -> None:
    unsized = [
        f"{kind.name}.{field_name}"
        for kind in SCHEMAS[name].core.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)
        for field_name, field in kind.fields.items()
        if is_list_type(get_nullable_type(field.type)) and field_name not in ("edges", "_entities")
        if "requests" not in field.args  # a peer's command
        and not any(isinstance(one, ListSize) for one in directives(field))
    ]
    assert unsized == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_page_says_which_argument_tells_its_size(name: str) -> None:
    unsized = [
        f"{kind.name}.{field_name}"
        for kind in SCHEMAS[name].core.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for field_name, field in kind.fields.items()
        if str(field.type).rstrip("!").endswith("Connection") and PAGE_SIZE not in directives(field)
    ]
    assert unsized == []


def directives(field: Any) -> Any:
    return field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].directives


def test_introspection_is_not_free() -> None:
    nested = "name"
    for _ in range(7):
        nested = f"fields {{ type {{ {nested} }} }}"
    assert cost(f"{{ __schema {{ types {{ {nested} }} }} }}").values > UNKNOWN_LIST**8
