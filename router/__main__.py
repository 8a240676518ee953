"""`python -m router install` installs the router, `page` builds the playground's page, `plan QUERY` shows a plan."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from router.binary import locate_or_download, obtain
from router.client import PlanFailed, query_plan
from router.page_build import PageFailed, build, check
from router.plan import render, summary
from router.process import GatewayMissing, RouterStopped


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.command == "install":
            return _install(options.build)
        if options.command == "page":
            _page(options.check)
        else:
            _plan(options)
    except (GatewayMissing, RouterStopped, PlanFailed, PageFailed) as error:
        log(str(error))
        return 1
    return 0


def log(line: str) -> None:
    """Prints to stderr, so that stdout can be piped."""
    print(line, file=sys.stderr, flush=True)


def _install(may_build: bool) -> int:
    _exit_on_sigterm()
    router = obtain(log) if may_build else locate_or_download(log)
    if router is None:
        return 1
    print(router)
    return 0


def _page(only_check: bool) -> None:
    _exit_on_sigterm()
    if only_check:
        check(log)
    else:
        print(build(log))


def _exit_on_sigterm() -> None:
    """Exits on SIGTERM as on an error, so that a build also stops the process that does the work."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


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
    page = commands.add_parser("page", help="build the playground's page if needed, and print its folder")
    page.add_argument("--check", action="store_true", help="check the types and the style of its sources instead")
    plan = commands.add_parser("plan", help="show which subgraphs the router calls, and for what")
    plan.add_argument("query", help="a query, a file that holds one, or - for standard input")
    plan.add_argument("--endpoint", help="a router's GraphQL endpoint (default: the store's, by its settings)")
    plan.add_argument("--variables", default="{}", help="the operation's variables, as JSON")
    plan.add_argument("--json", action="store_true", help="print the raw plan")
    return parser


if __name__ == "__main__":
    sys.exit(main())
