"""How many items a page may have."""

import pytest

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import PageRequest


@pytest.mark.parametrize("size", [0, -1, 101])
def test_a_page_has_1_to_100_items(size: int) -> None:
    with pytest.raises(BadUserInput):
        PageRequest(size)


def test_null_means_the_default() -> None:
    assert PageRequest(None).first == 20
