"""The command line, as a person uses it."""

import re
from pathlib import Path

import pytest

from etl.cli import main
from tests.etl.files import game, write


def etl(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    output, errors = capsys.readouterr()
    return code, output, errors


@pytest.fixture
def games(tmp_path: Path) -> Path:
    return write(tmp_path / "games.json", (1, game()), (2, game(price=None)), (3, game()), (3, game()))


def test_load_and_runs(capsys: pytest.CaptureFixture[str], games: Path, base_url: str) -> None:
    code, output, _ = etl(capsys, "load", games, "--database-url", base_url)
    assert code == 0
    assert "Loading (0.0 MB)" in output
    assert "games added" in output
    assert f"1 bad entries were left out: {games}.rejects.jsonl" in output
    etl(capsys, "load", games, "--database-url", base_url)
    code, output, _ = etl(capsys, "runs", "--database-url", base_url)
    assert code == 0
    newest, oldest = [line.split("│") for line in output.splitlines() if "games.json" in line]
    assert [cell.strip() for cell in newest[3:5]] == ["4", "2 unchanged, 1 rejected"]
    assert [cell.strip() for cell in oldest[3:5]] == ["4", "2 added, 1 rejected"]
    assert all(len(line) <= 100 for line in output.splitlines())


def test_strict(capsys: pytest.CaptureFixture[str], games: Path, base_url: str) -> None:
    code, _, errors = etl(capsys, "load", games, "--strict", "--database-url", base_url)
    assert code == 1
    assert "1 bad entries" in errors


def test_dry_run(capsys: pytest.CaptureFixture[str], games: Path, tmp_path: Path) -> None:
    code, output, _ = etl(capsys, "load", games, "--dry-run", "--database-url", "sqlite:////nowhere/x")
    assert code == 0
    assert "nothing was written" in output


def test_inspect(capsys: pytest.CaptureFixture[str], games: Path) -> None:
    code, output, _ = etl(capsys, "inspect", games)
    assert code == 0
    for text in ("lines end with LF", "short_description", "entries that a load would reject"):
        assert text in output
    assert re.search(r"Release years\s+2008 +2 +█+", output)
    assert re.search(r"Prices in US dollars\s+from 15 +2 +█+", output)
    assert re.search(r"Genres\s+Indie +2 +█+", output)


def test_inspect_draws_the_charts(capsys: pytest.CaptureFixture[str], games: Path, tmp_path: Path) -> None:
    plot = tmp_path / "charts.png"
    code, output, _ = etl(capsys, "inspect", games, "--png", plot)
    assert code == 0
    assert f"Plot: {plot}" in output
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_sample(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, output, _ = etl(capsys, "sample", tmp_path / "s.json", "--games", 10, "--seed", 4)
    assert code == 0
    assert "10 games" in output
    assert (tmp_path / "s.json").read_bytes().startswith(b'{\n    "')


def test_a_broken_file(capsys: pytest.CaptureFixture[str], tmp_path: Path, base_url: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(b"[]")
    code, _, errors = etl(capsys, "load", file, "--database-url", base_url)
    assert code == 1
    assert errors == "etl: byte 0: a games file begins with '{'; this one does not\n"


def test_a_missing_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, errors = etl(capsys, "inspect", tmp_path / "none.json")
    assert code == 1
    assert "No such file" in errors


def test_runs_without_a_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, errors = etl(capsys, "runs", "--database-url", f"sqlite+aiosqlite:///{tmp_path}/none")
    assert code == 1
    assert "nothing has been loaded" in errors


def test_a_database_that_does_not_answer(capsys: pytest.CaptureFixture[str], games: Path) -> None:
    code, _, errors = etl(capsys, "load", games, "--database-url", "mysql+aiomysql://root@127.0.0.1:1/x")
    assert code == 1
    assert errors.startswith("etl: The database at mysql+aiomysql://root@127.0.0.1:1/x does not answer: ")


@pytest.mark.parametrize("arguments", [[], ["load"], ["load", "f", "--workers", "0"], ["sample", "f", "--seed", "x"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m etl" in capsys.readouterr().err
