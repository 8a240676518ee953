"""Where the entries of a games file begin, found without parsing it, and the chunks they are loaded in.

The layout: one JSON object, indented by four spaces, keyed by app id. Every entry's key stands on a line of
its own behind exactly four spaces, so an entry begins at `BOUNDARY`. Nothing inside an entry looks so: its
keys and values are indented by eight spaces or more, and a text cannot hold a boundary, because a JSON string
holds no raw line break (RFC 8259, section 7: it is written `\\n`). What breaks this rule is no valid entry,
and is rejected when it is parsed.

The entries stand in no order, and the catalogue's rows in the order of their app ids. So the entries of a chunk
are neighbours by app id, wherever they stand: a database then fills its pages one after the other, where chunks
of the file's order would each touch all of them.
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
"""Bytes; the largest known entry has 46,118. More is another layout, or would fill the memory."""
NO_ID = 0
"""For an entry whose key is no app id. It is rejected when it is parsed."""
CHUNKS = b"in the order of the app ids"
"""Part of each fingerprint: a load that was begun with other chunks does not go on with these."""

_KEY = re.compile(rb'\n    "([1-9][0-9]{0,17})":')
_KEY_LENGTH = 32
_HEAD = re.compile(rb"\{\r?(?=" + BOUNDARY + rb")")
_TAIL = re.compile(rb"\r?\n\}\s*\Z")
_PIECE = 4096


class Block(NamedTuple):
    """What a stretch of the file holds: the entries that begin in it, and its hash."""

    size: int
    starts: array[int]
    ids: array[int]
    sha256: bytes


class Chunk(NamedTuple):
    """Entries that are neighbours by app id: where in the file each begins and ends, the lowest id first."""

    number: int
    """From 0; the same content and size give the same chunks."""
    starts: array[int]
    ends: array[int]
    file_end: int
    """Where the file's last entry ends."""

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(self.ends) - sum(self.starts)


class Layout(NamedTuple):
    """A file's entries. `end` is where the last one ends; another content has another `fingerprint`."""

    path: Path
    size: int
    end: int
    fingerprint: str
    starts: array[int]
    order: list[int]
    """Which of the entries are to be loaded, by app id: all but those with a later duplicate."""

    @property
    def duplicates(self) -> int:
        return len(self.starts) - len(self.order)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The entries by app id, in chunks of at least `size` bytes; only the last one may have less."""
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


def read_layout(path: Path, map_blocks: Callable[..., Iterable[Block]]) -> Layout:
    """Finds the entries; `map_blocks` is `map`, or a process pool's, which scans blocks side by side.

    Raises FileError where the file is not of this layout, is cut off, or is not UTF-8, and OSError.
    """
    size = path.stat().st_size
    _check_head(path)
    offsets = range(0, size, BLOCK)
    starts, ids, content = array("Q"), array("Q"), hashlib.sha256(CHUNKS)
    for block in map_blocks(scan_block, [path] * len(offsets), offsets):
        starts += block.starts
        ids += block.ids
        content.update(block.sha256)
    end = _end(path, size, starts[-1])
    _check_sizes(starts, end)
    return Layout(path, size, end, content.hexdigest(), starts, _order(ids))


def scan_block(path: Path, offset: int) -> Block:
    """Finds the entries that begin in the block at `offset`. Raises FileError for what is not UTF-8."""
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
        raise FileError(0, "a games file begins with '{'; this one does not")
    if not _HEAD.match(head):
        raise FileError(1, "the first app id is expected here, on a line of its own behind four spaces")


def _check_utf8(data: bytes, length: int, offset: int) -> None:
    """Raises FileError where a character that begins in the first `length` bytes is not UTF-8.

    Most pieces are plain ASCII, which is seen ten times as fast as text is decoded.
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
    """The first position from `at` on, at most three further, that continues no character."""
    for position in range(at, min(at + 3, len(data))):
        if data[position] & 0xC0 != 0x80:
            return position
    return min(at + 3, len(data))


def _end(path: Path, size: int, last_start: int) -> int:
    """Where the last entry ends: before the brace that closes the file."""
    with path.open("rb") as file:
        tail_at = max(last_start, size - 4096)
        file.seek(tail_at)
        tail = _TAIL.search(file.read())
    if not tail:
        raise FileError(size, f"the file is cut off here, within the entry that begins at byte {last_start + 5:,}")
    return tail_at + tail.start()


def _check_sizes(starts: array[int], end: int) -> None:
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        if following - start > MAX_ENTRY:
            raise FileError(start + 5, f"an entry of more than {MAX_ENTRY:,} bytes begins here")


def _order(ids: array[int]) -> list[int]:
    """The entries by app id, those without one first. Of duplicates only the last one in the file."""
    unreadable = [entry for entry, app_id in enumerate(ids) if app_id == NO_ID]
    last = {app_id: entry for entry, app_id in enumerate(ids) if app_id != NO_ID}
    return unreadable + [last[app_id] for app_id in sorted(last)]
