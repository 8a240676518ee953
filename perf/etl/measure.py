"""`python -m perf etl`: compares loading into MariaDB with its floor (see `perf.etl.floor`).

For each file size and number of workers, measures the floor and then `python -m etl load`, each into a database of its
own: wall time, and the peak memory of the largest process. Without `--database-url`, starts a MariaDB with default
durability in a temporary folder.
"""

import argparse
import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pymysql

from etl import sample
from etl.catalogue import parameters_of, product_database
from perf.conditions import conditions
from perf.etl.floor import floor
from perf.plots import picture
from perf.report import REPORTS, Report, Row
from perf.servers import mariadb
from subgraphs.kit.database.migrations.runner import migrate
from subgraphs.store.processes import LaunchFailed

GAMES = (20_000, 40_000, 85_103)
WORKERS = (1, 2, 4)


@dataclass
class Line:
    """One comparison. Times in seconds, memory in MB."""

    games: int
    megabytes: float
    workers: int
    rows: int
    parse: float
    load_data: float
    index: float
    floor: float
    load: float
    ratio: float
    peak_memory: float


def main(arguments: list[str]) -> int:
    """Measures, prints a table, and writes the report."""
    options = _options(arguments)
    report = Report("etl", conditions())
    with tempfile.TemporaryDirectory(prefix="perf-etl-") as name, _server(Path(name), options.database_url) as url:
        lines = []
        for file, games in _files(Path(name), options):
            for workers in options.workers:
                print(f"Loading {file.name} with {workers} workers ...", flush=True)
                lines.append(_compare(file, games, workers, url, Path(name)))
    report.add("Loading into MariaDB, and its floor (seconds)", [_row(line) for line in lines])
    report.print()
    print(f"Report: {report.save(options.reports, picture(partial(_draw, lines)))}, .html, .png")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf etl", description=__doc__)
    parser.add_argument("--games", type=int, nargs="+", default=GAMES, help="games of each synthetic file")
    parser.add_argument("--file", type=Path, nargs="+", help="load these files instead")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--reports", type=Path, default=REPORTS, help="the folder of the report")
    parser.add_argument("--database-url", help="a running MySQL or MariaDB, in the form of STEAMPUNK_DATABASE_URL")
    return parser.parse_args(arguments)


@contextmanager
def _server(folder: Path, given: str | None) -> Iterator[str]:
    """A URL for databases on the given server, or on a MariaDB started for this run; the caller appends to its name."""
    if given:
        yield f"{given}_perf"
        return
    try:
        with mariadb(folder, buffer_pool="1G") as (_, url):
            yield url
    except LaunchFailed as error:
        raise LaunchFailed(f"{error}\n(Use --database-url to measure on a running server.)") from error


def _files(folder: Path, options: argparse.Namespace) -> Iterator[tuple[Path, int]]:
    for file in options.file or ():
        yield file, 0
    for games in () if options.file else options.games:
        file = folder / f"games-{games}.json"
        sample.write(file, games, 1)
        yield file, games
        file.unlink()


def _compare(file: Path, games: int, workers: int, url: str, folder: Path) -> Line:
    scratch = folder / "floor"
    scratch.mkdir()
    with _database(f"{url}_floor") as floor_url:
        parts = floor(file, workers, product_database(floor_url), scratch)
    shutil.rmtree(scratch)
    with _database(f"{url}_load") as load_url:
        seconds, memory = _load(file, workers, load_url, folder)
        games = games or _count(load_url)
    total = parts["parse"] + parts["load data"] + parts["index"]
    return Line(
        games=games,
        megabytes=file.stat().st_size / 1e6,
        workers=workers,
        rows=int(parts["rows"]),
        parse=parts["parse"],
        load_data=parts["load data"],
        index=parts["index"],
        floor=total,
        load=seconds,
        ratio=seconds / total,
        peak_memory=memory,
    )


def _load(file: Path, workers: int, url: str, folder: Path) -> tuple[float, float]:
    """Runs the load command: its seconds, and the peak memory (MB) of its largest process."""
    command = [sys.executable, "-m", "etl", "load", str(file), "--workers", str(workers), "--database-url", url]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "--rejects", str(folder / "rejects")], stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_memory(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    if process.returncode:
        raise SystemExit(f"The load failed with exit code {process.returncode}.")
    return time.perf_counter() - began, peak


def _peak_memory(pid: int) -> float:
    """The largest peak of resident memory (MB) of a process and its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # the process has ended
        return 0.0
    own = re.search(r"VmHWM:\s+(\d+) kB", status)
    return max([int(own[1]) * 1024 / 1e6 if own else 0.0, *(_peak_memory(int(child)) for child in children)])


@contextmanager
def _database(url: str) -> Iterator[str]:
    """A new, migrated database; dropped at the end."""
    product = product_database(url)
    asyncio.run(migrate("product", product))
    yield url
    with pymysql.connect(**dict(parameters_of(product).arguments)) as connection:
        connection.cursor().execute(f"DROP DATABASE `{product.database}`")


def _count(url: str) -> int:
    with pymysql.connect(**dict(parameters_of(product_database(url)).arguments)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT COUNT(*) FROM products")
        return int(cursor.fetchall()[0][0])


def _row(line: Line) -> Row:
    figures = {name.replace("_", " "): round(value, 2) for name, value in asdict(line).items()}
    return {"run": f"{line.games:,} games, {line.workers} workers", **figures}


def _draw(lines: list[Line], axes: Any) -> None:
    """Seconds over games: the floor dashed, the load solid, one colour for each number of workers."""
    axis = axes[0, 0]
    for colour, workers in enumerate(sorted({line.workers for line in lines})):
        chosen = [line for line in lines if line.workers == workers]
        games = [line.games for line in chosen]
        axis.plot(games, [x.floor for x in chosen], f"C{colour}o--", label=f"floor, {workers} workers")
        axis.plot(games, [x.load for x in chosen], f"C{colour}o-", label=f"load, {workers} workers")
    axis.set(xlabel="games", ylabel="seconds", xlim=(0, None), ylim=(0, None))
    axis.legend()
