"""Options of single folders of tests, as fixtures."""

from typing import Any

import pytest


def option(name: str, default: object) -> Any:
    """A fixture of an option's value. Pytest knows a folder's options only where it was told to run this folder."""

    @pytest.fixture(name=name)
    def value(request: pytest.FixtureRequest) -> object:
        return request.config.getoption(name, default)

    return value
