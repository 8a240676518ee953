"""The known defects of the gateways are still there: what generated operations avoid for their sake, they avoid for a reason."""

import pytest

from tests.federation.comparison import Asked, Comparison, Trial
from tests.federation.defects import DEFECTS, Defect
from tests.federation.trials import Trials


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
async def test_a_gateway_has_the_defect(comparison: Comparison, trials: Trials, defect: Defect) -> None:
    customer = trials.people["a customer"]

    async def arrange() -> Asked:
        return Asked(customer, dict(defect.variables))

    wrong = defect.gateways & comparison.gateways.keys()
    if not wrong:
        pytest.skip("Apollo Router is not installed")
    trial = Trial(defect.name, defect.document, arrange)
    assert wrong <= await comparison.differing(trial)
