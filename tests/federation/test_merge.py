"""Whatever clients ask, both gateways answer what a naive executor finds that asks the subgraphs field by field."""

from collections.abc import Callable, Iterator
from itertools import count

import aiohttp

from tests.federation.cases import CASES
from tests.federation.comparison import Comparison
from tests.federation.reference import Reference
from tests.federation.trials import Trials
from tests.fuzz.reach import arguments, fields, members

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
    comparison, found = Comparison(reference, gateways, patient_http), list[str]()
    for name in [only] if only else _names(trials, reference, merge_seed, operations):
        print(name, file=__import__("sys").stderr, flush=True)
        found += await comparison.differences(trials.of(name))
        print(found[-1:], file=__import__("sys").stderr, flush=True)
        if len(found) >= ENOUGH:
            break
    for outcome, times in sorted(comparison.outcomes.items()):
        record_property("merge", f"{outcome}: {times}")
    assert not found, "\n\n".join(found)
    if not only:
        assert _missed(reference, record_property) == []
        assert comparison.outcomes["router: too large"] <= MOST_TOO_LARGE * comparison.outcomes.total()


def _names(trials: Trials, reference: Reference, seed: int, operations: int) -> Iterator[str]:
    """The mutations, and then the queries: first those for what no answer has had a value for yet."""
    yield from (f"mutation {seed}/{number}" for number in range(max(len(CASES), operations // 5)))
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
