"""Options of the tests of databases and Redis on several servers."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rounds", type=int, default=0, help="how often each failure is injected; by default a few are, once"
    )
