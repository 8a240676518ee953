"""The index of a games file: where its entries begin, found without parsing, and the chunks to load.

The file is one JSON object, indented by four spaces, keyed by app id. Every key is on a line of its own after
exactly four spaces, so an entry begins at a `BOUNDARY`. Nothing inside an entry looks like one: its keys and
values are indented by at least eight spaces, and a JSON string holds no raw line break (RFC 8259, section 7).
What breaks this rule is no valid entry, and parsing rejects it.

The file's entries are in no order, the catalogue's rows in that of their app ids. A chunk holds entries that are
neighbours by app id, so that the database fills its pages one after the other. Chunks in the file's order would
each touch all pages.
"""

from __future__ import annotations

import hashlib
import os
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from etl.errors import FileError

BOUNDARY = b'\n    "'
BLOCK = 4 << 20
MAX_ENTRY = 16 << 20
"""Bytes. The largest known entry has 46,118; a larger one is another format, or would fill the memory."""
NO_ID = 0
"""Stands for a key that is no app id. Parsing rejects the entry."""
CHUNK_ORDER = b"in the order of the app ids"
"""Part of each fingerprint, so that no load is resumed whose chunks were made in another order."""

_KEY = re.compile(rb'\n    "([1-9][0-9]{0,17})":')
_KEY_LENGTH = 32
_HEAD = re.compile(rb"\{\r?(?=" + BOUNDARY + rb")")
_TAIL = re.compile(rb"\r?\n\}\s*\Z")
_CSV_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?"?[A-Za-z][\w ]*"?[,;\t]')
_PIECE = 4096


class Block(NamedTuple):
    """A part of the file: the entries that begin in it, and its hash."""

    size: int
    starts: array[int]
    ids: array[int]
    sha256: bytes


class Chunk(NamedTuple):
    """Entries that are neighbours by app id, the lowest first: where in the file each begins and ends."""

    number: int
    """From 0. The same content and chunk size give the same chunks."""
    starts: array[int]
    ends: array[int]
    file_end: int
    """Where the file's last entry ends."""

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(self.ends) - sum(self.starts)


class FileIndex(NamedTuple):
    """Where a file's entries begin; the last one ends at `end`. `fingerprint` identifies the content."""

    path: Path
    size: int
    end: int
    fingerprint: str
    starts: array[int]
    order: list[int]
    """The entries to load, by app id: all except those with a later duplicate."""

    @property
    def duplicates(self) -> int:
        return len(self.starts) - len(self.order)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The entries to load, in chunks of at least `size` bytes; only the last one may be smaller."""
        ends = [*self.starts[1:], self.end]
        chunk, held = Chunk(0, array("Q"), array("Q"), self.end), 0
        for entry in self.order:
            if held >= size:
                yield chunk
                chunk, held = Chunk(chunk.number + 1, array("Q"), array("Q"), self.end), 0
            chunk.starts.append(self.starts[entry])
            chunk.ends.append(ends[entry])
            held += ends[entry] - self.starts[entry]
        yield chunk


def index_file(path: Path, map_blocks: Callable[..., Iterable[Block]]) -> FileIndex:
    """Indexes a file. `map_blocks` is `map`, or that of a process pool to scan blocks in parallel.

    Raises OSError, and FileError if the file has another format, is cut off, or is not UTF-8.
    """
    size = path.stat().st_size
    _check_head(path)
    offsets = range(0, size, BLOCK)
    starts, ids, content = array("Q"), array("Q"), hashlib.sha256(CHUNK_ORDER)
    for block in map_blocks(scan_block, [path] * len(offsets), offsets):
        starts += block.starts
        ids += block.ids
        content.update(block.sha256)
    end = _end(path, size, starts[-1])
    _check_sizes(starts, end)
    return FileIndex(path, size, end, content.hexdigest(), starts, _order(ids))


def scan_block(path: Path, offset: int) -> Block:
    """Finds the entries that begin in the block at `offset`. Raises FileError if it is not UTF-8."""
    with path.open("rb", buffering=0) as file:
        data = os.pread(file.fileno(), BLOCK + _KEY_LENGTH, offset)
    length = min(BLOCK, len(data))
    _check_utf8(data, length, offset)
    starts, ids = array("Q"), array("Q")
    at = data.find(BOUNDARY)
    while 0 <= at < length:
        key = _KEY.match(data, at)
        starts.append(offset + at)
        ids.append(int(key[1]) if key else NO_ID)
        at = data.find(BOUNDARY, at + 1)
    return Block(length, starts, ids, hashlib.sha256(memoryview(data)[:length]).digest())


def _check_head(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(_KEY_LENGTH)
    if not head.startswith(b"{"):
        raise FileError(0, f"a games file begins with '{{'; {_other_format(head)}")
    if not _HEAD.match(head):
        raise FileError(1, "the first app id is expected here, on a line of its own after four spaces")


def _other_format(head: bytes) -> str:
    """What a file is that begins with `head`."""
    if _CSV_HEAD.match(head):
        return "this is a CSV file. Load the games.json that the same data set holds"
    return "this one does not"


def _check_utf8(data: bytes, length: int, offset: int) -> None:
    """Raises FileError if a character that begins in the first `length` bytes is not UTF-8.

    Most pieces are ASCII, and checking that is ten times as fast as decoding.
    """
    begin = _next_character(data, 0) if offset else 0
    while begin < length:
        end = _next_character(data, min(begin + _PIECE, length))
        piece = data[begin:end]
        if not piece.isascii():
            try:
                piece.decode()
            except UnicodeDecodeError as error:
                raise FileError(offset + begin + error.start, f"not UTF-8: {error.reason}") from None
        begin = end


def _next_character(data: bytes, at: int) -> int:
    """The first position from `at` on, at most three later, at which a character begins."""
    for position in range(at, min(at + 3, len(data))):
        if data[position] & 0xC0 != 0x80:
            return position
    return min(at + 3, len(data))


def _end(path: Path, size: int, last_start: int) -> int:
    """Where the last entry ends: before the brace that closes the file. Raises FileError without one."""
    with path.open("rb") as file:
        tail_at = max(last_start, size - 4096)
        file.seek(tail_at)
        tail = _TAIL.search(file.read())
    if not tail:
        raise FileError(size, f"the file is cut off here, in the entry that begins at byte {last_start + 5:,}")
    return tail_at + tail.start()


def _check_sizes(starts: array[int], end: int) -> None:
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        if following - start > MAX_ENTRY:
            raise FileError(start + 5, f"an entry of more than {MAX_ENTRY:,} bytes begins here")


def _order(ids: array[int]) -> list[int]:
    """The entries by app id, those without one first. Of duplicates only the last in the file."""
    unreadable = [entry for entry, app_id in enumerate(ids) if app_id == NO_ID]
    last = {app_id: entry for entry, app_id in enumerate(ids) if app_id != NO_ID}
    return unreadable + [last[app_id] for app_id in sorted(last)]
