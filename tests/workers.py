"""Which tests run on one worker, when several run side by side (`pytest -n 2`)."""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARING = (
    "audit",
    "clusters/redis",
    "faults",
    "federation",
    "histories",
    "own_writes",
    "playground",
    "router",
    "several",
    "supply_chain",
    "top_ups",
)
"""Folders whose tests share processes of their own: one worker runs all of them, so that these start once."""
LONGEST = (
    "faults",
    "several",
    "simulate",
    "clusters",
    "store",
    "docs",
    "demo",
    "federation",
    "audit",
    "attacks",
    "model",
    "playground",
    "upgrade",
    "own_writes",
    "histories",
    "fuzz",
    "operator",
    "etl",
    "typed_clients",
    "supply_chain",
    "compatibility",
)
"""The folders that take longest, in this order. They start first, so that all workers end at about the same time."""


class ByFileOrFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker a file at a time, or a folder where its tests share processes."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _place(file, SHARING) or file


def longest_first(items: list[pytest.Item]) -> None:
    order = (*LONGEST, "")
    items.sort(key=lambda item: order.index(_place(item.nodeid, LONGEST)))


def _place(nodeid: str, places: Sequence[str]) -> str:
    """The first of the folders or files that a test is in; empty if it is in none."""
    return next((place for place in places if nodeid.startswith(f"tests/{place}")), "")
