"""The commands of `python -m subgraphs`.

Each imports its code only when it runs, so that a subgraph's process does not load the launcher and the auditor.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from subgraphs.kit.command_line import run
from subgraphs.kit.settings import SUBGRAPHS, Settings, settings

ROLES = ("USER", "DEVELOPER", "ADMIN")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m subgraphs", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)

    one = commands.add_parser("serve", help="serve one subgraph")
    one.add_argument("subgraph", choices=SUBGRAPHS)
    one.add_argument("--port", type=int, required=True)
    one.add_argument("--workers", type=int, default=1)
    one.set_defaults(run=_serve)

    live = commands.add_parser("live", help="serve the live numbers of flash sales")
    live.add_argument("--port", type=int, required=True)
    live.set_defaults(run=_live)

    router = commands.add_parser("serve-router", help="run Apollo Router behind a proxy")
    router.add_argument("--port", type=int, required=True, help="the port of /ready")
    router.set_defaults(run=_serve_router)

    commands.add_parser("migrate", help="migrate all databases to the newest version").set_defaults(run=_migrate)
    sample = commands.add_parser("sample", help="add the sample catalogue and the demo accounts")
    sample.add_argument("--yes", action="store_true", help="do not ask")
    sample.add_argument("--router", default="", help="the GraphQL address of a store that runs elsewhere")
    sample.set_defaults(run=_sample)
    made = commands.add_parser("secrets", help="make a file with the secrets of a store on real servers")
    made.add_argument("file", type=Path)
    made.set_defaults(run=_secrets)
    commands.add_parser("up", help="run the whole store on this machine").set_defaults(run=_up)
    commands.add_parser("reset", help="remove the local store's state, but not its secrets").set_defaults(run=_reset)
    commands.add_parser("tour", help="show every feature of the store").set_defaults(run=_tour)

    role = commands.add_parser("grant", help="give an account a role, such as the first admin")
    role.add_argument("email")
    role.add_argument("role", choices=ROLES)
    role.set_defaults(run=_grant)

    exported = commands.add_parser("export", help="write all that the store keeps of a person, as JSON")
    exported.add_argument("who", metavar="EMAIL_OR_ID")
    exported.add_argument("--to", type=Path, metavar="FILE", help="a new file, for its owner only (default: stdout)")
    exported.set_defaults(run=_export)

    _add_rotate(commands)
    _add_audit(commands)
    _add_events(commands)

    arguments = parser.parse_args()
    # `audit` says with 1 that an invariant does not hold.
    unreachable = 2 if arguments.command in ("audit", "events") else 1
    sys.exit(run(lambda: arguments.run(arguments), unreachable=unreachable))


def _add_rotate(commands: Any) -> None:
    rotate = commands.add_parser("rotate", help="replace keys and secrets while the store runs")
    what = rotate.add_subparsers(required=True)
    what.add_parser("signing-key", help="sign access tokens by a new key").set_defaults(run=_rotate_signing_key)
    for name in ("router-secret", "service-secret", "data-key"):
        steps = ["add", "switch", *(["reencrypt"] if name == "data-key" else []), "drop"]
        one = what.add_parser(name, help=f"replace it in steps: {', '.join(steps)}")
        one.add_argument("step", choices=steps)
        one.set_defaults(run=_rotate_secret, which=name)


def _add_audit(commands: Any) -> None:
    check = commands.add_parser("audit", help="check money, games and units in all databases")
    help_text = "how long to wait for sagas to end (default 10)"
    check.add_argument("--wait", type=float, metavar="SECONDS", default=10, help=help_text)
    check.add_argument("--always-only", action="store_true", help="check at once the invariants that hold at any time")
    check.set_defaults(run=_audit)


def _add_events(commands: Any) -> None:
    events = commands.add_parser("events", help="show dead letters and undelivered events")
    events.set_defaults(run=_show_events)
    again = events.add_subparsers().add_parser("replay", help="send dead letters to their consumers again")
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("event_id", nargs="?", metavar="ID")
    which.add_argument("--all", action="store_true")
    again.set_defaults(run=_replay_events)


def _serve(arguments: argparse.Namespace) -> None:
    from subgraphs.store.serve import serve

    serve(arguments.subgraph, arguments.port, arguments.workers)


def _live(arguments: argparse.Namespace) -> None:
    from subgraphs.store import serve

    serve.serve_live(arguments.port)


def _serve_router(arguments: argparse.Namespace) -> None:
    from subgraphs.store.serve_router import serve_router

    serve_router(arguments.port)


def _migrate(arguments: argparse.Namespace) -> None:
    from subgraphs.store.migrate import migrate_all

    migrate_all(settings())


def _sample(arguments: argparse.Namespace) -> int:
    from subgraphs.store.sample_command import run

    return run(_store(), arguments.yes, arguments.router)


def _secrets(arguments: argparse.Namespace) -> None:
    from subgraphs.store.config import make_secrets

    make_secrets(arguments.file)
    print(f"Made {arguments.file}. Keep it as safe as the databases, and name it with STEAMPUNK_SECRETS_FILE.")


def _up(arguments: argparse.Namespace) -> int:
    from subgraphs.store.up import up

    return up()


def _reset(arguments: argparse.Namespace) -> int:
    from subgraphs.store.up import reset

    return reset()


def _tour(arguments: argparse.Namespace) -> int:
    from subgraphs.store.tour.command import run

    return run()


def _grant(arguments: argparse.Namespace) -> int:
    from subgraphs.kit.web.auth import Role
    from subgraphs.store.seed import grant

    _store()
    if asyncio.run(grant(arguments.email, Role(arguments.role))):
        print(f"{arguments.email} is {arguments.role} from the next sign-in on.")
        return 0
    print(f"There is no account {arguments.email}.")
    return 1


def _export(arguments: argparse.Namespace) -> int:
    from subgraphs.store.export.command import run

    return run(_store(), arguments.who, arguments.to)


def _rotate_signing_key(arguments: argparse.Namespace) -> None:
    from subgraphs.store.rotation import rotate_signing_key

    _store()
    rotate_signing_key()


def _rotate_secret(arguments: argparse.Namespace) -> None:
    from subgraphs.store.rotation import reencrypt, rotate_secret

    _store()
    if arguments.step == "reencrypt":
        reencrypt()
    else:
        rotate_secret(arguments.which, arguments.step)


def _audit(arguments: argparse.Namespace) -> int:
    from subgraphs.store.audit.command import run

    return run(_store(), arguments.wait, arguments.always_only)


def _show_events(arguments: argparse.Namespace) -> int:
    from subgraphs.store.events_command import show

    return asyncio.run(show(_store()))


def _replay_events(arguments: argparse.Namespace) -> int:
    from subgraphs.store.events_command import replay_command

    return asyncio.run(replay_command(_store(), arguments.event_id))


def _store() -> Settings:
    from subgraphs.store.config import existing_store

    return existing_store()
