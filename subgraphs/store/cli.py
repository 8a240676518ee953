"""The commands of `python -m subgraphs`."""

import argparse
import asyncio
import sys

from subgraphs.kit.auth import Role
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store import seed, serve, tour, up


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

    commands.add_parser("up", help="run the whole store on this machine").set_defaults(run=lambda a: up.up())
    commands.add_parser("tour", help="tell the store's story").set_defaults(run=lambda a: tour.tour())
    commands.add_parser("reset", help="remove the local store's state").set_defaults(run=lambda a: up.reset())

    role = commands.add_parser("grant", help="give an account a role, as the first admin needs it")
    role.add_argument("email")
    role.add_argument("role", type=Role, choices=list(Role))
    role.set_defaults(run=_grant)

    arguments = parser.parse_args()
    sys.exit(arguments.run(arguments))


def _grant(arguments: argparse.Namespace) -> int:
    if asyncio.run(seed.grant(arguments.email, arguments.role)):
        print(f"{arguments.email} is {arguments.role.value}, from the next sign-in on.")
        return 0
    print(f"There is no account {arguments.email}.")
    return 1
