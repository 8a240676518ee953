"""The dashboards and alerts on a real Prometheus, which scrapes a running store that customers use."""

import asyncio
import json
import math
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import aiohttp
import pytest
import yaml

from router.process import NodeGateway
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import StoreSettings
from subgraphs.store.processes import Child, Program, answers
from tests.clients import eventually, sale_input
from tests.own_store import OwnStore
from tests.ports import reserved_ports
from tests.shop import CLAIM, FLASH_SALE, Shop

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = shutil.which("prometheus")
MANY = 25
"""More claims than a user may make at once."""


def expressions(file: Path) -> list[str]:
    panels = json.loads(file.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


DASHBOARDS = {file.stem: expressions(file) for file in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))}

ALARMING = {"Down", "NoAudit", "SigningKeyIsOld"}
"""Alerts that neither another test of this store can cause nor a slow machine."""

pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="Prometheus is not installed (apt install prometheus)")


class Metrics(BaseHTTPRequestHandler):
    """The metrics of a subgraph at its name. Debian's Prometheus cannot send the router's secret."""

    store: StoreSettings

    def do_GET(self) -> None:
        request = Request(f"{self.store.base_url_of(self.path[1:])}/metrics", headers=self.store.router_headers())
        with urlopen(request, timeout=30) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.end_headers()
        with suppress(BrokenPipeError):  # Prometheus has ended
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def ports() -> Iterator[list[int]]:
    with reserved_ports() as reserved:
        yield reserved


@pytest.fixture(scope="module")
def auditor(running: OwnStore, ports: list[int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The auditor as a job; its port."""
    command = [sys.executable, "-m", "subgraphs", "audit", "--wait", "1", "--every", "2", "--port", str(ports[0])]
    child = Program("auditor", command, running.store.settings.environment(), tmp_path_factory.mktemp("auditor"))
    yield from running_child(child, f"http://127.0.0.1:{ports[0]}/metrics", ports[0])


@pytest.fixture(scope="module")
def prometheus(
    running: OwnStore, auditor: int, ports: list[int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A Prometheus with deploy/prometheus.yml, but for the addresses; its own address."""
    if isinstance(running.store.gateway, NodeGateway):
        pytest.skip("the Node gateway has no metrics")
    folder, (_, relay, port, *_) = tmp_path_factory.mktemp("prometheus"), ports
    handler = type("Relay", (Metrics,), {"store": running.store.settings})
    server = ThreadingHTTPServer(("127.0.0.1", relay), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    addresses = {"router": running.store.settings.router_metrics_port, "auditor": auditor}
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration(addresses, f"127.0.0.1:{relay}")))
    command = [str(PROMETHEUS), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"]
    child = Program("prometheus", [*command, f"--web.listen-address=127.0.0.1:{port}"], {}, folder)
    yield from running_child(child, f"http://127.0.0.1:{port}/-/ready", f"http://127.0.0.1:{port}")
    server.shutdown()
    server.server_close()


def running_child(child: Child, ready: str, value: Any) -> Iterator[Any]:
    try:
        child.wait_until(lambda: answers(ready), 60)
        yield value
    finally:
        child.stop()


def configuration(ports: dict[str, int], relay: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    parsed["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    parsed["rule_files"] = [str(DEPLOY / "alerts.yml")]
    parsed["scrape_configs"] = [job for job in parsed["scrape_configs"] if job["job_name"] != "live"]
    for job in parsed["scrape_configs"]:
        if job["job_name"] in ports:
            job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
        else:
            job.pop("http_headers")
            job.pop("relabel_configs")
            labels = [{"subgraph": name, "__metrics_path__": f"/{name}"} for name in SUBGRAPHS]
            job["static_configs"] = [{"targets": [relay], "labels": one} for one in labels]
    return parsed


@pytest.fixture(scope="module")
async def customers(shop: Shop, prometheus: str) -> AsyncIterator[None]:
    """Some who buy, pay, claim and err, again and again."""
    game = await shop.games.new(usd="1.00")
    sale = await shop.client.data(FLASH_SALE, {"input": sale_input(game, 1, 2)}, shop.games.developer)

    async def use() -> None:
        while True:
            customer = await shop.customer()
            await shop.bought(customer, await shop.games.new())
            payment = await shop.started(customer, await shop.ordered(customer, await shop.games.new()))
            await shop.client.run(
                "mutation Pay($id: ID!) { pay(paymentId: $id) { __typename } }", {"id": payment}, customer
            )
            await shop.client.run('mutation Pay { pay(paymentId: "none") { __typename } }', viewer=customer)
            claims = [shop.client.run(CLAIM, {"id": sale["createFlashSale"]["id"]}, customer) for _ in range(MANY)]
            await asyncio.gather(*claims)

    task = asyncio.create_task(use())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("dashboard", DASHBOARDS)
async def test_every_panel_shows_data(
    http: aiohttp.ClientSession, prometheus: str, customers: None, dashboard: str
) -> None:
    wanted = list(DASHBOARDS[dashboard])

    async def all_have_data() -> bool:
        for expression in list(wanted):
            if await series(http, prometheus, expression):
                wanted.remove(expression)
        return not wanted

    with suppress(AssertionError):
        await eventually(all_have_data, 90)
    assert not wanted


async def test_no_panel_and_no_alert_shows_nan(http: aiohttp.ClientSession, prometheus: str, customers: None) -> None:
    """Most series of a store are idle at any moment."""
    for expression in [one for expressions in DASHBOARDS.values() for one in expressions]:
        for one in await series(http, prometheus, expression):
            assert math.isfinite(float(one["value"][1])), expression


async def test_alerts_are_evaluated_and_a_store_that_is_well_fires_none(
    http: aiohttp.ClientSession, prometheus: str, customers: None
) -> None:
    async def rules() -> list[dict[str, Any]]:
        async with http.get(f"{prometheus}/api/v1/rules") as answer:
            groups = (await answer.json())["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    async def are_evaluated() -> bool:
        return all(rule["health"] == "ok" for rule in await rules())

    await eventually(are_evaluated, 60)
    assert not [rule["name"] for rule in await rules() if rule.get("state") == "firing" and rule["name"] in ALARMING]


async def series(http: aiohttp.ClientSession, prometheus: str, expression: str) -> list[dict[str, Any]]:
    async with http.get(f"{prometheus}/api/v1/query", params={"query": expression}) as response:
        answer = await response.json()
    assert answer["status"] == "success", answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found
