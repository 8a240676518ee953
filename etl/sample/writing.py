"""Writes a file in the format of the real one: one object, indent 4, plain UTF-8, no final newline."""

import random
from pathlib import Path

import msgspec

from etl.sample.games import GameMaker

APP_IDS = range(10, 3_500_000, 10)


def write(path: Path, games: int, seed: int, *, crlf: bool = False) -> None:
    """Writes a file of `games` games. The same number and seed give the same bytes. Raises OSError."""
    rng = random.Random(seed)
    ids = rng.sample(APP_IDS if games <= len(APP_IDS) else range(10, games * 20, 10), games)
    maker = GameMaker(rng, games)
    line_end = b"\r\n" if crlf else b"\n"
    with path.open("wb") as file:
        file.write(b"{" + line_end)
        for i, app_id in enumerate(ids, 1):
            entry = msgspec.json.format(msgspec.json.encode({str(app_id): maker.game(app_id)}), indent=4)
            text = entry[2:-2] + (b",\n" if i < games else b"\n")
            file.write(text.replace(b"\n", line_end))
        file.write(b"}")
