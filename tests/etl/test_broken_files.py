"""Files that are not games files: the error names the byte, and nothing is written."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from etl.catalogue import product_database
from etl.errors import FileError
from etl.load import load
from subgraphs.kit.database.migrations.runner import migrate
from tests.etl.files import game, run, text_of

GOOD = text_of((1, game(name="Größe")), (2, game()))
BYTES = GOOD.encode()
AT = BYTES.index("ö".encode())


CORPUS = {
    "empty": (b"", 0, "begins with '{'"),
    "an array": (b"[\n" + BYTES[2:-1] + b"]", 0, "begins with '{'"),
    "csv": (
        b"AppID,Name,Release date,Estimated owners\n20200,Galactic Bowling",
        0,
        "this is a CSV file. Load the games",
    ),
    "csv, quoted": (b'"AppID","Name"\n20200,Galactic Bowling', 0, "this is a CSV file"),
    "utf-16": (GOOD.encode("utf-16"), 0, "begins with '{'"),
    "with a byte order mark": (b"\xef\xbb\xbf" + BYTES, 0, "begins with '{'"),
    "on one line": (BYTES.replace(b"\n", b""), 1, "on a line of its own"),
    "indented by two": (BYTES.replace(b"    ", b"  "), 1, "on a line of its own"),
    "an empty object": (b"{}", 1, "on a line of its own"),
    "html": (b"<html></html>", 0, "begins with '{'"),
    "latin-1": (GOOD.encode("latin-1"), AT, "not UTF-8: invalid"),
    "half a character": (BYTES[: AT + 1] + BYTES[AT + 2 :], AT, "not UTF-8: invalid continuation"),
    "an encoded surrogate": (BYTES[:AT] + b"\xed\xa0\x80" + BYTES[AT:], AT, "not UTF-8"),
    "an overlong zero": (BYTES[:AT] + b"\xc0\x80" + BYTES[AT:], AT, "not UTF-8: invalid start"),
    "cut off in an entry": (BYTES[:-40], len(BYTES) - 40, "cut off here, in the entry"),
    "cut off in a character": (BYTES[: AT + 1], AT, "not UTF-8: unexpected end"),
    "cut off between entries": (BYTES[: BYTES.index(b'\n    "2"')], None, "cut off here"),
    "without the last brace": (BYTES[:-2], len(BYTES) - 2, "cut off here"),
}


@pytest.fixture(scope="module")
def url(mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> URL:
    """One database for all of these files. Every load fails, so it stays empty."""
    embedded = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('broken')}/steampunk"
    product = product_database(f"{mariadb_url}_broken" if mariadb_url else embedded)
    asyncio.run(migrate("product", product))
    return product


@pytest.mark.parametrize("name", CORPUS)
def test_broken_file(name: str, tmp_path: Path, url: URL) -> None:
    content, byte, message = CORPUS[name]
    file = tmp_path / "games.json"
    file.write_bytes(content)
    with pytest.raises(FileError, match=message) as caught:
        load(file, url)
    assert caught.value.byte == (len(content) if byte is None else byte)
    assert run(url, "SELECT COUNT(*) FROM products") == [(0,)]


def test_an_entry_that_is_too_large(tmp_path: Path, url: URL) -> None:
    file = tmp_path / "games.json"
    file.write_text(text_of((1, game()), (2, game(name="x" * (17 << 20)))))
    with pytest.raises(FileError, match="more than 16,777,216 bytes") as caught:
        load(file, url)
    assert caught.value.byte == file.read_bytes().index(b'"2": {')


def test_a_missing_file_is_an_os_error(tmp_path: Path, url: URL) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.json", url)
