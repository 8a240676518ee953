"""The settings reference lists every setting, with what it means."""

import importlib
import pkgutil

import pytest

import subgraphs
from subgraphs.kit.settings import EnvironmentSettings
from subgraphs.store.reference.settings import SECTIONS, section


def test_every_class_of_settings_has_a_section() -> None:
    for module in pkgutil.walk_packages(subgraphs.__path__, "subgraphs."):
        if module.name.rpartition(".")[2] in ("settings", "config"):
            importlib.import_module(module.name)
    ours = {cls for cls in EnvironmentSettings.__subclasses__() if cls.__module__.startswith("subgraphs.")}
    assert set(SECTIONS.values()) == ours


class Example(EnvironmentSettings):
    """An example."""

    patience: float = 7 * 24 * 3600.0
    """How long to wait;
    `0|1` is not meant."""
    key: int


def test_a_setting_without_a_description_is_refused() -> None:
    with pytest.raises(LookupError, match=r"Example\.key"):
        section("Example", Example)


def test_a_setting_is_a_line_with_variable_type_default_and_meaning() -> None:
    class Short(Example):
        key: int = 3
        """A key."""

    lines = section("Short", Short).splitlines()
    assert (
        "| `patience` | `STEAMPUNK_PATIENCE` | number | `604800` | How long to wait; `0\\|1` is not meant. |" in lines
    )
    assert "| `key` | `STEAMPUNK_KEY` | integer | `3` | A key. |" in lines
