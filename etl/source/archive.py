"""A games file in a gzip or zip archive, as data sets are downloaded.

It is unpacked into a temporary file, because workers read entries from all over it. A load is identified by its
unpacked content, so an interrupted one is resumed from the archive, from another one, or from the file itself.
"""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from etl.errors import EtlError
from etl.progress import Progress

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
PIECE = 1 << 20
BROKEN = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What the libraries raise on a damaged, encrypted or unknown archive."""


@contextmanager
def unpacked(path: Path, progress: Progress) -> Iterator[Path]:
    """The games file: `path` itself or, while the block lasts, what this archive holds.

    Raises OSError, and EtlError if the archive cannot be read or its content has no room.
    """
    with path.open("rb") as file:
        head = file.read(len(ZIP))
    if not head.startswith((GZIP, ZIP)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="etl-") as folder:
        target = Path(folder, path.name)
        try:
            _unpack(path, head, target, progress)
        except BROKEN as error:
            raise EtlError(f"{path.name} is an archive that cannot be read: {error}") from error
        yield target


def _unpack(path: Path, head: bytes, target: Path, progress: Progress) -> None:
    progress.phase("Unpacking", path.stat().st_size)
    with path.open("rb") as archive, target.open("wb") as file:
        if head.startswith(GZIP):
            with gzip.open(archive) as content:
                _copy(content, file, archive, progress)
        else:
            with zipfile.ZipFile(archive) as members, members.open(_games_in(members, path)) as content:
                _copy(content, file, archive, progress)


def _copy(content: gzip.GzipFile | IO[bytes], file: IO[bytes], archive: BinaryIO, progress: Progress) -> None:
    read = 0
    while piece := content.read(PIECE):
        _write(file, piece)
        progress.advance(archive.tell() - read)
        read = archive.tell()


def _write(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as error:
        raise EtlError(
            f"The archive cannot be unpacked into {tempfile.gettempdir()}: {error.strerror}. "
            "Name a folder with more room in TMPDIR, or unpack it yourself."
        ) from error


def _games_in(members: zipfile.ZipFile, path: Path) -> str:
    """The only JSON file of a zip archive. Raises EtlError."""
    names = [name for name in members.namelist() if name.endswith(".json")]
    if len(names) != 1:
        raise EtlError(f"{path.name} holds {len(names)} JSON files, not one: unpack it, and load the games file.")
    return names[0]
