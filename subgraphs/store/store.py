"""The processes of a local store: Valkey, subgraphs, router, live numbers, and the playground or the schema's file."""

import sys
import time
from collections.abc import Callable

from router.process import Gateway
from router.process import environment as router_environment
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import StoreSettings
from subgraphs.store.forked import Live, Subgraph, prepare
from subgraphs.store.left_over import forget, record
from subgraphs.store.processes import Child, LaunchFailed, Program, answers, private_folder
from subgraphs.store.seed import demo_accounts_json
from subgraphs.store.valkey import valkey_command

READY_SECONDS = 60


class Store:
    """Starts and stops the processes of a store. Its databases must be migrated.

    The state folder is closed to everyone but its owner.
    """

    def __init__(self, settings: StoreSettings, gateway: Gateway) -> None:
        self.settings = settings
        self.gateway = gateway
        self.children: dict[str, Child] = {}
        self.logs = settings.state / "logs"
        private_folder(settings.state)
        prepare()

    def start_valkey(self) -> None:
        """Starts the embedded Valkey, with its data in the state folder."""
        data = self.settings.state.absolute() / "valkey"
        private_folder(data)
        command = valkey_command(self.settings.valkey_port, data)
        self._keep(Program("valkey", command, self.settings.environment(), self.logs))

    def start(self) -> None:
        """Starts everything else and waits until it is ready. Raises LaunchFailed."""
        for subgraph in SUBGRAPHS:
            self.start_subgraph(subgraph)
        self._start_router()
        self._keep(Live(self.settings.live_port, self._live_environment(), self.logs))
        if self.settings.production:
            self._start_pages("schema_file", self.settings.environment())
        else:
            accounts = {"STEAMPUNK_PLAYGROUND_ACCOUNTS": demo_accounts_json()}
            self._start_pages("playground", {**self.settings.environment(), **accounts})
        self.wait_ready()

    def start_subgraph(self, name: str) -> None:
        """Starts one subgraph; does not wait until it is ready."""
        port, workers = self.settings.port_of(name), self.settings.workers
        self._keep(Subgraph(name, port, workers, self.settings.environment(), self.logs))

    def wait_ready(self) -> None:
        """Waits until every subgraph and the router answer. Raises LaunchFailed."""
        secret = self.settings.router_headers()
        for subgraph in SUBGRAPHS:
            url = f"{self.settings.base_url_of(subgraph)}/ready"
            self.children[subgraph].wait_until(lambda url=url: answers(url, secret), READY_SECONDS)  # type: ignore[misc]
        health = f"http://127.0.0.1:{self.settings.router_health_port}/health"
        self.children["router"].wait_until(lambda: answers(health), READY_SECONDS)
        self.children["live"].wait_until(lambda: answers(f"{self.settings.live_url}/health"), READY_SECONDS)

    def watch(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Watches the processes for ever. Raises LaunchFailed when one has ended."""
        while True:
            for child in self.children.values():
                if child.has_ended:
                    raise LaunchFailed(f"{child.name} has ended:\n{child.last_lines()}")
            pause(0.5)

    def stop(self) -> None:
        """Stops everything in the reverse order of its start."""
        for child in reversed(self.children.values()):
            child.terminate()
        for child in reversed(self.children.values()):
            child.wait()
        forget(self.settings.state)

    def _start_router(self) -> None:
        port = self.settings
        listeners = {
            "ROUTER_LISTEN": f"127.0.0.1:{port.router_port}",
            "ROUTER_HEALTH_LISTEN": f"127.0.0.1:{port.router_health_port}",
            "ROUTER_METRICS_LISTEN": f"127.0.0.1:{port.router_metrics_port}",
            "ROUTER_PLAYGROUND_ORIGIN": self._playground_origin(),
        }
        environment = router_environment({**self.settings.environment(), **listeners})
        self._keep(Program("router", self.gateway.command(), environment, self.logs))

    def _live_environment(self) -> dict[str, str]:
        """Of the live numbers: the playground may listen as well."""
        environment = self.settings.environment()
        given = [environment.get("STEAMPUNK_LIVE_ORIGINS", ""), self._playground_origin()]
        return {**environment, "STEAMPUNK_LIVE_ORIGINS": ",".join(filter(None, given))}

    def _playground_origin(self) -> str:
        """Production has no playground."""
        return "" if self.settings.production else self.settings.playground_url

    def _start_pages(self, name: str, environment: dict[str, str]) -> None:
        """Starts what people see in a browser: the application of this module of `router`."""
        arguments = ["--factory", f"router.{name}:create_app", "--log-level", "warning"]
        command = [sys.executable, "-m", "uvicorn", *arguments, "--port", str(self.settings.playground_port)]
        self._keep(Program(name, command, environment, self.logs))

    def _keep(self, child: Child) -> None:
        self.children[child.name] = child
        record(self.settings.state, [one.pid for one in self.children.values()])
