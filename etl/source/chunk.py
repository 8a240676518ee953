"""Parses a chunk: reads its entries from the file and turns them into games or rejects."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from etl.source.cleaning import clean
from etl.source.entry import decode
from etl.source.game import Game, game_of
from etl.source.index import Chunk

FIRST_PUBLISHED_ID = 10_000_000_000
"""The ids of products published in the store are above this (see the product subgraph's models)."""

_KEY = re.compile(rb'\n    "([^"\r\n]*)": *')
_APP_ID = re.compile(rb"[1-9][0-9]{0,9}")


class Reject(msgspec.Struct):
    """An entry that is not loaded: the text of its key, where the key is in the file, and why."""

    byte: int
    app_id: str
    reason: str


class ParsedChunk(msgspec.Struct):
    """A chunk's games, by id, its rejects, and how often each oddity occurred."""

    games: list[Game]
    rejects: list[Reject]
    oddities: Counter[str]


class BadEntry(ValueError):
    """An entry that cannot be loaded."""


def parse(path: Path, chunk: Chunk) -> ParsedChunk:
    """Parses the entries of a chunk. A bad entry becomes a reject."""
    games, rejects, oddities = [], [], Counter[str]()
    for start, end, text in entries(path, chunk):
        try:
            games.append(_game(text, end == chunk.file_end, oddities))
        except (ValueError, RecursionError) as error:
            rejects.append(Reject(start + 5, _key_text(text), clean(str(error))[:500]))
    return ParsedChunk(games, rejects, oddities)


def entries(path: Path, chunk: Chunk) -> Iterator[tuple[int, int, bytes]]:
    """The entries of a chunk: where each begins and ends, and its text."""
    with path.open("rb", buffering=0) as file:
        for start, end in zip(chunk.starts, chunk.ends, strict=True):
            yield start, end, os.pread(file.fileno(), end - start, start)


def _game(text: bytes, last: bool, oddities: Counter[str]) -> Game:
    key = _KEY.match(text)
    if not key or not _APP_ID.fullmatch(key[1]) or int(key[1]) > FIRST_PUBLISHED_ID:
        raise BadEntry(f"the key is not an app id, which is a whole number from 1 to {FIRST_PUBLISHED_ID:,}")
    value = text[key.end() :].rstrip(b" \r\n")
    if value.endswith(b",") == last:
        raise BadEntry("a comma after the last entry" if last else "no comma after the entry")
    return game_of(int(key[1]), decode(value if last else value[:-1]), oddities)


def _key_text(text: bytes) -> str:
    """The text in the place of the app id, as far as it can be read."""
    key = _KEY.match(text, 0, 80)
    return clean((key[1] if key else text[5:25]).decode("utf-8", "replace"))
