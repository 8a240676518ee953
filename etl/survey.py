"""What is in a games file: counts, fields, oddities, without a database."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from etl.chunk import entries, parse
from etl.layout import Chunk, Layout
from etl.load import CHUNK_SIZE, find_games, worker_count
from etl.pool import Pool
from etl.progress import Progress, Silence
from etl.records import Result
from etl.work import no_garbage_collection
from etl.writing import counted


class Field(msgspec.Struct):
    """One field of the entries."""

    present: int = 0
    empty: int = 0
    longest: int = 0
    """Characters of a text, items of a list."""
    types: Counter[str] = msgspec.field(default_factory=Counter)

    def see(self, value: Any) -> None:
        self.present += 1
        self.types[type(value).__name__] += 1
        if isinstance(value, str | list | dict):
            self.empty += not value
            self.longest = max(self.longest, len(value))

    def add(self, other: "Field") -> None:
        self.present += other.present
        self.empty += other.empty
        self.longest = max(self.longest, other.longest)
        self.types += other.types


@dataclass
class Survey:
    """A file's entries, taken together."""

    layout: Layout
    result: Result = field(default_factory=Result)
    fields: dict[str, Field] = field(default_factory=dict)
    genres: Counter[str] = field(default_factory=Counter)
    line_ends: str = "LF"


def survey(path: Path, workers: int | None = None, progress: Progress | None = None) -> Survey:
    """Goes through a whole file. Raises OSError and FileError."""
    progress = progress or Silence()
    with Pool(worker_count(path, workers, CHUNK_SIZE)) as pool:
        seen = Survey(find_games(path, pool, progress))
        chunks = list(seen.layout.chunks(CHUNK_SIZE))
        progress.phase("Reading", sum(chunk.size for chunk in chunks))
        for chunk, result, fields, genres in pool.each(survey_chunk, [path] * len(chunks), chunks):
            seen.result += result
            seen.genres += genres
            for name, found in fields.items():
                seen.fields.setdefault(name, Field()).add(found)
            progress.advance(chunk.size)
    with path.open("rb") as file:
        seen.line_ends = "CRLF" if file.read(2) == b"{\r" else "LF"
    return seen


@no_garbage_collection()
def survey_chunk(path: Path, chunk: Chunk) -> tuple[Chunk, Result, dict[str, Field], Counter[str]]:
    """Goes through one chunk: every field of every entry, whether the load reads it or not."""
    fields: dict[str, Field] = {}
    parsed = parse(path, chunk)
    genres = Counter(row[1] for game in parsed.games for row in game.parts[2])
    for _, _, text in entries(path, chunk):
        for name, value in _whole(text).items():
            fields.setdefault(name, Field()).see(value)
    return chunk, counted(parsed), fields, genres


def _whole(text: bytes) -> dict[str, Any]:
    """An entry with all its fields; none for what is a reject anyway."""
    value = text.partition(b":")[2].strip().removesuffix(b",")
    try:
        return msgspec.json.decode(value, type=dict[str, Any])
    except (ValueError, RecursionError):
        return {}
