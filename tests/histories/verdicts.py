"""The verdict on a recorded history."""

from collections import Counter
from collections.abc import Sequence

from tests.histories.checker import PICTURES, check, refused
from tests.histories.events import Bounds
from tests.histories.projection import events_of
from tests.histories.recorder import Attempt


def assert_linearizable(attempts: Sequence[Attempt], bounds: Bounds, name: str) -> Counter[str]:
    """How many operations of each model were checked. A history that is refused is kept under `name`."""
    verdicts = check(events_of(attempts, bounds), PICTURES / name)
    operations = Counter[str]()
    for verdict in verdicts:
        operations[verdict.model] += verdict.operations
    print(f"  {len(attempts)} requests, {len(verdicts)} objects: {dict(operations)}")
    assert refused(verdicts) == [], f"not linearizable: {refused(verdicts)}"
    return operations
