"""`python -m router plan` against a real router, and against the Node gateway."""

import io
import json
from pathlib import Path

import pytest

from router import client
from router.__main__ import main
from router.client import PlanFailed, ask
from router.plan import fetches, render, summary
from router.process import Gateway, NodeGateway, free_ports

SUPERGRAPH = Path(__file__).parent / "supergraph.graphql"
QUERY = "{ me { name library { title } } product(id: 7) { title } }"


def test_fetches_and_summary_follow_the_plan(endpoint: str) -> None:
    plan = ask(QUERY, {}, endpoint)
    assert sorted(fetches(plan)) == ["product", "product", "user"]
    assert summary(plan) in ("user > product | product", "product | user > product")


def test_the_tree_shows_what_is_fetched_and_what_it_needs(endpoint: str) -> None:
    lines = render(ask("{ me { library { title } } }", {}, endpoint)).splitlines()
    assert lines == [
        "Sequence",
        "├─ Fetch user (query) { me { library { __typename id } } }",
        "└─ Flatten me.library.@: Fetch product (query) { ... on Product { title } }  needs Product { id }",
    ]


def test_a_condition_names_its_variable(endpoint: str) -> None:
    plan = ask("query($a: Boolean!) { me { name library @include(if: $a) { title } } }", {"a": True}, endpoint)
    assert "Condition if $a" in render(plan)
    assert summary(plan) == "user > [product]"


def test_an_operation_may_need_no_subgraph(endpoint: str) -> None:
    plan = ask("{ __typename }", {}, endpoint)
    assert fetches(plan) == []
    assert summary(plan) == "no subgraph"


def test_a_plan_is_not_an_execution(endpoint: str, ailing: str) -> None:
    assert fetches(ask(QUERY, {}, ailing)) == fetches(ask(QUERY, {}, endpoint))


def test_the_command_reads_an_argument_a_file_or_the_input(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "query.graphql").write_text(QUERY)
    monkeypatch.setattr("sys.stdin", io.StringIO(QUERY))
    printed = []
    for query in (QUERY, str(tmp_path / "query.graphql"), "-"):
        assert main(["plan", query, "--endpoint", endpoint]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0].startswith("Parallel")
    assert printed[0] == printed[1] == printed[2]


def test_json_is_the_raw_plan(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    query = "query($id: ID!) { product(id: $id) { title } }"
    assert main(["plan", query, "--variables", '{"id": 1}', "--json", "--endpoint", endpoint]) == 0
    assert json.loads(capsys.readouterr().out)["node"]["serviceName"] == "product"


def test_an_invalid_query_prints_the_messages(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "{ nope }", "--endpoint", endpoint]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert 'Cannot query field "nope"' in said.err
    assert "line 1, column 3" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no/such/file"], "readable file"),
        (["{ x }", "--variables", "{"], "JSON"),
        (["{ x }", "--variables", "[]"], "object"),
    ],
)
def test_wrong_arguments_are_said_so(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_a_router_that_is_not_there_is_said_so(subgraphs: str) -> None:
    (nobody,) = free_ports(1)
    with pytest.raises(PlanFailed, match=f"No router answers at http://127.0.0.1:{nobody}"):
        ask(QUERY, {}, f"http://127.0.0.1:{nobody}/graphql")
    with pytest.raises(PlanFailed, match="404"):
        ask(QUERY, {}, f"{subgraphs}/elsewhere")


def test_without_a_running_store_a_router_is_started_for_the_question(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (nobody,) = free_ports(1)
    monkeypatch.setenv("STEAMPUNK_GATEWAY", "node" if isinstance(gateway, NodeGateway) else "router")
    monkeypatch.setattr(client, "ENDPOINT", f"http://127.0.0.1:{nobody}/graphql")
    monkeypatch.setattr(client, "SUPERGRAPH", SUPERGRAPH)
    assert main(["plan", "{ me { name } }"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "user"
    assert "Nothing listens" in said.err
