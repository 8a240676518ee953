"""The parsing of one chunk."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from etl.entry import decode
from etl.game import Game, game_of
from etl.layout import Chunk
from etl.texts import clean

FIRST_PUBLISHED_ID = 10_000_000_000
"""Products published in the store have ids above this (see the product subgraph's models)."""

_KEY = re.compile(rb'\n    "([^"\r\n]*)": *')


class Reject(msgspec.Struct):
    """An entry that was left out: what its key says, where the key stands in the file, and why."""

    byte: int
    app_id: str
    reason: str


class Parsed(msgspec.Struct):
    """A chunk's games, by id, and what else was found."""

    games: list[Game]
    rejects: list[Reject]
    oddities: Counter[str]


class BadEntry(ValueError):
    pass


def parse(path: Path, chunk: Chunk) -> Parsed:
    """Reads and parses the entries of a chunk. A bad one becomes a reject."""
    games, rejects, oddities = [], [], Counter[str]()
    for start, end, text in entries(path, chunk):
        try:
            games.append(_game(text, end == chunk.file_end, oddities))
        except (ValueError, RecursionError) as error:
            rejects.append(Reject(start + 5, _app_id(text), clean(str(error))[:500]))
    return Parsed(games, rejects, oddities)


def entries(path: Path, chunk: Chunk) -> Iterator[tuple[int, int, bytes]]:
    """Where each entry of a chunk begins and ends, and its text."""
    with path.open("rb", buffering=0) as file:
        for start, end in zip(chunk.starts, chunk.ends, strict=True):
            yield start, end, os.pread(file.fileno(), end - start, start)


def _game(text: bytes, last: bool, oddities: Counter[str]) -> Game:
    key = _KEY.match(text)
    if not key or not re.fullmatch(rb"[1-9][0-9]{0,9}", key[1]) or int(key[1]) > FIRST_PUBLISHED_ID:
        raise BadEntry(f"the key is no app id: a whole number from 1 to {FIRST_PUBLISHED_ID:,}")
    value = text[key.end() :].rstrip(b" \r\n")
    if value.endswith(b",") == last:
        raise BadEntry("a comma behind the last entry" if last else "no comma behind the entry")
    return game_of(int(key[1]), decode(value if last else value[:-1]), oddities)


def _app_id(text: bytes) -> str:
    """What stands where the app id is expected, as far as it can be read."""
    key = _KEY.match(text, 0, 80)
    return clean((key[1] if key else text[5:25]).decode("utf-8", "replace"))
