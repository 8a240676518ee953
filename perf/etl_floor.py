"""The floor of a load: what cannot be left out, done one after the other and as plainly as possible.

Parsing to files of fields and lines (no cleaning, no checks, no comparison with what is there), LOAD DATA of these
files into the catalogue's tables over one connection, and then the full-text index.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
from sqlalchemy.engine import URL

from etl.entry import Entry, decode
from etl.mysql import load_statement
from etl.pool import Pool
from etl.tables import PARTS
from etl.target import target_of

PIECE = 16 << 20
_KEY = re.compile(rb'\n    "([0-9]+)": \{')
_INDEX = "ft_product_search"


def floor(file: Path, workers: int, url: URL, folder: Path) -> dict[str, float]:
    """Seconds of parsing, of LOAD DATA and of the index, and the rows; into an empty, migrated database."""
    offsets = range(0, file.stat().st_size, PIECE)
    began = time.perf_counter()
    with Pool(workers) as pool:
        rows = sum(pool.map(parse_piece, [file] * len(offsets), offsets, [folder] * len(offsets)))
    parsed = time.perf_counter()
    connection: Any = pymysql.connect(**dict(target_of(url).arguments), local_infile=True, charset="utf8mb4")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE product_search DROP INDEX {_INDEX}")
        emptied = time.perf_counter()
        for table in PARTS:
            for path in sorted(folder.glob(f"{table.name}.*")):
                cursor.execute(load_statement("", table, str(path)))
            connection.commit()
        loaded = time.perf_counter()
        cursor.execute(f"ALTER TABLE product_search ADD FULLTEXT INDEX {_INDEX} (title, description)")
    connection.close()
    return {
        "parse": parsed - began,
        "load data": loaded - emptied,
        "index": time.perf_counter() - loaded,
        "rows": rows,
    }


def parse_piece(file: Path, offset: int, folder: Path) -> int:
    """Parses the entries that begin in a piece of the file into one file for each table; how many rows."""
    with file.open("rb") as source:
        source.seek(offset)
        data = source.read(PIECE + (1 << 20))
    lines: dict[str, list[str]] = {table.name: [] for table in PARTS}
    for app_id, text in _entries(data):
        _write(lines, app_id, decode(text))
    for name, some in lines.items():
        Path(folder, f"{name}.{offset:015}").write_text("".join(some), "utf-8")
    return sum(map(len, lines.values()))


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    found = [match for match in _KEY.finditer(data) if match.start() < PIECE + 200_000]
    for match, following in zip(found, [*found[1:], None], strict=True):
        if match.start() >= PIECE:
            return
        end = following.start() if following else data.rindex(b"}", 0, data.rindex(b"}")) + 1
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
    lines["product_search"].append(f"{i}\x1f{text}\x1e")
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
