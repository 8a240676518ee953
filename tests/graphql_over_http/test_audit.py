"""npm's `graphql-http` audits the endpoints: what GraphQL over HTTP says a server must and should do."""

import json
import subprocess
from pathlib import Path

import pytest

from router import npm
from subgraphs.kit.settings import SUBGRAPHS
from tests.own_store import OwnStore

FOLDER = Path(__file__).parent
ROUTERS_OWN = {
    "SHOULD accept application/graphql-response+json and match the content-type",
    "SHOULD use 200 status code on document parsing failure when accepting application/json",
    "SHOULD use 200 status code on document validation failure when accepting application/json",
    "SHOULD use a status code of 200 on variable coercion failure when accepting application/json",
}
"""What Apollo Router does otherwise; docs/security.md says how."""


def not_kept(url: str, headers: dict[str, str]) -> set[str]:
    """The MUST and SHOULD of GraphQL over HTTP that an endpoint does not keep."""
    node = npm.install(FOLDER, print)
    command = [str(node), str(FOLDER / "audit.mjs"), url, json.dumps(headers)]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    audits = [one for one in json.loads(done.stdout) if not one["name"].startswith("MAY ")]
    assert len([one for one in audits if one["name"].startswith("MUST ")]) == 13
    return {one["name"] for one in audits if one["status"] != "ok"}


@pytest.mark.parametrize("subgraph", SUBGRAPHS)
def test_a_subgraph_keeps_all(running: OwnStore, subgraph: str) -> None:
    url = f"{running.store.settings.base_url_of(subgraph)}/graphql"
    assert not_kept(url, running.store.settings.router_headers()) == set()


def test_the_router_keeps_all_but_four(running: OwnStore) -> None:
    assert not_kept(running.store.settings.graphql_url, {}) == ROUTERS_OWN
