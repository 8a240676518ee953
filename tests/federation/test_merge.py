"""Whatever clients ask, both gateways answer what a naive executor finds that asks the subgraphs field by field."""

from collections.abc import Callable

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
    names = [f"query {merge_seed}/{number}" for number in range(operations)]
    names += [f"mutation {merge_seed}/{number}" for number in range(max(len(CASES), operations // 5))]
    for name in [only] if only else names:
        found += await comparison.differences(trials.of(name))
        if len(found) >= ENOUGH:
            break
    for outcome, count in sorted(comparison.outcomes.items()):
        record_property("merge", f"{outcome}: {count}")
    assert not found, "\n\n".join(found)
    if not only:
        assert _missed(reference, record_property) == []
        assert comparison.outcomes["router: too large"] <= MOST_TOO_LARGE * len(names)


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
