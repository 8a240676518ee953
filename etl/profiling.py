"""Profiles a games file without a database: counts, fields, oddities."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from etl.distributions import Distributions, distributions_of
from etl.load import CHUNK_SIZE, indexed
from etl.plan import count_rows
from etl.progress import NoProgress, Progress
from etl.runs import Result
from etl.source.chunk import entries, parse
from etl.source.index import Chunk, FileIndex
from etl.worker import no_garbage_collection


class FieldProfile(msgspec.Struct):
    """What the entries have in one field."""

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

    def add(self, other: "FieldProfile") -> None:
        self.present += other.present
        self.empty += other.empty
        self.longest = max(self.longest, other.longest)
        self.types += other.types


@dataclass
class FileProfile:
    """What a file holds."""

    index: FileIndex
    line_ends: str
    result: Result = field(default_factory=Result)
    fields: dict[str, FieldProfile] = field(default_factory=dict)
    distributions: Distributions = field(default_factory=Distributions)


def profile_file(path: Path, workers: int | None = None, progress: Progress | None = None) -> FileProfile:
    """Profiles a whole file. Raises OSError and EtlError."""
    progress = progress or NoProgress()
    with indexed(path, workers, CHUNK_SIZE, progress) as (index, pool):
        profile = FileProfile(index, line_ends=_line_ends(index.path))
        chunks = list(profile.index.chunks(CHUNK_SIZE))
        progress.phase("Reading", sum(chunk.size for chunk in chunks))
        for chunk, result, fields, distributions in pool.each(profile_chunk, [index.path] * len(chunks), chunks):
            profile.result += result
            profile.distributions.add(distributions)
            for name, found in fields.items():
                profile.fields.setdefault(name, FieldProfile()).add(found)
            progress.advance(chunk.size)
    return profile


def _line_ends(path: Path) -> str:
    with path.open("rb") as file:
        return "CRLF" if file.read(2) == b"{\r" else "LF"


@no_garbage_collection()
def profile_chunk(path: Path, chunk: Chunk) -> tuple[Chunk, Result, dict[str, FieldProfile], Distributions]:
    """Profiles one chunk: every field of every entry, including those that a load skips."""
    fields: dict[str, FieldProfile] = {}
    parsed = parse(path, chunk)
    for _, _, text in entries(path, chunk):
        for name, value in _all_fields(text).items():
            fields.setdefault(name, FieldProfile()).see(value)
    return chunk, count_rows(parsed), fields, distributions_of(parsed.games)


def _all_fields(text: bytes) -> dict[str, Any]:
    """All fields of an entry; none of an entry that is no JSON."""
    value = text.partition(b":")[2].strip().removesuffix(b",")
    try:
        return msgspec.json.decode(value, type=dict[str, Any])
    except (ValueError, RecursionError):
        return {}
