"""How long the random shopping goes on."""

import pytest

EXAMPLES = 9


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", type=int, default=EXAMPLES, help="how many random sequences of operations are tried")


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    # Pytest knows this folder's options only where it was told to run this folder.
    return int(request.config.getoption("--examples", EXAMPLES))
