"""The steps in which a secret is replaced."""

import base64

import pytest

from subgraphs.kit.problems import Problem
from subgraphs.store.rotation import changed, new_secret, second

NAME = "STEAMPUNK_ROUTER_SECRET"
FIRST = {NAME: "old", "ANOTHER": "stays"}


def test_a_secret_is_added_switched_to_and_the_old_one_dropped() -> None:
    added = changed(FIRST, NAME, "add")
    new = added[second(NAME)]
    assert added == {**FIRST, second(NAME): new}
    switched = changed(added, NAME, "switch")
    assert switched == {**FIRST, NAME: new, second(NAME): "old"}
    assert changed(switched, NAME, "drop") == {**FIRST, NAME: new}


@pytest.mark.parametrize("step", ["switch", "drop"])
def test_without_a_second_secret_there_is_only_the_first_step(step: str) -> None:
    with pytest.raises(Problem, match="not set"):
        changed(FIRST, NAME, step)


def test_a_second_secret_is_not_replaced() -> None:
    with pytest.raises(Problem, match="already set"):
        changed(changed(FIRST, NAME, "add"), NAME, "add")


def test_a_data_key_has_32_bytes() -> None:
    assert len(base64.b64decode(new_secret("STEAMPUNK_DATA_KEY"), validate=True)) == 32
    assert new_secret(NAME) != new_secret(NAME)
