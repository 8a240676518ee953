"""Which discounts may be given."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.errors import BadUserInput
from subgraphs.product.discounts.domain import Discount

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


@pytest.mark.parametrize("discount", [Discount(0), Discount(90), Discount(1, LATER)])
def test_what_may_be_given(discount: Discount) -> None:
    discount.check(NOW)


@pytest.mark.parametrize(
    ("discount", "fields"),
    [
        (Discount(91), ["percent"]),
        (Discount(10, NOW), ["endsAt"]),
        (Discount(0, LATER), ["endsAt"]),
        (Discount(10, LATER.replace(tzinfo=None)), ["endsAt"]),
        (Discount(-1, NOW), ["percent", "endsAt"]),
    ],
)
def test_what_is_wrong_is_reported_together(discount: Discount, fields: list[str]) -> None:
    with pytest.raises(BadUserInput) as raised:
        discount.check(NOW)
    assert [one.field for one in raised.value.fields] == fields
