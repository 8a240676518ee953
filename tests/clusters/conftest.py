"""Options of the tests of databases and Redis on several servers."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=1, help="how many times each failure is injected")
