"""The index finds every entry, whatever its texts hold, and wherever a block ends."""

import itertools
import pickle
import random
from pathlib import Path

import pytest

from etl.source import index
from etl.source.chunk import parse
from etl.source.index import index_file
from tests.etl.files import game, text_of, write

pytestmark = pytest.mark.engineless
# As much like the beginning of an entry as a JSON string can be.
LOOKALIKE = '\n    "999": {\n        "name": "not a game"\n    },\n}'


def test_text_that_looks_like_a_boundary_is_text(tmp_path: Path) -> None:
    names = [LOOKALIKE, '{"5": {', '"', "\\", '\\"', "}\n}", '\u2028    "7": {']
    file = write(tmp_path / "f.json", *[(i, game(name=name)) for i, name in enumerate(names, 1)])
    found = index_file(file, map)
    [chunk] = found.chunks(1 << 20)
    parsed = parse(file, chunk)
    assert len(found.starts) == len(names)
    assert [g.id for g in parsed.games] == list(range(1, len(names) + 1))
    assert parsed.rejects == []


def test_a_raw_line_break_in_a_string_smuggles_no_game_in(tmp_path: Path) -> None:
    """It is not JSON: both pieces are rejected."""
    broken = '{"price": 1, "name": "x\n    "666": {"name": "smuggled", "price": 0}'
    file = tmp_path / "f.json"
    file.write_text(text_of((1, game())).replace("Brass Harbor", broken.partition("x")[2]))
    [chunk] = index_file(file, map).chunks(1 << 20)
    parsed = parse(file, chunk)
    assert parsed.games == []
    assert [r.app_id for r in parsed.rejects] == ["1", "666"]


@pytest.mark.parametrize("block", [7, 16, 31, 64, 100, 1000])
def test_blocks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    entries = [(10 * i, game(name="名前 🎮 é" * i, price=i)) for i in range(1, 12)]
    file = write(tmp_path / "f.json", *entries)
    whole = index_file(file, map)
    monkeypatch.setattr(index, "BLOCK", block)
    found = index_file(file, map)
    assert found.starts == whole.starts
    assert found.end == whole.end


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("final", ["", "\n", "\r\n\r\n", " \n"])
def test_line_ends(tmp_path: Path, line_end: str, final: str) -> None:
    file = tmp_path / "f.json"
    text = text_of((1, game()), (2, game(name="Second"))).replace("\n", line_end) + final
    file.write_bytes(text.encode())
    [chunk] = index_file(file, map).chunks(1 << 20)
    parsed = parse(file, chunk)
    assert [(g.id, g.parts[0][0][1]) for g in parsed.games] == [(1, "Brass Harbor"), (2, "Second")]
    assert parsed.rejects == []


@pytest.mark.parametrize("size", [1, 700, 1500, 4000, 1 << 20])
def test_chunks_cover_each_entry_once(tmp_path: Path, size: int) -> None:
    """In the numeric order of the app ids, whatever the order in the file."""
    ids = random.Random(size).sample([*range(1, 14), 9_999_999_999], 14)
    file = write(tmp_path / "f.json", *[(i, game(name=f"Game {i}")) for i in ids])
    found = index_file(file, map)
    chunks = list(found.chunks(size))
    ranges = sorted(entry for chunk in chunks for entry in zip(chunk.starts, chunk.ends, strict=True))
    assert (ranges[0][0], ranges[-1][1]) == (1, found.end)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(ranges))
    parsed = [parse(file, chunk) for chunk in chunks]
    assert [(g.id, g.parts[0][0][1]) for p in parsed for g in p.games] == [(i, f"Game {i}") for i in sorted(ids)]
    assert not any(p.rejects for p in parsed)
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.size >= size for chunk in chunks[:-1])
    assert list(index_file(file, map).chunks(size)) == chunks == pickle.loads(pickle.dumps(chunks))


def test_entries_without_an_app_id_come_first(tmp_path: Path) -> None:
    file = write(tmp_path / "f.json", (2, game()), ("y", game()), (1, game()), ("x", game()), ("y", game()))
    first, *others = [parse(file, chunk) for chunk in index_file(file, map).chunks(2500)]
    assert [r.app_id for r in first.rejects] == ["y", "x", "y"]
    assert [g.id for parsed in (first, *others) for g in parsed.games] == [1, 2]


def test_duplicates_have_the_same_number(tmp_path: Path) -> None:
    file = write(tmp_path / "f.json", (7, game(name="a")), (8, game()), (7, game(name="b")), (7, game(name="c")))
    file.write_bytes(file.read_bytes().replace(b'"7": ', b'"7":', 1))  # also a valid key
    found = index_file(file, map)
    [chunk] = found.chunks(1 << 20)
    assert list(chunk.starts) == [found.starts[3], found.starts[1]]
    assert found.duplicates == 2


def test_the_fingerprint_identifies_the_content(tmp_path: Path) -> None:
    one = index_file(write(tmp_path / "a.json", (1, game())), map)
    same = index_file(write(tmp_path / "b.json", (1, game())), map)
    other = index_file(write(tmp_path / "a.json", (1, game(name="Brass Habror"))), map)
    assert one.fingerprint == same.fingerprint != other.fingerprint
