"""Every event ever published can be decoded today: `events/<topic>/<n>.json` are samples, as an outbox held them.

A new field comes with a new sample that has it. The samples before stay as they are.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import msgspec
import pytest
from msgspec.inspect import ListType, StructType, Type, type_info

from subgraphs import contracts
from subgraphs.contracts.event import TOPICS

for module in iter_modules(contracts.__path__, f"{contracts.__name__}."):
    import_module(module.name)

FOLDER = Path(__file__).parent / "events"
SAMPLES = sorted(FOLDER.glob("*/*.json"))


def samples_of(topic: str) -> list[Any]:
    """The samples of a topic, oldest first."""
    return [
        json.loads(path.read_text()) for path in sorted((FOLDER / topic).iterdir(), key=lambda path: int(path.stem))
    ]


def absent_fields(kind: Type, value: Any, path: str = "") -> Iterator[tuple[str, bool]]:
    """The fields of a class that a sample lacks, at any depth, and whether they are required."""
    if isinstance(kind, ListType):
        for item in value:
            yield from absent_fields(kind.item_type, item, path)
    if isinstance(kind, StructType):
        for field in kind.fields:
            name = f"{path}.{field.encode_name}"
            if field.encode_name in value:
                yield from absent_fields(field.type, value[field.encode_name], name)
            else:
                yield name, field.required


def assert_keeps(sample: Any, decoded: Any) -> None:
    """Checks that each value of a sample is in its decoded form, under the same name."""
    if isinstance(sample, dict):
        for name, value in sample.items():
            assert_keeps(value, decoded[name])
    elif isinstance(sample, list):
        for value, other in zip(sample, decoded, strict=True):
            assert_keeps(value, other)
    else:
        assert decoded == sample


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_event_ever_published_is_decoded_with_all_its_values(path: Path) -> None:
    event = msgspec.json.decode(path.read_bytes(), type=TOPICS[path.parent.name])
    assert_keeps(json.loads(path.read_text()), msgspec.to_builtins(event))


@pytest.mark.parametrize("topic", TOPICS)
def test_every_field_added_since_the_oldest_sample_has_a_default(topic: str) -> None:
    absent = absent_fields(type_info(TOPICS[topic]), samples_of(topic)[0])
    assert [name for name, is_required in absent if is_required] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_the_newest_sample_has_every_field(topic: str) -> None:
    assert list(absent_fields(type_info(TOPICS[topic]), samples_of(topic)[-1])) == []
