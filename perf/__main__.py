"""`python -m perf NAME [options]`: measures an operation of the store, and what it costs.

NAME is pay, checkout, flash_sale, claim_lost, sale_status, browse (also: cards), search, me, idle, etl, or all of them.
`python -m perf compare A.json B.json` divides the figures of one report by those of another,
`python -m perf tables A.json` prints a report for a page, `python -m perf soak` watches the memory for an hour, and
`python -m perf capacity --pays-per-second 10000` tells what a load needs. NAME --help tells the options.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from perf import command, compare, soak
from perf.capacity import command as capacity
from perf.etl import measure as etl
from perf.report import Report
from subgraphs.kit.command_line import run


def main(name: str, arguments: list[str]) -> int:
    """Runs a command of perf. The exit code."""
    return OTHERS[name](arguments) if name in OTHERS else command.main(name, arguments)


def tables(arguments: list[str]) -> int:
    """Prints the tables of reports in Markdown."""
    for path in arguments:
        print(Report.read(Path(path)).markdown())
    return 0


OTHERS: dict[str, Callable[[list[str]], int]] = {
    "capacity": capacity.main,
    "etl": etl.main,
    "compare": compare.main,
    "soak": soak.main,
    "tables": tables,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in (*command.NAMES, *OTHERS):
        print(__doc__)
        sys.exit(2)
    sys.exit(run(lambda: main(sys.argv[1], sys.argv[2:])))
