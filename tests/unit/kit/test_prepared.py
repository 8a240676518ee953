"""How operations are found, prepared and remembered."""

from types import SimpleNamespace

import pytest
from graphql import ExecutionResult

from subgraphs.kit.errors import QueryTooComplex
from subgraphs.kit.graphql import prepared
from subgraphs.kit.graphql.cost import Costs, OperationCost
from subgraphs.kit.graphql.limits import MAX_DEPTH
from subgraphs.kit.graphql.prepared import CACHED_LENGTH, CACHED_OPERATIONS, NoOperation, Operations
from subgraphs.product.schema import schema

TWO = "query First { first: __typename } query Second { second: __typename }"


class Allowance:
    def __init__(self, budget: int = 1000) -> None:
        self._budget = budget

    def pay(self, cost: OperationCost, variables: dict[str, object]) -> None:
        if cost.total(variables, 0).values > self._budget:
            raise QueryTooComplex("Too dear.")


async def run(operations: Operations, text: str, name: str | None = None, budget: int = 1000) -> ExecutionResult:
    return await operations.run(text, name, None, SimpleNamespace(allowance=Allowance(budget)))


@pytest.fixture
def prepared_costs(monkeypatch: pytest.MonkeyPatch) -> list[Costs]:
    """The costs of the operations that were prepared."""
    made: list[Costs] = []

    class Noted(Costs):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(prepared, "Costs", Noted)
    return made


async def test_short_documents_are_kept_and_long_ones_are_not(prepared_costs: list[Costs]) -> None:
    operations = Operations(schema)
    for text, times in ((TWO, 1), (TWO.ljust(CACHED_LENGTH), 1), (TWO.ljust(CACHED_LENGTH + 1), 3)):
        prepared_costs.clear()
        for _ in range(3):
            assert (await run(operations, text)).data == {"first": "Query"}
        assert len(prepared_costs) == times


async def test_only_the_last_documents_are_kept(prepared_costs: list[Costs]) -> None:
    operations = Operations(schema)
    for number in (*range(CACHED_OPERATIONS), 0, CACHED_OPERATIONS, 1, 0):
        await run(operations, f"{{ a{number}: __typename }}")
    assert len(prepared_costs) == CACHED_OPERATIONS + 2


async def test_each_operation_of_a_document_is_its_own() -> None:
    operations = Operations(schema)
    for _ in range(2):
        assert (await run(operations, TWO)).data == {"first": "Query"}
        assert (await run(operations, TWO, "First")).data == {"first": "Query"}
        assert (await run(operations, TWO, "Second")).data == {"second": "Query"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("", None), (TWO, "Third"), (TWO, ""), ("fragment f on Query { __typename }", None), ("{ __typename }", "First")],
)
async def test_an_operation_that_is_not_there_is_no_answer(text: str, name: str | None) -> None:
    with pytest.raises(NoOperation):
        await run(Operations(schema), text, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{ __typename } query Other { __typename }", "anonymous"),
        ("{ a " * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1), "levels"),
        ("{ genres { name } }", "Too dear."),
    ],
)
async def test_what_is_wrong_is_told_each_time_and_nothing_runs(text: str, message: str) -> None:
    operations = Operations(schema)
    for _ in range(2):
        result = await run(operations, text, budget=10)
        assert result.data is None
        assert message in str(result.errors)


async def test_what_an_operation_costs_is_paid_each_time() -> None:
    operations = Operations(schema)
    assert (await run(operations, "{ __typename }", budget=1)).errors is None
    refused = await run(operations, "{ __typename }", budget=0)
    assert refused.errors is not None
    assert isinstance(refused.errors[0].original_error, QueryTooComplex)
