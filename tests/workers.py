"""Which tests run on one worker, when several run side by side (`pytest -n 2`)."""

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARING = (
    "audit",
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
    "fuzz",
    "own_writes",
    "histories",
    "federation",
    "store",
    "audit",
    "upgrade",
    "model",
    "playground",
    "attacks",
    "operator",
    "docs",
    "demo",
    "etl",
)
"""The folders that take longest, in this order. They start first, so that all workers end at about the same time."""


class ByFileOrFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker a file at a time, or a folder where its tests share processes."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in SHARING else file


def longest_first(items: list[pytest.Item]) -> None:
    folders = {item: item.nodeid.split("/")[1] for item in items}
    items.sort(key=lambda item: (*LONGEST, folders[item]).index(folders[item]))
