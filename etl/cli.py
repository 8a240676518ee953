"""The command line: `python -m etl load | runs | inspect | sample`."""

import argparse
import sqlite3
import sys
from pathlib import Path

import pymysql
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from etl import catalogue, charts, report, runs
from etl.catalogue import open_for_reading, product_database
from etl.errors import EtlError
from etl.load import CHUNK_SIZE, dry_run, load
from etl.profiling import profile_file
from etl.sample import write
from subgraphs.kit.command_line import explain
from subgraphs.kit.problems import Problem

MEBIBYTE = 1 << 20
WIDTH = 100
"""Columns where there is no terminal."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Returns 0: done; 1: failed, with a message; 2: wrong arguments; 130: interrupted."""
    options = _parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    try:
        options.command(options, console)
    except (EtlError, OSError) as error:
        print(f"etl: {error}", file=sys.stderr)
        return 1
    except Problem as problem:
        print(f"etl: {problem}", file=sys.stderr)
        return problem.exit_code
    except (pymysql.MySQLError, sqlite3.Error, SQLAlchemyError) as error:
        config = catalogue.settings_for(options.database_url)
        print(f"etl: {explain(error, config) or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("etl: interrupted. Run the same command again to resume.", file=sys.stderr)
        return 130
    return 0


def _load(options: argparse.Namespace, console: Console) -> None:
    rejects = options.rejects or options.file.with_name(f"{options.file.name}.rejects.jsonl")
    parameters = {
        "workers": options.workers,
        "chunk_size": options.chunk_size * MEBIBYTE,
        "strict": options.strict,
    }
    with report.progress_on(console) as progress:
        if options.dry_run:
            summary = dry_run(options.file, progress=progress, rejects_file=rejects, **parameters)
        else:
            url = product_database(options.database_url)
            summary = load(options.file, url, progress=progress, rejects_file=rejects, **parameters)
    console.print(report.summary_table(options.file, summary))
    if options.dry_run:
        console.print("A dry run: nothing was written.")
    if summary.rejects_file:
        console.print(f"{len(summary.rejects):,} bad entries were left out: {summary.rejects_file}", soft_wrap=True)


def _runs(options: argparse.Namespace, console: Console) -> None:
    connection = open_for_reading(product_database(options.database_url))
    console.print(report.runs_table(runs.all_runs(connection)))
    connection.close()


def _inspect(options: argparse.Namespace, console: Console) -> None:
    with report.progress_on(console) as progress:
        profile = profile_file(options.file, options.workers, progress)
    console.print(report.profile_table(options.file, profile))
    console.print(report.fields_table(profile))
    console.print(*charts.chart_tables(profile.distributions), sep="\n")
    if options.png:
        charts.save_png(profile.distributions, options.png)
        console.print(f"Plot: {options.png}", soft_wrap=True)


def _sample(options: argparse.Namespace, console: Console) -> None:
    write(options.out, options.games, options.seed, crlf=options.crlf)
    console.print(f"{options.out}: {options.games:,} games, {options.out.stat().st_size / 1e6:,.1f} MB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m etl", description="Loads the catalogue from a games file.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("load", help="load a file, or resume an interrupted load")
    command.set_defaults(command=_load)
    command.add_argument("file", type=Path)
    command.add_argument("--strict", action="store_true", help="load nothing if there is a bad entry")
    command.add_argument("--dry-run", action="store_true", help="parse everything, write nothing")
    command.add_argument(
        "--chunk-size",
        type=_positive,
        default=CHUNK_SIZE // MEBIBYTE,
        metavar="MIB",
        help="how much of the file one transaction writes (default: %(default)s; a resumed load keeps its own)",
    )
    command.add_argument(
        "--rejects", type=Path, metavar="FILE", help="where bad entries are listed (default: beside the file)"
    )
    _add_workers(command)
    _add_database(command)

    command = commands.add_parser("runs", help="list the loads")
    command.set_defaults(command=_runs)
    _add_database(command)

    command = commands.add_parser("inspect", help="show what a file holds: counts, fields, oddities, charts")
    command.set_defaults(command=_inspect)
    command.add_argument("file", type=Path)
    command.add_argument(
        "--png", type=Path, metavar="FILE", help="draw release years, prices and genres into a file too"
    )
    _add_workers(command)

    command = commands.add_parser("sample", help="write a synthetic file in the same format")
    command.set_defaults(command=_sample)
    command.add_argument("out", type=Path)
    command.add_argument("--games", type=_positive, default=1000)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--crlf", action="store_true", help="end lines with CR and LF")
    return parser


def _add_workers(command: argparse.ArgumentParser) -> None:
    command.add_argument("--workers", type=_positive, help="processes (default: one per CPU, at least two)")


def _add_database(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--database-url",
        help="like STEAMPUNK_DATABASE_URL: the database is the URL's database name + _product",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
