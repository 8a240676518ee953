"""Whatever clients ask, both gateways answer what a naive executor finds that asks the subgraphs field by field."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from random import Random

import pytest
from graphql import GraphQLInterfaceType, get_named_type

from tests.federation.cases import CASES, Case
from tests.federation.comparison import Comparison
from tests.federation.reference import Reference
from tests.federation.trials import Trials
from tests.fuzz.reach import arguments, fields, members

# Where a field has failed, graphql-core drops the coroutines of its siblings, and Python warns of each. Within the
# constructor of a named tuple, which has no `__import__`, the warning itself fails.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <coroutine object Executor:pytest.PytestUnraisableExceptionWarning"
)

Record = Callable[[str, object], None]
LANES = 4
FEW = {"mutation": 8, "query": 40}
FEW_SEED = 1
"""`nox -s long` compares so many, the same each time: what other seeds find is for `nox -s merge`."""
ENOUGH = 3
"""With so many differences the comparison stops."""
ROUNDS = 40
"""How many operations, at most, are tried for a field or member that no answer has had a value for."""
MOST_TOO_LARGE = 0.15
"""The largest share of operations that a gateway may refuse for their cost, and that compare nothing then."""


async def test_both_gateways_answer_what_the_reference_finds(
    comparison: Comparison, trials: Trials, operations: int, merge_seed: int, only: str, record_property: Record
) -> None:
    if not operations and not only:
        pytest.skip("`nox -s merge` compares more than a few")
    reference = comparison.reference
    mutations = _mutations(reference, merge_seed, operations)
    queries = _queries(trials, reference, merge_seed, operations)
    found = await _compared(comparison, trials, [iter([only])] if only else [mutations, queries], record_property)
    missed = [] if only else _missed(reference, record_property)
    assert not found, "\n\n".join(found)
    if not only:
        assert missed == []
        assert {name for name in comparison.gateways if _too_large(comparison, name) > MOST_TOO_LARGE} == set()


async def test_a_few_operations_agree(
    comparison: Comparison, trials: Trials, operations: int, only: str, record_property: Record
) -> None:
    if operations or only:
        pytest.skip("The comparison has more than these")
    choice = Random(FEW_SEED)
    mutations = [f"mutation {FEW_SEED}/{number}" for number in choice.sample(range(len(CASES)), FEW["mutation"])]
    queries = [f"query {FEW_SEED}/{number}" for number in choice.sample(range(len(trials.targets)), FEW["query"])]
    found = await _compared(comparison, trials, [iter(mutations), iter(queries)], record_property)
    assert not found, "\n\n".join(found)


async def _compared(
    comparison: Comparison, trials: Trials, groups: list[Iterator[str]], record_property: Record
) -> list[str]:
    """The differences in groups of operations. Mutations are one by themselves: queries are compared while nothing changes."""
    found = [one for names in groups for one in await _differences(comparison, trials, names)]
    for outcome, times in sorted(comparison.outcomes.items()):
        record_property("merge", f"{outcome}: {times}")
    return found


async def _differences(comparison: Comparison, trials: Trials, names: Iterator[str]) -> list[str]:
    found = list[str]()

    async def lane() -> None:
        for name in names:
            found.extend(await comparison.differences(trials.of(name)))
            if len(found) >= ENOUGH:
                return

    async with asyncio.TaskGroup() as tasks:
        for _ in range(LANES):
            tasks.create_task(lane())
    return found


def _mutations(reference: Reference, seed: int, operations: int) -> Iterator[str]:
    """One mutation for five queries, all cases in turn; then again, for some rounds, the cases that no answer has had."""
    often = max(len(CASES), operations // 5)
    for number in range(often + ROUNDS * len(CASES)):
        if number < often or _is_missed(CASES[number % len(CASES)], reference):
            yield f"mutation {seed}/{number}"


def _is_missed(case: Case, reference: Reference) -> bool:
    """Whether no answer has had the mutation, the outcome, or a field of the problem that it is."""
    schema, reach = reference.schema, reference.reach
    assert schema.mutation_type is not None
    result = get_named_type(schema.mutation_type.fields[case.mutation].type)
    problem = schema.type_map["Problem"]
    assert isinstance(problem, GraphQLInterfaceType)
    problems = [kind.name for kind in schema.get_implementations(problem).objects]
    wanted = {f"Mutation.{case.mutation}", f"{result.name} = {case.outcome}"}
    wanted |= {one for one in fields(schema) if one.startswith(f"{case.outcome}.") and case.outcome in problems}
    known = {*fields(schema), *members(schema)}
    return bool(wanted & known - (reach.fields.keys() | reach.members.keys()))


def _queries(trials: Trials, reference: Reference, seed: int, operations: int) -> Iterator[str]:
    """First, for some rounds, queries for what no answer has had a value for; then any others, up to the number asked for."""
    left = operations
    for number in count():
        reach, target = reference.reach, trials.targets[number % len(trials.targets)]
        is_wanted = number < ROUNDS * len(trials.targets)
        if is_wanted and target in reach.fields.keys() | reach.arguments.keys():
            continue
        if left == 0 and not is_wanted:
            return
        left = max(0, left - 1)
        yield f"query {seed}/{number}"


def _missed(reference: Reference, record_property: Record) -> list[str]:
    """What no answer had a value for. Tells how much of the API answers did have."""
    schema, reach, missed = reference.schema, reference.reach, list[str]()
    kinds = {
        "fields": (set(fields(schema)), reach.fields),
        "arguments and input fields": (set(arguments(schema)), reach.arguments),
        "union members": (set(members(schema)), reach.members),
    }
    for kind, (known, seen) in kinds.items():
        record_property("merge", f"{kind}: {len(known & seen.keys())} of {len(known)} answered with a value")
        missed += sorted(known - seen.keys())
    return missed


def _too_large(comparison: Comparison, gateway: str) -> float:
    """The share of operations that the gateway, or the reference beside it, has refused for their cost."""
    own = {name: times for name, times in comparison.outcomes.items() if name.startswith(f"{gateway}:")}
    return own.get(f"{gateway}: too large", 0) / sum(own.values())
