"""A load, and the catalogue afterwards."""

import json
from collections import Counter
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Date, Numeric, create_engine, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from etl import runs, sample
from etl.catalogue import open_for_loading, open_for_reading, product_database
from etl.errors import CatalogueError, StrictError
from etl.load import dry_run, load
from etl.source import index
from etl.source.chunk import FIRST_PUBLISHED_ID
from etl.tables import GENRES, PARTS, PRODUCTS
from subgraphs.product import models
from tests.etl.files import catalogue, column, game, run, write


@pytest.fixture
def games(tmp_path: Path) -> Path:
    """300 games, in four chunks of `CHUNK` bytes."""
    file = tmp_path / "games.json"
    sample.write(file, 300, 7)
    return file


CHUNK = 600_000


def independent_count(path: Path) -> dict[str, int]:
    """The rows that a file should give, counted without the load's code."""
    counts = Counter[str]()
    for entry in json.loads(path.read_text("utf-8")).values():
        counts["products"] += 1
        counts["product_genres"] += len({"Free to Play" if g == "Free To Play" else g for g in entry["genres"]})
        counts["product_companies"] += max(1, len(set(entry["developers"]))) + len(set(entry["publishers"]))
        counts["product_tags"] += len(entry["tags"])
        counts["product_categories"] += len(entry["categories"])
        counts["product_languages"] += len(entry["supported_languages"])
        counts["product_media"] += len(entry["screenshots"]) + len(entry["movies"])
    return dict(counts)


def test_counts_are_those_of_the_file(games: Path, url: URL) -> None:
    summary = load(games, url, chunk_size=CHUNK, workers=2)
    expected = independent_count(games)
    assert {name: len(rows) for name, rows in catalogue(url).items() if name in expected} == expected
    words = {"product_words": len(run(url, "SELECT word FROM product_words"))}
    assert summary.result.tables == expected | words
    assert (summary.games, summary.result.added, len(summary.rejects)) == (300, 300, 0)


def test_a_missing_database_is_created_first(games: Path, base_url: str) -> None:
    url = product_database(base_url)
    load(games, url)
    assert len(column(url, "id")) == 300


def test_the_same_file_again_changes_nothing(games: Path, url: URL) -> None:
    load(games, url, chunk_size=CHUNK)
    before = catalogue(url)
    again = load(games, url, workers=1)
    assert (again.result.added, again.result.changed, again.result.unchanged, again.result.rows) == (
        0,
        0,
        300,
        0,
    )
    assert catalogue(url) == before


@pytest.mark.parametrize(("workers", "chunk_size"), [(1, 1), (1, 1 << 30), (2, CHUNK), (3, 100_000)])
def test_workers_and_chunks_make_no_difference(
    games: Path, url: URL, tmp_path: Path, workers: int, chunk_size: int, base_url: str
) -> None:
    load(games, url, workers=1, chunk_size=CHUNK)
    other = product_database(f"{base_url}_other")
    load(games, other, workers=workers, chunk_size=chunk_size)
    assert catalogue(other) == catalogue(url)


def test_lf_and_crlf_are_the_same_games(tmp_path: Path, games: Path, url: URL) -> None:
    load(games, url)
    crlf = tmp_path / "crlf.json"
    crlf.write_bytes(games.read_bytes().replace(b"\n", b"\r\n"))
    again = load(crlf, url)
    assert (again.result.unchanged, again.result.rows) == (300, 0)


def test_values_arrive_as_they_are(tmp_path: Path, url: URL) -> None:
    name = "🧟‍♀️ 便利 \\N \\ 'q' \"d\" `b` % %s ; -- "
    load(write(tmp_path / "f.json", (20200, game(name=name, header_image="", release_date=""))), url)
    [found] = run(
        url,
        "SELECT id, publisher_id, title, description, header_image, released_on, regular_points, points,"
        " discount_percent, platforms, positive_reviews, negative_reviews, reviews, review_score FROM products",
    )
    assert found == (
        20200, None, name.strip(), "A harbor made of brass.", None, None, 25987, 25987, 0, 5, 90, 10, 100, 825633,
    )  # fmt: skip
    assert column(url, "name", "product_companies") == ["Ada", "Grace"]
    assert column(url, "full_audio", "product_languages") == [0, 1]
    assert column(url, "votes", "product_tags") == [3, 12]


def test_a_newer_file_updates_what_changed(tmp_path: Path, url: URL) -> None:
    old = [(1, game()), (2, game(name="Two")), (3, game(name="Gone"))]
    load(write(tmp_path / "old.json", *old), url)
    before = catalogue(url)
    new = [(1, game()), (2, game(name="Zwei", genres=["RPG"], price=1.5, screenshots=[])), (4, game())]
    summary = load(write(tmp_path / "new.json", *new), url)
    result = summary.result
    assert (result.added, result.changed, result.unchanged) == (1, 1, 1)
    assert column(url, "title") == ["Brass Harbor", "Zwei", "Gone", "Brass Harbor"]
    assert column(url, "points") == [25987, 1950, 25987, 25987]
    assert run(url, "SELECT genre FROM product_genres WHERE product_id = 2") == [("RPG",)]
    assert run(url, "SELECT kind FROM product_media WHERE product_id = 2") == [("M",)]
    # A file that takes it all back leaves what the old one left.
    load(write(tmp_path / "back.json", *old, (4, game())), url)
    assert [row for row in catalogue(url)["products"] if row[0] < 4] == before["products"]
    assert [row for row in catalogue(url)["product_genres"] if row[0] < 4] == before["product_genres"]
    assert [row for row in catalogue(url)["product_words"] if row[0] < 4] == before["product_words"]


def test_the_stores_own_changes_are_kept(tmp_path: Path, url: URL) -> None:
    load(write(tmp_path / "old.json", (1, game()), (2, game()), (3, game())), url)
    run(url, "UPDATE products SET discount_percent = 33, points = 17411 WHERE id = 1")
    run(url, "UPDATE products SET publisher_id = 'ada', title = 'Hers' WHERE id = 2")
    run(url, "UPDATE products SET discount_percent = 50, points = 12994 WHERE id = 3")
    new = [(1, game(price=9.99)), (2, game(name="His")), (3, game())]
    summary = load(write(tmp_path / "new.json", *new), url)
    assert (summary.result.changed, summary.result.kept, summary.result.unchanged) == (1, 1, 1)
    # 9.99 * 1,300 = 12,987 points; less 33 % = 8,701.29
    assert column(url, "discount_percent") == [33, 0, 50]
    assert column(url, "regular_points") == [12987, 25987, 25987]
    assert column(url, "points") == [8701, 25987, 12994]
    assert column(url, "title") == ["Brass Harbor", "Hers", "Brass Harbor"]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_last_of_several_entries_wins(tmp_path: Path, url: URL, workers: int) -> None:
    """Wherever they are in the file."""
    entries = [(7, game(name=f"Version {i}", tags={f"T{i}": i})) for i in range(12)]
    others = [(100 + i, game()) for i in range(24)]
    file = write(tmp_path / "f.json", *[e for i in range(12) for e in (entries[i], *others[2 * i : 2 * i + 2])])
    summary = load(file, url, workers=workers, chunk_size=3000)
    assert run(url, "SELECT title FROM products WHERE id = 7") == [("Version 11",)]
    assert run(url, "SELECT tag, votes FROM product_tags WHERE product_id = 7") == [("T11", 11)]
    assert (summary.duplicates, summary.result.added) == (11, 25)


def test_a_duplicate_many_blocks_away_wins(
    tmp_path: Path, games: Path, url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "BLOCK", 100_000)
    first, *others = json.loads(games.read_text("utf-8")).items()
    file = write(tmp_path / "f.json", first, *others, (first[0], game(name="The last", tags={"Late": 1})))
    summary = load(file, url, workers=1, chunk_size=CHUNK)
    assert run(url, "SELECT title FROM products WHERE id = %s", first[0]) == [("The last",)]
    assert run(url, "SELECT tag, votes FROM product_tags WHERE product_id = %s", first[0]) == [("Late", 1)]
    assert (summary.duplicates, summary.result.added, len(summary.rejects)) == (1, 300, 0)


def bad_file(tmp_path: Path) -> Path:
    return write(
        tmp_path / "bad.json",
        (1, game()),
        (2, game(price=None)),
        ("x", game()),
        (4, game(name="🎮")),
        (5, "{]"),
    )


def test_rejects_go_to_a_file(tmp_path: Path, url: URL) -> None:
    file, rejects = bad_file(tmp_path), tmp_path / "rejects.jsonl"
    summary = load(file, url, rejects_file=rejects)
    assert column(url, "id") == [1, 4]
    lines = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert [line["appId"] for line in lines] == ["2", "x", "5"]
    content = file.read_bytes()
    assert all(content[line["byte"] :].startswith(f'"{line["appId"]}"'.encode()) for line in lines)
    assert "price" in lines[0]["reason"]
    assert (summary.result.rejects, len(summary.rejects), summary.rejects_file) == (3, 3, rejects)
    load(write(tmp_path / "good.json", (1, game())), url, rejects_file=rejects)
    assert not rejects.exists()


OLD_CHUNKS = """CREATE TABLE etl_chunks (
    run_id BIGINT NOT NULL, start_byte BIGINT NOT NULL, end_byte BIGINT NOT NULL, result TEXT NOT NULL,
    finished_at VARCHAR(100) NOT NULL, PRIMARY KEY (run_id, start_byte))"""


def test_a_load_that_older_code_left_unfinished_starts_again(tmp_path: Path, url: URL) -> None:
    """Its chunks were byte ranges."""
    file = bad_file(tmp_path)
    content = file.read_bytes()
    fingerprint = sha256(sha256(content).digest()).hexdigest()
    open_for_loading(url).close()
    run(url, OLD_CHUNKS)
    columns = "id, file, fingerprint, bytes, chunk_size, chunks, games, started_at"
    run(url, f"INSERT INTO etl_runs ({columns}) VALUES (1, 'f', %s, 9, 500, 5, 5, '2024')", fingerprint)
    run(url, "INSERT INTO etl_chunks VALUES (1, 1, 500, '{\"added\":1}', '2024')")
    run(url, "INSERT INTO etl_rejects VALUES (1, %s, '2', 'no price')", content.index(b'"2"'))
    summary = load(file, url)
    assert (summary.resumed_chunks, summary.result.added, len(summary.rejects)) == (0, 2, 3)
    assert column(url, "id") == [1, 4]
    connection = open_for_reading(url)
    assert [(r.id, len(r.done), bool(r.finished_at)) for r in runs.all_runs(connection)] == [
        (2, 1, True),
        (1, 0, False),
    ]
    connection.close()


def test_strict_loads_nothing_when_anything_is_bad(tmp_path: Path, url: URL) -> None:
    with pytest.raises(StrictError, match=r"3 bad entries, the first at byte .* \(app id 2\)"):
        load(bad_file(tmp_path), url, strict=True)
    assert column(url, "id") == []
    load(write(tmp_path / "good.json", (1, game())), url, strict=True)
    assert column(url, "id") == [1]


def test_a_dry_run_needs_no_database(tmp_path: Path) -> None:
    summary = dry_run(bad_file(tmp_path), rejects_file=tmp_path / "r.jsonl")
    assert (summary.games, summary.result.tables["products"], len(summary.rejects)) == (5, 2, 3)
    with pytest.raises(StrictError):
        dry_run(bad_file(tmp_path), strict=True)


def test_one_load_at_a_time(games: Path, url: URL) -> None:
    first = open_for_loading(url)
    with pytest.raises(CatalogueError, match="Another load"):
        load(games, url)
    first.close()
    load(games, url)
    assert len(column(url, "id")) == 300


def test_an_unexpected_row_is_an_error_and_nothing_is_lost(tmp_path: Path, url: URL) -> None:
    run(url, "INSERT INTO product_genres (product_id, genre) VALUES (2, 'RPG')")
    with pytest.raises(Exception, match=r"product_genres|RPG"):
        load(write(tmp_path / "f.json", (1, game()), (2, game())), url)
    assert column(url, "id") == []


def test_a_server_that_forbids_local_files(games: Path, url: URL, engine: str) -> None:
    if engine == "embedded":
        pytest.skip("MySQL only")
    notes: list[str] = []

    class Listener:
        def note(self, text: str) -> None:
            notes.append(text)

        def phase(self, name: str, total: int) -> None: ...

        def advance(self, done: int) -> None: ...

    run(url, "SET GLOBAL local_infile = 0")
    try:
        load(games, url, chunk_size=CHUNK, progress=Listener())
    finally:
        run(url, "SET GLOBAL local_infile = 1")
    assert notes == ["The server forbids LOAD DATA LOCAL: slower inserts are used."]
    by_inserts = catalogue(url)
    for table in (*PARTS, GENRES):
        run(url, f"DELETE FROM {table.name}")
    run(url, "DELETE FROM etl_games")
    load(games, url, chunk_size=CHUNK)
    assert catalogue(url) == by_inserts


def test_tables_are_those_of_the_subgraph() -> None:
    tables = models.Base.metadata.tables
    own = {"publisher_id"}
    for table in (*PARTS, GENRES):
        assert set(table.columns) == {c.name for c in tables[table.name].columns} - own, table.name
    nullable = {c.name for c in tables["products"].columns if c.nullable}
    assert PRODUCTS.nullable == nullable - own
    assert isinstance(tables["products"].c.usd.type, Numeric)
    assert isinstance(tables["products"].c.released_on.type, Date)
    assert FIRST_PUBLISHED_ID == models.FIRST_PUBLISHED_ID


def test_the_subgraph_reads_what_was_loaded(games: Path, url: URL) -> None:
    """With the right types: dates are dates, prices are decimals."""
    load(games, url)
    expected: dict[str, Any] = json.loads(games.read_text("utf-8"))
    plain = "sqlite" if url.get_backend_name() == "sqlite" else "mysql+pymysql"
    engine = create_engine(url.set(drivername=plain))
    with Session(engine) as session:
        for product in session.scalars(select(models.Product)):
            entry = expected[str(product.id)]
            assert product.usd == Decimal(str(entry["price"]))
            assert product.points == product.regular_points == int(product.usd * 1300)
            assert (product.released_on is None) == (entry["release_date"] == "")
    engine.dispose()


def test_the_words_of_a_game_are_indexed(tmp_path: Path, url: URL) -> None:
    load(write(tmp_path / "f.json", (1, game()), (2, game(name="Copper Meadow II"))), url)
    found = "SELECT product_id, in_title FROM product_words WHERE word = %s"
    assert run(url, found, "copper") == [(2, 1)]
    assert run(url, found, "2") == [(2, 1)]
    assert sorted(run(url, found, "harbor")) == [(1, 1), (2, 0)]
    load(write(tmp_path / "g.json", (1, game()), (2, game(name="Silver Meadow"))), url)
    assert run(url, found, "copper") == []
    assert run(url, found, "silver") == [(2, 1)]
