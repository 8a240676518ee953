"""docs/reference/settings.md, from the settings classes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from subgraphs.kit.settings import EnvironmentSettings, Settings
from subgraphs.live.settings import LiveSettings
from subgraphs.payment.settings import PaymentSettings
from subgraphs.stock.settings import StockSettings
from subgraphs.store.config import StoreSettings
from subgraphs.user.settings import UserSettings

SECTIONS: dict[str, type[EnvironmentSettings]] = {
    "Every subgraph": Settings,
    "user": UserSettings,
    "payment": PaymentSettings,
    "stock": StockSettings,
    "The live numbers of flash sales": LiveSettings,
    "The local store (`nox -s up`)": StoreSettings,
}
TYPES: dict[Any, str] = {
    bool: "true or false",
    int: "integer",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret",
}
INTRODUCTION = """\
# Settings

Environment variables, read when a process starts. Durations are in seconds. `nox -s reference` writes this page from
the settings classes. The router's own variables are in [router/README.md](../../router/README.md), those of Compose
in [deploy/env.example](../../deploy/env.example).
"""


def page() -> str:
    return "\n".join([INTRODUCTION, *[section(title, settings) for title, settings in SECTIONS.items()]])


def section(title: str, settings: type[EnvironmentSettings]) -> str:
    """A heading and a table of a class's settings."""
    return "\n".join([f"## {title}", "", str(settings.__doc__), "", *_table(settings), ""])


def _table(settings: type[EnvironmentSettings]) -> Iterator[str]:
    yield "| setting | variable | type | default | meaning |"
    yield "|---|---|---|---|---|"
    prefix = settings.model_config["env_prefix"]
    for name, field in settings.model_fields.items():
        if not field.description:
            raise LookupError(f"{settings.__name__}.{name} needs a docstring below it: its description.")
        cells = [f"`{name}`", f"`{prefix}{name.upper()}`", _type(field), _default(field), field.description]
        yield "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _type(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(field.annotation))
    return TYPES[field.annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "none: required"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value == "":
        return "empty"
    return f"`{value:.15g}`" if isinstance(value, float) else f"`{value}`"
