"""The parsing of one chunk."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from etl.entry import decode
from etl.game import Game, game_of
from etl.layout import BOUNDARY, Chunk
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
    """Reads and parses the entries of a chunk. A bad one becomes a reject; a superseded one is skipped."""
    games, rejects, oddities = [], [], Counter[str]()
    data = read(path, chunk)
    for start, end in entries(data):
        if chunk.start + start in chunk.superseded:
            continue
        try:
            games.append(_game(data[start:end], chunk.last and end == len(data), oddities))
        except (ValueError, RecursionError) as error:
            rejects.append(Reject(chunk.start + start + 5, _app_id(data, start), clean(str(error))[:500]))
    games.sort(key=lambda game: game.id)  # rows in the order of the primary keys are the quickest to write
    return Parsed(games, rejects, oddities)


def read(path: Path, chunk: Chunk) -> bytes:
    with path.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), chunk.end - chunk.start, chunk.start)


def entries(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while (following := data.find(BOUNDARY, start + 1)) > 0:
        yield start, following
        start = following
    yield start, len(data)


def _game(text: bytes, last: bool, oddities: Counter[str]) -> Game:
    key = _KEY.match(text)
    if not key or not re.fullmatch(rb"[1-9][0-9]{0,9}", key[1]) or int(key[1]) > FIRST_PUBLISHED_ID:
        raise BadEntry(f"the key is no app id: a whole number from 1 to {FIRST_PUBLISHED_ID:,}")
    value = text[key.end() :].rstrip(b" \r\n")
    if value.endswith(b",") == last:
        raise BadEntry("a comma behind the last entry" if last else "no comma behind the entry")
    return game_of(int(key[1]), decode(value if last else value[:-1]), oddities)


def _app_id(data: bytes, start: int) -> str:
    """What stands where the app id is expected, as far as it can be read."""
    key = _KEY.match(data, start, start + 80)
    return clean((key[1] if key else data[start + 5 : start + 25]).decode("utf-8", "replace"))
