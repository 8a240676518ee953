"""Synthetic files have the format, the distributions and the oddities of the real one."""

import json
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from etl import sample
from etl.source.index import index_file

pytestmark = pytest.mark.engineless
GAMES = 4000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "games.json"
    sample.write(path, GAMES, 3)
    return path


@pytest.fixture(scope="module")
def games(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text("utf-8")).values())


def share(games: list[dict[str, Any]], of: Any) -> float:
    return mean(bool(of(game)) for game in games)


def test_it_is_written_as_the_real_one_is(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=4, ensure_ascii=False)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        sample.write(tmp_path / name, 50, seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_crlf(tmp_path: Path) -> None:
    sample.write(tmp_path / "lf", 20, 1)
    sample.write(tmp_path / "crlf", 20, 1, crlf=True)
    assert (tmp_path / "crlf").read_bytes() == (tmp_path / "lf").read_bytes().replace(b"\n", b"\r\n")


def test_every_game_has_an_id_of_its_own(file: Path) -> None:
    index = index_file(file, map)
    assert (len(index.starts), index.duplicates) == (GAMES, 0)


def test_distributions(games: list[dict[str, Any]], file: Path) -> None:
    """Compared with the real data set; the tolerances are some standard errors."""
    assert mean(len(game["genres"]) for game in games) == pytest.approx(2.66, abs=0.12)
    assert share(games, lambda g: g["price"] == 0) == pytest.approx(0.2, abs=0.04)
    assert share(games, lambda g: not g["developers"]) == pytest.approx(0.0393, abs=0.015)
    assert share(games, lambda g: "Indie" in g["genres"]) == pytest.approx(0.65, abs=0.08)
    assert share(games, lambda g: g["name"].endswith(" Playtest")) == pytest.approx(0.0371, abs=0.015)
    assert mean(len(game["about_the_game"]) for game in games) == pytest.approx(1304, rel=0.2)
    assert mean(len(game["screenshots"]) for game in games) == pytest.approx(9.2, rel=0.25)
    assert mean(len(game["supported_languages"]) for game in games) == pytest.approx(4.2, rel=0.3)
    assert file.stat().st_size / len(games) == pytest.approx(6789, rel=0.15)


def test_oddities(games: list[dict[str, Any]]) -> None:
    names = [game["name"] for game in games]
    assert share(games, lambda g: not g["name"].isascii()) == pytest.approx(0.0613, abs=0.02)
    assert share(games, lambda g: not g["about_the_game"].isascii()) == pytest.approx(0.4, abs=0.06)
    assert share(games, lambda g: "&" in g["about_the_game"]) == pytest.approx(0.09, abs=0.04)
    assert any(max(map(ord, name), default=0) > 0xFFFF for name in names)
    assert len(set(names)) < len(names)
    genres = {genre for game in games for genre in game["genres"]}
    assert {"Free To Play", "Free to Play"} <= genres
    assert any(isinstance(game["tags"], list) for game in games)
    assert any(game["release_date"] == "" for game in games)
    assert any(game["release_date"] and "," not in game["release_date"] for game in games)
