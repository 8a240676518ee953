"""Whatever clients ask, both gateways answer what a naive executor finds that asks the subgraphs field by field."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count

import aiohttp
import pytest

from tests.federation.cases import CASES
from tests.federation.comparison import Comparison
from tests.federation.reference import Reference
from tests.federation.trials import Trials
from tests.fuzz.reach import arguments, fields, members

LANES = 4
ENOUGH = 3
"""With so many differences the comparison stops."""
MOST_TOO_LARGE = 0.1
"""The largest share of operations that a gateway may refuse for their cost, and that compare nothing then."""


async def test_both_gateways_answer_what_the_reference_finds(
    reference: Reference,
    gateways: dict[str, str],
    patient_http: aiohttp.ClientSession,
    trials: Trials,
    operations: int,
    merge_seed: int,
    only: str,
    record_property: Callable[[str, object], None],
) -> None:
    if not operations and not only:
        pytest.skip("`nox -s merge` compares")
    comparison, found = Comparison(reference, gateways, patient_http), list[str]()
    mutations = [f"mutation {merge_seed}/{number}" for number in range(max(len(CASES), operations // 5))]
    # Mutations first and by themselves: queries are compared while nothing changes.
    for names in [[only]] if only else [mutations, _queries(trials, reference, merge_seed, operations)]:
        found += await _differences(comparison, trials, iter(names))
    for outcome, times in sorted(comparison.outcomes.items()):
        record_property("merge", f"{outcome}: {times}")
    assert not found, "\n\n".join(found)
    if not only:
        assert _missed(reference, record_property) == []
        assert comparison.outcomes["router: too large"] <= MOST_TOO_LARGE * comparison.outcomes.total()


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


def _queries(trials: Trials, reference: Reference, seed: int, operations: int) -> Iterator[str]:
    """First those for what no answer has had a value for yet, then as many more as there are left."""
    left = operations
    for number in count():
        reach = reference.reach
        is_first_pass = number < len(trials.targets)
        if is_first_pass and {trials.targets[number]} & (reach.fields.keys() | reach.arguments.keys()):
            continue
        if left == 0 and not is_first_pass:
            return
        left = max(0, left - 1)
        yield f"query {seed}/{number}"


def _missed(reference: Reference, record_property: Callable[[str, object], None]) -> list[str]:
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
