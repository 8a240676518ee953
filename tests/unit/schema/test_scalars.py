"""Each custom scalar says where its form is specified, and means the same in all subgraphs."""

from pathlib import Path

import pytest
from graphql import GraphQLScalarType, build_schema, parse, print_ast
from graphql import specified_scalar_types as built_in
from graphql.language import ScalarTypeDefinitionNode

from subgraphs.kit.settings import SUBGRAPHS

SCHEMA = Path(__file__).parents[3] / "schema"
CUSTOM = {"Date", "DateTime", "Decimal"}


def test_clients_see_where_each_scalar_is_specified() -> None:
    api = build_schema((SCHEMA / "api.graphql").read_text())
    scalars = [kind for kind in api.type_map.values() if isinstance(kind, GraphQLScalarType)]
    urls = {kind.name: kind.specified_by_url for kind in scalars if kind.name not in built_in}
    assert urls.keys() == CUSTOM
    assert all(url and url.startswith("https://") for url in urls.values())


@pytest.mark.parametrize("name", sorted(CUSTOM))
def test_a_scalar_has_one_definition(name: str) -> None:
    documents = [parse((SCHEMA / f"{subgraph}.graphql").read_text()) for subgraph in SUBGRAPHS]
    definitions = [
        print_ast(node)
        for document in documents
        for node in document.definitions
        if isinstance(node, ScalarTypeDefinitionNode) and node.name.value == name
    ]
    assert definitions
    assert len(set(definitions)) == 1
