"""The simplest parsing: no cleaning, no checks, no digests. Imports little, because every worker process imports it."""

import re
from collections.abc import Iterator
from pathlib import Path

from etl.source.entry import Entry, decode
from etl.tables import PARTS

PIECE = 16 << 20
LONGEST_ENTRY = 1 << 20
_WORD = re.compile("[a-z0-9]{1,40}")
_KEY = re.compile(rb'\n    "([0-9]+)": \{')


def parse_piece(file: Path, offset: int, folder: Path) -> int:
    """Parses the entries that begin in one piece of the file into one file for each table; the number of rows."""
    with file.open("rb") as source:
        source.seek(offset)
        data = source.read(PIECE + LONGEST_ENTRY)
    lines: dict[str, list[str]] = {table.name: [] for table in PARTS}
    for app_id, text in _entries(data):
        _write(lines, app_id, decode(text))
    for name, rows in lines.items():
        Path(folder, f"{name}.{offset:015}").write_text("".join(rows), "utf-8")
    return sum(map(len, lines.values()))


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The app ids and JSON objects of the entries that begin in the piece."""
    found = list(_KEY.finditer(data))
    for match, following in zip(found, [*found[1:], None], strict=True):
        if match.start() >= PIECE:
            return
        end = following.start() if following else data.rindex(b"}")
        yield match[1].decode(), data[match.end() - 1 : data.rindex(b"}", 0, end) + 1]


def _write(lines: dict[str, list[str]], i: str, e: Entry) -> None:
    points = int(e.price * 1300)
    month, _, year = e.release_date.partition(",")
    released = f"{year.strip() or 2000}-01-01" if month else ""
    platforms = e.windows + 2 * e.mac + 4 * e.linux
    reviews = e.positive + e.negative
    score = e.positive * 1_000_000 // reviews if reviews else 0
    text = f"{e.name}\x1f{e.short_description}"
    lines["products"].append(
        f"{i}\x1f{text}\x1f{e.header_image}\x1f{released}\x1f{e.price}\x1f{points}\x1f{platforms}"
        f"\x1f{e.positive}\x1f{e.negative}\x1f{reviews}\x1f{score}\x1f0\x1f{points}\x1e"
    )
    titled = set(_WORD.findall(e.name.lower()))
    lines["product_words"] += [f"{i}\x1f{word}\x1f1\x1e" for word in titled]
    described = set(_WORD.findall(e.short_description.lower())) - titled
    lines["product_words"] += [f"{i}\x1f{word}\x1f0\x1e" for word in described]
    genres = dict.fromkeys("Free to Play" if genre == "Free To Play" else genre for genre in e.genres)
    lines["product_genres"] += [f"{i}\x1f{genre}\x1e" for genre in genres]
    for kind, names in (("D", e.developers or ["Anonymous"]), ("P", e.publishers)):
        lines["product_companies"] += [
            f"{i}\x1f{kind}\x1f{n}\x1f{name}\x1e" for n, name in enumerate(dict.fromkeys(names))
        ]
    if isinstance(e.tags, dict):
        lines["product_tags"] += [f"{i}\x1f{tag}\x1f{votes}\x1e" for tag, votes in e.tags.items()]
    lines["product_categories"] += [f"{i}\x1f{category}\x1e" for category in dict.fromkeys(e.categories)]
    spoken = set(e.full_audio_languages)
    lines["product_languages"] += [
        f"{i}\x1f{name}\x1f{int(name in spoken)}\x1e" for name in dict.fromkeys(e.supported_languages)
    ]
    for kind, urls in (("S", e.screenshots), ("M", e.movies)):
        lines["product_media"] += [f"{i}\x1f{kind}\x1f{n}\x1f{url}\x1e" for n, url in enumerate(urls)]
