"""Games files in gzip and zip archives."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from etl import sample
from etl.catalogue import product_database
from etl.errors import EtlError, FileError
from etl.load import load
from etl.profiling import profile_file
from tests.etl.files import catalogue, game, run, text_of, write
from tests.etl.test_resume import chunks_done, prepare, start, wait_for_chunks

CSV = b"AppID,Name,Release date\n20200,Galactic Bowling"


def gzipped(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def zipped(path: Path, content: bytes, *others: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("games.csv", CSV)
        archive.writestr("games.json", content)
        for name in others:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(("pack", "name"), [(gzipped, "games.json.gz"), (zipped, "archive.zip")])
def test_an_archive_is_loaded_as_the_file_in_it(
    pack: Callable[[Path, bytes], Path], name: str, tmp_path: Path, base_url: str, url: URL
) -> None:
    file = write(tmp_path / "games.json", (1, game(name="Größe")), (2, game(price=None)))
    archive = pack(tmp_path / name, file.read_bytes())

    summary = load(archive, url)

    assert (summary.games, len(summary.rejects)) == (2, 1)
    assert run(url, "SELECT file FROM etl_runs") == [(str(archive),)]
    loaded = catalogue(url)
    load(file, product_database(base_url))
    assert catalogue(url) == loaded
    assert run(url, "SELECT COUNT(DISTINCT fingerprint) FROM etl_runs") == [(1,)]


def test_a_killed_load_of_an_archive_is_resumed(tmp_path: Path, base_url: str, url: URL) -> None:
    file = tmp_path / "games.json"
    sample.write(file, 1500, 11)
    archive = gzipped(tmp_path / "games.json.gz", file.read_bytes())
    prepare(url)
    process = start(archive, base_url)
    wait_for_chunks(url, 3, process)
    process.kill()
    process.communicate()
    done = chunks_done(url)

    output, errors = start(archive, base_url).communicate()

    assert "Resuming run 1" in output, errors
    assert 3 <= done < chunks_done(url)
    assert run(url, "SELECT COUNT(*) FROM etl_runs") == [(1,)]
    assert run(url, "SELECT COUNT(*) FROM products") == [(1500,)]


def test_inspect_reads_an_archive(tmp_path: Path) -> None:
    content = text_of((1, game())).encode()
    profile = profile_file(gzipped(tmp_path / "games.json.gz", content))
    assert profile.index.size == len(content)
    assert profile.line_ends == "LF"


GOOD = text_of((1, game())).encode()
BROKEN: dict[str, tuple[Callable[[Path], object], type[EtlError], str]] = {
    "cut off": (lambda file: file.write_bytes(gzip.compress(GOOD)[:-20]), EtlError, "archive that cannot be read"),
    "damaged": (lambda file: file.write_bytes(b"\x1f\x8b" + GOOD), EtlError, "archive that cannot be read"),
    "not whole": (lambda file: file.write_bytes(b"PK\x03\x04" + GOOD), EtlError, "archive that cannot be read"),
    "with two games files": (lambda file: zipped(file, GOOD, "more.json"), EtlError, "holds 2 JSON files, not one"),
    "of a CSV": (lambda file: gzipped(file, CSV), FileError, "this is a CSV file. Load the games.json"),
    "of an archive": (lambda file: gzipped(file, gzip.compress(GOOD)), FileError, "begins with '{'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_archive_without_games_changes_nothing(name: str, tmp_path: Path, url: URL) -> None:
    make, error, message = BROKEN[name]
    archive = tmp_path / "archive"
    make(archive)
    with pytest.raises(error, match=message):
        load(archive, url)
    assert run(url, "SELECT COUNT(*) FROM products") == [(0,)]
