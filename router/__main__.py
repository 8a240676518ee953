"""`python -m router install` installs the router binary; `python -m router plan QUERY` shows a query plan."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from router.binary import locate_or_download, obtain
from router.client import ENDPOINT, PlanFailed, query_plan
from router.plan import render, summary
from router.process import GatewayMissing, RouterStopped


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.command == "install":
            return _install(options.build)
        _plan(options)
    except (GatewayMissing, RouterStopped, PlanFailed) as error:
        log(str(error))
        return 1
    return 0


def log(line: str) -> None:
    """Prints to stderr, so that stdout can be piped."""
    print(line, file=sys.stderr, flush=True)


def _install(build: bool) -> int:
    # Exit on SIGTERM as on an error, so that a build also stops its cargo process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    router = obtain(log) if build else locate_or_download(log)
    if router is None:
        return 1
    print(router)
    return 0


def _plan(options: argparse.Namespace) -> None:
    plan = query_plan(_query(options.query), _variables(options.variables), options.endpoint, log)
    if options.json:
        print(json.dumps(plan["object"], indent=2))
    else:
        print(render(plan))
        print(f"\n{summary(plan)}")


def _query(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if "{" in text:
        return text
    try:
        return Path(text).read_text(encoding="utf-8")
    except OSError as error:
        raise PlanFailed(f"{text} is neither a query nor a readable file: {error.strerror}") from error


def _variables(text: str) -> dict[str, Any]:
    try:
        variables = json.loads(text)
    except ValueError as error:
        raise PlanFailed(f"--variables is not JSON: {error}") from error
    if not isinstance(variables, dict):
        raise PlanFailed("--variables must be a JSON object.")
    return variables


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m router", description="Apollo Router for the store.")
    commands = parser.add_subparsers(dest="command", required=True)
    install = commands.add_parser("install", help="find, download or build the router, and print its path")
    install.add_argument("--no-build", dest="build", action="store_false", help="fail instead of building it")
    plan = commands.add_parser("plan", help="show which subgraphs the router calls, and for what")
    plan.add_argument("query", help="a query, a file that holds one, or - for standard input")
    plan.add_argument("--endpoint", help=f"a router's GraphQL endpoint (default: {ENDPOINT})")
    plan.add_argument("--variables", default="{}", help="the operation's variables, as JSON")
    plan.add_argument("--json", action="store_true", help="print the raw plan")
    return parser


if __name__ == "__main__":
    sys.exit(main())
