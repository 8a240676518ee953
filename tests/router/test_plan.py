"""`python -m router plan`, on Apollo Router and on the Node gateway."""

import io
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from router import client
from router.__main__ import main
from router.client import PlanFailed, request_plan
from router.plan import fetches, render, summary
from router.process import Gateway, NodeGateway, free_ports

SUPERGRAPH = Path(__file__).parent / "supergraph.graphql"
QUERY = "{ me { name library { title } } product(id: 7) { title } }"


def test_fetches_and_summary_follow_the_plan(endpoint: str) -> None:
    plan = request_plan(QUERY, {}, endpoint)
    assert sorted(fetches(plan)) == ["product", "product", "user"]
    assert summary(plan) in ("user > product | product", "product | user > product")


def test_the_tree_shows_each_fetch_and_its_required_fields(endpoint: str) -> None:
    lines = render(request_plan("{ me { library { title } } }", {}, endpoint)).splitlines()
    assert lines == [
        "Sequence",
        "├─ Fetch user (query) { me { library { __typename id } } }",
        "└─ Flatten me.library.@: Fetch product (query) { ... on Product { title } }  needs Product { id }",
    ]


def test_a_condition_names_its_variable(endpoint: str) -> None:
    plan = request_plan("query($a: Boolean!) { me { name library @include(if: $a) { title } } }", {"a": True}, endpoint)
    assert "Condition if $a" in render(plan)
    assert summary(plan) == "user > [product]"


DEFERRED = '{ me { name library { id ... @defer(label: "titles") { title } } } }'


def test_a_deferred_part_is_shown_below_what_comes_first(router_endpoint: str) -> None:
    plan = request_plan(DEFERRED, {}, router_endpoint)
    assert fetches(plan) == ["user", "product"]
    assert summary(plan) == "user, later product"
    assert [line.partition(" {")[0] for line in render(plan).splitlines()] == [
        "Defer",
        "├─ Primary",
        "│  └─ Fetch user (query)",
        "└─ Deferred me.library (titles)",
        "   └─ Flatten me.library.@: Fetch product (query)",
    ]


def test_an_operation_may_need_no_subgraph(endpoint: str) -> None:
    plan = request_plan("{ __typename }", {}, endpoint)
    assert fetches(plan) == []
    assert summary(plan) == "no subgraph"


def test_planning_does_not_execute_the_operation(endpoint: str, broken_endpoint: str) -> None:
    assert fetches(request_plan(QUERY, {}, broken_endpoint)) == fetches(request_plan(QUERY, {}, endpoint))


def test_the_command_reads_an_argument_a_file_or_standard_input(
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


def test_json_prints_the_raw_plan(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    query = "query($id: ID!) { product(id: $id) { title } }"
    assert main(["plan", query, "--variables", '{"id": 1}', "--json", "--endpoint", endpoint]) == 0
    assert json.loads(capsys.readouterr().out)["node"]["serviceName"] == "product"


def test_an_invalid_query_prints_the_error_messages(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "{ nope }", "--endpoint", endpoint]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert 'Cannot query field "nope"' in printed.err
    assert "line 1, column 3" in printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no/such/file"], "readable file"),
        (["{ x }", "--variables", "{"], "JSON"),
        (["{ x }", "--variables", "[]"], "object"),
    ],
)
def test_wrong_arguments_are_reported(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_an_unreachable_router_is_reported(subgraphs: str) -> None:
    (closed,) = free_ports(1)
    with pytest.raises(PlanFailed, match=f"No router answers at http://127.0.0.1:{closed}"):
        request_plan(QUERY, {}, f"http://127.0.0.1:{closed}/graphql")
    with pytest.raises(PlanFailed, match="404"):
        request_plan(QUERY, {}, f"{subgraphs}/elsewhere")


@pytest.mark.parametrize("setting", ["STEAMPUNK_GRAPHQL_URL", "STEAMPUNK_ROUTER_PORT"])
def test_the_command_finds_the_store_by_its_settings(
    endpoint: str, setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STEAMPUNK_GRAPHQL_URL", raising=False)
    value = endpoint if setting == "STEAMPUNK_GRAPHQL_URL" else str(urlsplit(endpoint).port)
    monkeypatch.setenv(setting, value)
    assert main(["plan", "{ me { name } }"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "user"
    assert printed.err == ""


def test_without_a_running_store_a_temporary_router_is_started(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (closed,) = free_ports(1)
    monkeypatch.setenv("STEAMPUNK_GATEWAY", "node" if isinstance(gateway, NodeGateway) else "router")
    monkeypatch.delenv("STEAMPUNK_GRAPHQL_URL", raising=False)
    monkeypatch.setenv("STEAMPUNK_ROUTER_PORT", str(closed))
    monkeypatch.setattr(client, "SUPERGRAPH", SUPERGRAPH)
    assert main(["plan", "{ me { name } }"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "user"
    assert "Nothing listens" in printed.err
