"""`python -m perf SCRIPT [options]`: measures a running store (etl: a database of its own)."""

import importlib
import sys

from subgraphs.kit.command_line import run

SCRIPTS = ("pay", "flash_sale", "cards", "me", "etl")


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in SCRIPTS:
        print(f"{__doc__}\nRun `python -m perf SCRIPT --help` for the options.")
        return 2
    return run(lambda: importlib.import_module(f"perf.{sys.argv[1]}").main(sys.argv[2:]))


sys.exit(main())
