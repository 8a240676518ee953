"""The floor of a load: the work that no load can avoid, done in the simplest way, one step after the other.

Parse into files of rows (without cleaning, checks or comparison with existing rows), LOAD DATA of these files into the
catalogue's tables over one connection, then build the index of words.
"""

import time
from pathlib import Path
from typing import Any

import pymysql
from sqlalchemy.engine import URL

from etl.catalogue import parameters_of
from etl.database.mysql import load_statement
from etl.pool import Pool
from etl.tables import PARTS
from perf.etl.plain import PIECE, parse_piece

_INDEX = "ix_product_words_word"


def floor(file: Path, workers: int, url: URL, folder: Path) -> dict[str, float]:
    """Fills an empty, migrated database: seconds of "parse", "load data" and "index", and the number of "rows"."""
    offsets = range(0, file.stat().st_size, PIECE)
    began = time.perf_counter()
    with Pool(workers) as pool:
        rows = sum(pool.map(parse_piece, [file] * len(offsets), offsets, [folder] * len(offsets)))
    parsed = time.perf_counter()
    connection: Any = pymysql.connect(**dict(parameters_of(url).arguments), local_infile=True, charset="utf8mb4")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE product_words DROP INDEX {_INDEX}")
        emptied = time.perf_counter()
        for table in PARTS:
            for path in sorted(folder.glob(f"{table.name}.*")):
                cursor.execute(load_statement("", table, str(path)))
            connection.commit()
        loaded = time.perf_counter()
        cursor.execute(f"ALTER TABLE product_words ADD INDEX {_INDEX} (in_title, word, product_id)")
    connection.close()
    return {
        "parse": parsed - began,
        "load data": loaded - emptied,
        "index": time.perf_counter() - loaded,
        "rows": rows,
    }
