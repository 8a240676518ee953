"""`paired`, by which the auditor compares two databases."""

from collections.abc import AsyncIterator

import hypothesis.strategies as st
from hypothesis import given

from subgraphs.store.audit.snapshots import paired

Row = tuple[str, int, str]
KEYS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), unique=True)


async def rows(keys: list[tuple[str, int]], side: str) -> AsyncIterator[Row]:
    for key in sorted(keys):
        yield *key, side


@given(left=KEYS, right=KEYS)
async def test_each_key_of_either_side_comes_once_in_order_with_its_rows(
    left: list[tuple[str, int]], right: list[tuple[str, int]]
) -> None:
    pairs = [pair async for pair in paired(rows(left, "left"), rows(right, "right"), 2)]

    assert pairs == [
        ((*key, "left") if key in left else None, (*key, "right") if key in right else None)
        for key in sorted({*left, *right})
    ]
