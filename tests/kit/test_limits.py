"""What a subgraph answers to operations that are too deep, too wide or too long."""

import pytest

from subgraphs.kit.graphql.limits import MAX_ALIASES, MAX_DEPTH, MAX_TOKENS
from tests.clients import SubgraphClient


def nested(depth: int) -> str:
    """An operation on product whose fields are nested `depth` deep."""
    inner = "name"
    for _ in range(depth // 4):
        inner = f"products {{ edges {{ node {{ genres {{ {inner} }} }} }} }}"
    return f"{{ genres {{ {inner} }} }}"


@pytest.mark.parametrize(
    "query",
    [
        nested(MAX_DEPTH + 4),
        "{ " + " ".join(f"a{n}: genres {{ name }}" for n in range(MAX_ALIASES + 1)) + " }",
        "{ genres { " + "name " * MAX_TOKENS + "} }",
    ],
    ids=["depth", "aliases", "tokens"],
)
async def test_an_operation_over_a_limit_is_too_complex(product: SubgraphClient, query: str) -> None:
    answer = await product.run(query)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"QUERY_TOO_COMPLEX"}


@pytest.mark.parametrize("query", ["{ genres {", "{ more than }", "{ aliases: nothing }"])
async def test_an_operation_that_is_wrong_is_bad_input(product: SubgraphClient, query: str) -> None:
    assert await product.code(query) == "BAD_USER_INPUT"
