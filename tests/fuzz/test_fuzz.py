"""No request, however hostile, gets an INTERNAL or a 5xx, ends a process, or leaves money and goods wrong."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.audit import audit
from tests.fuzz.reach import Reach
from tests.fuzz.visit import Target, Visit, visit_until
from tests.own_store import OwnStore
from tests.shop import Shop

LANES = 4
LEAST_PAST_VALIDATION = 1 / 3
AUDIT_WAIT_SECONDS = 120


async def test_nothing_that_is_sent_breaks_the_store(
    fuzzed: OwnStore,
    targets: list[Target],
    fuzz_shop: Shop,
    seconds: int,
    fuzz_seed: int,
    replay: str,
    record_property: Callable[[str, object], None],
) -> None:
    reach = Reach()
    if replay:
        visit = Visit(replay, targets, fuzz_shop, reach)
        await visit.run()
        defects = visit.defects
    else:
        ends = asyncio.get_running_loop().time() + seconds
        defects = await visit_until(ends, fuzz_seed, LANES, targets, fuzz_shop, reach)
    for line in reach.report([target.schema for target in targets]):
        record_property("fuzz", line)
    assert not defects, "\n".join(str(defect) for defect in defects)
    assert _ended(fuzzed) == []
    assert _logged(fuzzed) == []
    findings = await audit(fuzzed.settings, wait=AUDIT_WAIT_SECONDS)
    assert [finding for finding in findings if not finding.is_clean] == []
    assert reach.share > LEAST_PAST_VALIDATION


def _ended(fuzzed: OwnStore) -> list[str]:
    """The processes that have ended."""
    return [name for name, child in fuzzed.store.children.items() if child.has_ended]


def _logged(fuzzed: OwnStore) -> list[str]:
    """What subgraphs have logged of unexpected errors."""
    lines = ["", *[line for name in SUBGRAPHS for line in fuzzed.store.children[name].log.read_text().splitlines()]]
    return [line for before, line in pairwise(lines) if "unexpected error" in line or _is_traceback(before, line)]


def _is_traceback(before: str, line: str) -> bool:
    # When a field fails, graphql-core may drop the coroutines of its siblings without awaiting them. Python warns of
    # each as it deletes it. If that happens inside a named tuple's constructor, which has no `__import__`, the warning
    # itself fails and leaves a traceback in the log.
    return "Traceback" in line and not before.startswith("Exception ignored in: <coroutine object GraphQLCoreConverter")
