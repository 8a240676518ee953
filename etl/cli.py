"""The command line: `python -m etl load | runs | inspect | sample`."""

import argparse
import sqlite3
import sys
from pathlib import Path

import pymysql
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from etl import records, report
from etl.errors import EtlError
from etl.load import CHUNK_SIZE, dry_run, load
from etl.sample import write
from etl.survey import survey
from etl.target import open_for_reading, product_database

MEBIBYTE = 1 << 20


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. 0: done; 1: not done, and said why; 2: not understood; 130: interrupted."""
    options = _parser().parse_args(arguments)
    # A pipe or a file has no width; a table of runs needs about so many columns.
    console = Console(width=None if sys.stdout.isatty() else 160)
    try:
        options.command(options, console)
    except (EtlError, OSError) as error:
        print(f"etl: {error}", file=sys.stderr)
        return 1
    except (pymysql.MySQLError, sqlite3.Error, SQLAlchemyError) as error:
        print(f"etl: the database: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("etl: interrupted. Run the same command again: it goes on.", file=sys.stderr)
        return 130
    return 0


def _load(options: argparse.Namespace, console: Console) -> None:
    rejects = options.rejects or options.file.with_name(f"{options.file.name}.rejects.jsonl")
    how = {
        "workers": options.workers,
        "chunk_size": options.chunk_size * MEBIBYTE,
        "strict": options.strict,
    }
    with report.progress_on(console) as progress:
        if options.dry_run:
            summary = dry_run(options.file, progress=progress, rejects_file=rejects, **how)
        else:
            url = product_database(options.database_url)
            summary = load(options.file, url, progress=progress, rejects_file=rejects, **how)
    console.print(report.summary_table(options.file, summary))
    if options.dry_run:
        console.print("A dry run: nothing was written.")
    if summary.rejects_file:
        console.print(f"{len(summary.rejects):,} bad entries were left out: {summary.rejects_file}")


def _runs(options: argparse.Namespace, console: Console) -> None:
    store = open_for_reading(product_database(options.database_url))
    console.print(report.runs_table(records.all_runs(store)))
    store.close()


def _inspect(options: argparse.Namespace, console: Console) -> None:
    with report.progress_on(console) as progress:
        seen = survey(options.file, options.workers, progress)
    console.print(report.survey_table(options.file, seen))
    console.print(report.fields_table(seen))
    console.print(report.genres_table(seen))


def _sample(options: argparse.Namespace, console: Console) -> None:
    write(options.out, options.games, options.seed, crlf=options.crlf)
    console.print(f"{options.out}: {options.games:,} games, {options.out.stat().st_size / 1e6:,.1f} MB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m etl", description="Loads the catalogue from a games file.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("load", help="load a file, or go on with a load that was ended")
    command.set_defaults(command=_load)
    command.add_argument("file", type=Path)
    command.add_argument("--strict", action="store_true", help="load nothing when there is any bad entry")
    command.add_argument("--dry-run", action="store_true", help="parse everything, write nothing")
    command.add_argument(
        "--chunk-size",
        type=_positive,
        default=CHUNK_SIZE // MEBIBYTE,
        metavar="MIB",
        help="how much of the file is one transaction (default: %(default)s; a resumed load keeps its own)",
    )
    command.add_argument(
        "--rejects", type=Path, metavar="FILE", help="where bad entries are listed (default: beside the file)"
    )
    _add_workers(command)
    _add_database(command)

    command = commands.add_parser("runs", help="list the loads")
    command.set_defaults(command=_runs)
    _add_database(command)

    command = commands.add_parser("inspect", help="what is in a file: counts, fields, oddities")
    command.set_defaults(command=_inspect)
    command.add_argument("file", type=Path)
    _add_workers(command)

    command = commands.add_parser("sample", help="write a synthetic file in the same layout")
    command.set_defaults(command=_sample)
    command.add_argument("out", type=Path)
    command.add_argument("--games", type=_positive, default=1000)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--crlf", action="store_true", help="end lines with CR and LF")
    return parser


def _add_workers(command: argparse.ArgumentParser) -> None:
    command.add_argument("--workers", type=_positive, help="processes (default: one a CPU, at least two)")


def _add_database(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--database-url",
        help="as STEAMPUNK_DATABASE_URL: the database is the URL's database name + _product",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
