"""What is remembered of documents."""

from types import SimpleNamespace

from subgraphs.kit.graphql import limits
from subgraphs.kit.graphql.caches import CACHED_LENGTH
from subgraphs.product.schema import schema

SHORT = "{ genres { short: name } }"


class Allowance:
    def pay(self, *_: object) -> None:
        pass


async def documents_kept(query: str) -> int:
    before = limits._short_costs.cache_info().currsize
    result = await schema.execute(
        "query Q " + query + " query Other { __typename }",
        operation_name="Other",
        context_value=SimpleNamespace(allowance=Allowance()),
    )
    assert result.data == {"__typename": "Query"}
    return limits._short_costs.cache_info().currsize - before


async def test_short_documents_are_kept_and_long_ones_are_not() -> None:
    assert await documents_kept(SHORT) == 1
    assert await documents_kept(SHORT.ljust(CACHED_LENGTH)) == 0
