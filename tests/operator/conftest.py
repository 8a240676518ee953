"""A place where a store could start."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operator.commands import port_settings
from tests.ports import reserved_ports

SECRETS = dict.fromkeys(("STEAMPUNK_ROUTER_SECRET", "STEAMPUNK_SERVICE_SECRET", "STEAMPUNK_DATA_KEY"), "A" * 43 + "=")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a store that could start here."""
    with reserved_ports() as ports:
        yield {"STEAMPUNK_STATE": str(tmp_path / "state"), **SECRETS, **port_settings(ports)}
