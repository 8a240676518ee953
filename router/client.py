"""Asks a router for the query plan of an operation. Starts one if none is running."""

import json
import os
import socket
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from router.choice import choose
from router.plan import Plan
from router.process import SUPERGRAPH, Log, running

# Without the second, the router rejects @defer.
ACCEPT = "application/json, multipart/mixed;deferSpec=20220824"
NO_PLAN: Plan = {"object": {"kind": "QueryPlan", "node": None}, "text": ""}


class PlanFailed(Exception):
    """The router cannot be reached or rejects the operation. The message says why."""


def store_endpoint() -> str:
    """The router's endpoint by the store's settings: STEAMPUNK_GRAPHQL_URL, else STEAMPUNK_ROUTER_PORT here."""
    port = os.environ.get("STEAMPUNK_ROUTER_PORT") or "4000"
    return os.environ.get("STEAMPUNK_GRAPHQL_URL") or f"http://127.0.0.1:{port}/graphql"


def query_plan(query: str, variables: dict[str, Any], endpoint: str | None, log: Log) -> Plan:
    """Plans an operation without executing it.

    Without an endpoint, the store's own router plans it. If that is not running, a temporary one is started on the
    committed supergraph. Raises PlanFailed, GatewayMissing or RouterStopped.
    """
    store = store_endpoint()
    if endpoint is not None or _listens(store):
        return request_plan(query, variables, endpoint or store)
    if not SUPERGRAPH.exists():
        raise PlanFailed(f"Nothing listens at {store}, and there is no {SUPERGRAPH} to plan against.")
    log(f"Nothing listens at {store}: planning against {SUPERGRAPH.name}.")
    with running(choose(log), SUPERGRAPH, {"STEAMPUNK_ROUTER_SECRET": "no subgraph is called"}) as own:
        return request_plan(query, variables, own)


def request_plan(query: str, variables: dict[str, Any], endpoint: str) -> Plan:
    """Returns the plan made by the router at `endpoint`. Raises PlanFailed."""
    request = urllib.request.Request(
        endpoint,
        json.dumps({"query": query, "variables": variables}).encode(),
        {"content-type": "application/json", "accept": ACCEPT, "Apollo-Expose-Query-Plan": "dry-run"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        answer = _refusal(endpoint, error)
    except (OSError, ValueError) as error:
        raise PlanFailed(f"No router answers at {endpoint}: {getattr(error, 'reason', error)}") from error
    if answer.get("errors"):
        raise PlanFailed("\n".join(_message(one) for one in answer["errors"]))
    plan: Plan = answer.get("extensions", {}).get("apolloQueryPlan", NO_PLAN)
    return plan


def _refusal(endpoint: str, error: urllib.error.HTTPError) -> dict[str, Any]:
    """The GraphQL errors in an HTTP error. Raises PlanFailed if there are none: the server is no router."""
    with error:
        try:
            answer = json.load(error)
        except ValueError:
            answer = None
    if isinstance(answer, dict) and answer.get("errors"):
        return answer
    raise PlanFailed(f"{endpoint} answers {error.code} {error.reason}: it is not a GraphQL router.")


def _message(error: dict[str, Any]) -> str:
    places = error.get("locations") or []
    return str(error["message"]) + "".join(f" (line {one['line']}, column {one['column']})" for one in places)


def _listens(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=2).close()
    except OSError:
        return False
    return True
