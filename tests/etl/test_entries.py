"""How an entry's values become rows."""

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.source.chunk import parse
from etl.source.cleaning import beginning, clean, languages, release_date
from etl.source.entry import decode
from etl.source.game import game_of, review_score
from etl.source.index import index_file
from etl.tables import PARTS, PRODUCTS, Row
from tests.etl.files import game, write

pytestmark = pytest.mark.engineless


def rows(table: str, **fields: Any) -> list[Row]:
    """The rows of an entry for one table, without the product's id."""
    parts = game_of(1, decode(json.dumps(game(**fields))), Counter()).parts
    return [row[1:] for row in dict(zip([t.name for t in PARTS], parts, strict=True))[table]]


def product(**fields: Any) -> dict[str, Any]:
    [row] = rows("products", **fields)
    return dict(zip(PRODUCTS.columns[1:], row, strict=False))


def oddities(**fields: Any) -> Counter[str]:
    counted = Counter[str]()
    game_of(1, decode(json.dumps(game(**fields))), counted)
    return counted


@pytest.mark.parametrize(
    ("price", "usd", "points"),
    [
        ("19.99", "19.99", 25987),
        ("0.0", "0.00", 0),
        ("-0", "0.00", 0),
        ("0.99", "0.99", 1287),
        ("4.35", "4.35", 5655),  # 4.35 * 1300 in floating point is 5654.999...
        ("1.005", "1.01", 1313),  # to cents first, half up: in floating point it is below the half
        ("19.990000000000002", "19.99", 25987),
        ("999.98", "999.98", 1299974),
        ("1000000", "1000000.00", 1300000000),
    ],
)
def test_prices_are_exact(price: str, usd: str, points: int) -> None:
    entry = decode(json.dumps(game()).replace("19.99", price))
    [row] = game_of(1, entry, Counter()).parts[0]
    assert row[PRODUCTS.columns.index("usd")] == usd
    assert row[PRODUCTS.columns.index("regular_points")] == points == int(Decimal(usd) * 1300)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Oct 21, 2008", "2008-10-21"),
        ("Feb 29, 2024", "2024-02-29"),
        ("Oct 2008", "2008-10-01"),
        ("Jan 1, 1997", "1997-01-01"),
        ("", None),
        (" ", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert release_date(text) == date


@pytest.mark.parametrize("text", ["Feb 30, 2008", "Coming soon", "2008", "Okt 21, 2008", "21 Oct, 2008"])
def test_unreadable_dates_are_left_open_and_counted(text: str) -> None:
    assert product(release_date=text)["released_on"] is None
    assert oddities(release_date=text) == {"release date not understood: left open": 1}


def test_entities_are_decoded_once() -> None:
    cleaned = product(name="Tom &amp; Ada&#39;s &quot;Quest&quot;", short_description="1 &amp;lt; 2&hellip;")
    assert cleaned["title"] == 'Tom & Ada\'s "Quest"'
    assert cleaned["description"] == "1 &lt; 2…"


@pytest.mark.parametrize("text", ["便利商店", "🧟‍♀️🔞 𝕾𝖙𝖊𝖆𝖒", "أسطورة", "ตำนาน", "ぼくのなつやすみ", "Ünïcödé ™"])
def test_every_script_stays_as_it_is(text: str) -> None:
    assert product(name=text, short_description=text)["title"] == text


def test_control_characters_become_spaces() -> None:
    assert clean(" a\x00\x1f\x1e\tb\r\n\n c\x7f ") == "a b c"


@given(st.text())
def test_clean_text_contains_no_separator_of_fields(text: str) -> None:
    cleaned = clean(text)
    assert not set(cleaned) & set(map(chr, range(32)))
    assert cleaned == clean(cleaned) == cleaned.strip(" ")
    assert [c for c in cleaned if c > " "] == [c for c in text if c > " " and not "\x7f" <= c <= "\x9f"]


def test_both_spellings_are_one_genre() -> None:
    assert rows("product_genres", genres=["Free To Play", "Free to Play", "RPG"]) == [
        ("Free to Play",),
        ("RPG",),
    ]


def test_a_missing_developer_is_anonymous() -> None:
    assert rows("product_companies", developers=[], publishers=[]) == [("D", 0, "Anonymous")]
    assert rows("product_companies", developers=[" "], publishers=[""]) == [("D", 0, "Anonymous")]
    assert oddities(developers=[]) == {"no developer: Anonymous": 1}


def test_companies_keep_their_order_and_occur_once() -> None:
    found = rows("product_companies", developers=["B", "A", "B"], publishers=["A"])
    assert found == [("D", 0, "B"), ("D", 1, "A"), ("P", 0, "A")]


def test_the_description_falls_back_to_the_beginning_of_the_long_text() -> None:
    cleaned = product(short_description="", about_the_game="word " * 200)["description"]
    assert cleaned == "word " * 58 + "word…"
    assert len(beginning("x" * 400, 300)) <= 300
    assert product(short_description="", about_the_game="Brief.")["description"] == "Brief."


def test_a_missing_title_is_made_up() -> None:
    assert product(name="  ")["title"] == "App 1"
    assert oddities(name="") == {"no title: made up from the app id": 1}


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("English", ("English",)),
        ("English<strong>*</strong>", ("English",)),
        ("German[b][/b]", ("German",)),
        ("Korean&amp;lt;strong&amp;gt;&amp;lt;/strong&amp;gt;", ("Korean",)),
        ("Japanese &amp;lt;br /&amp;gt;&amp;lt;br /&amp;gt;", ("Japanese",)),
        ("Russian\r\nEnglish\r\nCzech", ("Russian", "English", "Czech")),
        ("German;", ("German",)),
        ("Japanese (all with full audio support)", ("Japanese",)),
        ("Traditional Chinese (text only)", ("Traditional Chinese",)),
        ("Punjabi (Gurmukhi)", ("Punjabi (Gurmukhi)",)),
        ("#lang_français", ("French",)),
        ("K'iche'", ("K'iche'",)),
        (" ", ()),
    ],
)
def test_languages(item: str, names: tuple[str, ...]) -> None:
    assert languages(item) == names


def test_spoken_languages() -> None:
    found = rows(
        "product_languages",
        supported_languages=["English", "German"],
        full_audio_languages=["German", "Thai"],
    )
    assert found == [("English", 0), ("German", 1), ("Thai", 1)]


def test_tags_as_a_list() -> None:
    assert rows("product_tags", tags=[]) == []
    assert rows("product_tags", tags=["Cute"]) == [("Cute", 0)]


def test_values_that_are_too_long() -> None:
    long = "x" * 600
    assert product(name=long)["title"] == "x" * 500
    assert len(product(short_description="y" * 20_000)["description"]) == 5000
    assert rows("product_companies", developers=[long], publishers=[])[0][2] == "x" * 255
    assert rows("product_genres", genres=[long]) == [("x" * 60,)]
    assert product(header_image=long)["header_image"] is None
    assert rows("product_media", screenshots=[long, "a"], movies=[]) == [("S", 0, "a")]
    assert oddities(name=long, screenshots=[long]) == {
        "too long: shortened": 1,
        "address too long: left out": 1,
    }


def test_names_that_are_cut_to_the_same_name_are_one() -> None:
    assert rows("product_genres", genres=["x" * 60 + "a", "x" * 60 + "b"]) == [("x" * 60,)]
    assert rows("product_tags", tags={"x" * 60 + "a": 1, "x" * 60 + "b": 2}) == [("x" * 60, 2)]


def test_review_score() -> None:
    assert review_score(0, 0) == 0
    assert review_score(1, 0) == 206543  # 1 / (1 + 1.96²)
    assert review_score(0, 5) == 0
    assert review_score(900, 100) > review_score(9, 1)


REJECTS: dict[str, tuple[object, dict[str, Any] | str, str]] = {
    "no name": (1, {"price": 1}, "missing required field `name`"),
    "no price": (1, {"name": "a"}, "missing required field `price`"),
    "a price of null": (1, game(price=None), r"\$.price"),
    "a negative price": (1, game(price=-1), "price -1 is not between"),
    "a price beyond all": (1, '{"name": "a", "price": 1e400}', "not between"),
    "a price that is no number": (1, game(price="NaN"), "not between|price"),
    "a name that is a number": (1, game(name=5), r"Expected `str`, got `int` - at `\$.name`"),
    "negative reviews": (1, game(positive=-1), r">= 0 - at `\$.positive`"),
    "too many reviews": (1, game(negative=10**10), r"at `\$.negative`"),
    "genres that are no list": (1, game(genres="Indie"), r"at `\$.genres`"),
    "tags without numbers": (1, game(tags={"a": "b"}), r"at `\$.tags"),
    "null": (1, "null", "Expected `object`, got `null`"),
    "a list": (1, "[]", "Expected `object`, got `array`"),
    "broken JSON": (1, '{"name": "a" "price": 1}', "JSON is malformed"),
    "half a surrogate pair": (1, '{"name": "\\ud800", "price": 1}', "JSON is malformed"),
    "a brace too many": (1, '{"name": "a", "price": 1}}', "trailing characters"),
    "nested without end": (1, '{"name": ' + "[" * 50_000 + "]" * 50_000 + "}", "recursion|Expected"),
    "skipped, nested without end": (1, '{"x": ' + "[" * 50_000 + "]" * 50_000 + "}", "recursion"),
    "a key that is no number": ("abc", game(), "the key is not an app id"),
    "app id 0": (0, game(), "the key is not an app id"),
    "a padded app id": ("007", game(), "the key is not an app id"),
    "an app id of the store's own": (10_000_000_001, game(), "the key is not an app id"),
}


@pytest.mark.parametrize("name", REJECTS)
def test_a_bad_entry_is_rejected_with_its_place_and_reason(name: str, tmp_path: Path) -> None:
    key, entry, reason = REJECTS[name]
    file = write(tmp_path / "f.json", (5, game()), (key, entry), (6, game()))
    text = file.read_bytes()
    [chunk] = index_file(file, map).chunks(1 << 20)
    parsed = parse(file, chunk)
    assert [g.id for g in parsed.games] == [5, 6]
    [reject] = parsed.rejects
    assert reject.app_id == str(key)
    assert text[reject.byte :].startswith(f'"{key}": '.encode())
    assert re.search(reason, reject.reason), reject.reason


def test_commas_between_entries(tmp_path: Path) -> None:
    file = write(tmp_path / "f.json", (1, game()), (2, game()), (3, game()))
    text = file.read_text()
    file.write_text(text.replace('},\n    "2"', '}\n    "2"')[:-2] + ",\n}")
    [chunk] = index_file(file, map).chunks(1 << 20)
    parsed = parse(file, chunk)
    assert [g.id for g in parsed.games] == [2]
    reasons = {reject.app_id: reject.reason for reject in parsed.rejects}
    assert reasons == {"1": "no comma after the entry", "3": "a comma after the last entry"}
