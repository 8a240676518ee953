"""Games files for the tests, and what a catalogue holds."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from etl.catalogue import parameters_of
from etl.database.connect import connect
from etl.tables import DIGESTS, GENRES, PARTS, Row

GAME: dict[str, Any] = {
    "name": "Brass Harbor",
    "release_date": "Oct 21, 2008",
    "price": 19.99,
    "about_the_game": "All about it.",
    "short_description": "A harbor made of brass.",
    "header_image": "https://example.com/header.jpg",
    "windows": True,
    "mac": False,
    "linux": True,
    "positive": 90,
    "negative": 10,
    "developers": ["Ada"],
    "publishers": ["Grace"],
    "genres": ["Indie", "RPG"],
    "categories": ["Single-player"],
    "supported_languages": ["English", "German"],
    "full_audio_languages": ["English"],
    "screenshots": ["https://example.com/1.jpg", "https://example.com/2.jpg"],
    "movies": ["https://example.com/1.mp4"],
    "tags": {"Steam": 12, "Cute": 3},
}


def game(**fields: Any) -> dict[str, Any]:
    """A whole entry, with the given fields."""
    return GAME | fields


def text_of(*entries: tuple[object, dict[str, Any] | str]) -> str:
    """A file with these entries. An entry that is already text is written unchanged."""
    lines = []
    for key, entry in entries:
        value = entry if isinstance(entry, str) else json.dumps(entry, indent=4, ensure_ascii=False)
        lines.append(f'    "{key}": ' + value.replace("\n", "\n    "))
    return "{\n" + ",\n".join(lines) + "\n}"


def write(path: Path, *entries: tuple[object, dict[str, Any] | str]) -> Path:
    path.write_bytes(text_of(*entries).encode())
    return path


def run(url: URL, sql: str, *parameters: object) -> list[Row]:
    """Executes a statement on the catalogue, with the plain driver."""
    connection = connect(parameters_of(url))
    connection.begin()
    rows = connection.execute(sql, parameters)
    connection.commit()
    connection.close()
    return rows


def catalogue(url: URL) -> dict[str, list[Row]]:
    """All rows of all tables that a load writes."""
    tables = {}
    for table in (*PARTS, GENRES, DIGESTS):
        columns = table.column_list
        tables[table.name] = sorted(run(url, f"SELECT {columns} FROM {table.name}"), key=str)
    return tables


def column(url: URL, name: str, table: str = "products") -> list[Any]:
    """A column's values, in the order of the products."""
    key = "id" if table == "products" else "product_id"
    return [value for (value,) in run(url, f"SELECT {name} FROM {table} ORDER BY {key}, {name}")]
