"""The commands of `python -m subgraphs`."""

import argparse
import asyncio
import sys
from typing import Any

from subgraphs.kit.auth import Role
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store import audit, events_command, seed, serve, tour, up
from subgraphs.store.audit import command as audit_command
from subgraphs.store.config import StoreSettings


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

    _add_audit(commands)
    _add_events(commands)

    arguments = parser.parse_args()
    sys.exit(arguments.run(arguments))


def _grant(arguments: argparse.Namespace) -> int:
    if asyncio.run(seed.grant(arguments.email, arguments.role)):
        print(f"{arguments.email} is {arguments.role.value}, from the next sign-in on.")
        return 0
    print(f"There is no account {arguments.email}.")
    return 1


def _add_audit(commands: Any) -> None:
    check = commands.add_parser("audit", help="check that money, goods and units are right")
    help_text = f"wait so long until sagas have ended (default {audit.SETTLE_SECONDS:.0f})"
    check.add_argument("--settle", type=float, metavar="SECONDS", default=audit.SETTLE_SECONDS, help=help_text)
    check.add_argument("--always-only", action="store_true", help="check at once what holds at any time")
    check.set_defaults(run=lambda a: audit_command.run(_settings(), a.settle, a.always_only))


def _add_events(commands: Any) -> None:
    events = commands.add_parser("events", help="show parked events, and those on their way")
    events.set_defaults(run=lambda a: asyncio.run(events_command.show(_settings())))
    again = events.add_subparsers().add_parser("replay", help="deliver parked events once more")
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("event_id", nargs="?", metavar="ID")
    which.add_argument("--all", action="store_true")
    again.set_defaults(run=lambda a: asyncio.run(events_command.replay_command(_settings(), a.event_id)))


def _settings() -> Settings:
    """Where the local store keeps its data; the embedded Valkey's port may have been moved."""
    local = StoreSettings()
    return Settings(redis_url=local.redis_url or f"redis://127.0.0.1:{local.valkey_port}/0")
