"""The commands of `python -m subgraphs`."""

import argparse

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m subgraphs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    one = commands.add_parser("serve", help="serve one subgraph")
    one.add_argument("subgraph", choices=SUBGRAPHS)
    one.add_argument("--port", type=int, required=True)
    one.add_argument("--workers", type=int, default=1)
    one.set_defaults(run=lambda a: serve.serve(a.subgraph, a.port, a.workers))

    commands.add_parser("migrate", help="bring all databases to the newest version").set_defaults(
        run=lambda a: serve.migrate_all()
    )

    arguments = parser.parse_args()
    arguments.run(arguments)
