"""The settings reference lists every setting, with what it means."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import subgraphs
from subgraphs.kit.settings import EnvironmentSettings
from subgraphs.store import settings_reference
from subgraphs.store.settings_reference import SECTIONS, main, section


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


def test_a_page_that_differs_from_the_code_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "settings.md"
    monkeypatch.setattr(settings_reference, "PAGE", page)
    monkeypatch.setattr("sys.argv", ["settings_reference", "--check"])
    assert main() == 1
    monkeypatch.setattr("sys.argv", ["settings_reference"])
    assert main() == 0
    monkeypatch.setattr("sys.argv", ["settings_reference", "--check"])
    assert main() == 0
    page.write_text(page.read_text().replace("number", "text", 1))
    assert main() == 1
