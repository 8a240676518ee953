"""A store with two routers and two of each subgraph behind a real HAProxy, with the configuration of deploy/."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from router.process import Gateway
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import StoreSettings
from subgraphs.store.forked import Subgraph
from subgraphs.store.processes import Child, Program, answers
from subgraphs.store.store import Store
from tests.haproxy import HAPROXY, ask, statistics

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "deploy" / "haproxy-several.cfg"
KINDS = (*SUBGRAPHS, "router")
NUMBERS = 1, 2
READY_SECONDS = 120
DRAIN_SECONDS = 3
STOP_SECONDS = 60
SECRET = "STEAMPUNK_ROUTER_SECRET"


class Several(Store):
    """The store's own ports are HAProxy's; the instances listen on `ports`.

    `children` are named after what HAProxy calls them: `user-1`, `router-2`, ..., and `haproxy`.
    """

    def __init__(self, ports: Sequence[int], settings: StoreSettings, gateway: Gateway) -> None:
        super().__init__(settings, gateway)
        names = [f"{kind}-{number}" for kind in KINDS for number in NUMBERS]
        listeners = [
            *names,
            *[f"router-{number}-{what}" for number in NUMBERS for what in ("ready", "health", "metrics")],
        ]
        self._ports = dict(zip(listeners, ports, strict=False))
        assert len(self._ports) == len(listeners)

    def start(self) -> None:
        """Starts everything, and waits until HAProxy sends requests to each instance."""
        self._start_proxy()
        self.start_instances(f"{kind}-{number}" for number in NUMBERS for kind in KINDS)

    def start_instances(self, names: Iterable[str], code: Path | None = None) -> None:
        """Starts instances with the secrets as the file has them now, and waits until HAProxy has found them ready.

        `code` is a folder with another version of the project.
        """
        started = list(names)
        for name in started:
            self.children[name] = self._start(name, code)
        self.wait_answered(started)  # HAProxy may not have noticed yet that one was killed
        self._wait_until(lambda: self.in_rotation() >= set(started), f"{started} are not all in rotation")

    def wait_answered(self, names: Iterable[str]) -> None:
        """Waits until each instance says that it is ready, with all that it needs."""
        for name in names:
            self.children[name].wait_until(lambda name=name: self._is_ready(name), READY_SECONDS)  # type: ignore[misc]

    def stop_instances(self, names: Iterable[str]) -> None:
        """Sends SIGTERM to instances, and waits until they have ended by themselves."""
        stopped = [self.children[name] for name in names]
        for child in stopped:
            child.terminate()
        for child in stopped:
            assert child.exit_code(STOP_SECONDS) is not None, f"{child.name} has not ended"

    def restart_one_by_one(self, kinds: Iterable[str], code: Path | None = None) -> None:
        """As a deployment does: of each kind there is one instance that answers, all the time."""
        for number in NUMBERS:
            names = [f"{kind}-{number}" for kind in kinds]
            self.stop_instances(names)
            self.start_instances(names, code)

    def base_url_of_instance(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def in_rotation(self) -> set[str]:
        """The instances to which HAProxy sends requests."""
        rows = statistics(self._socket)
        return {row["svname"] for row in rows if row["svname"] in self._ports and row["status"] == "UP"}

    def reload_proxy(self) -> None:
        """Reloads HAProxy, which then sends the secrets that are now in the file of secrets."""
        before = self._proxy_worker()
        self._write_secret()
        os.kill(self.children["haproxy"].pid, signal.SIGUSR2)
        self._wait_until(lambda: self._proxy_worker() not in (before, ""), "HAProxy has not been reloaded")
        every = {name for name in self.children if name.rpartition("-")[0] in KINDS}
        self._wait_until(lambda: self.in_rotation() >= every, "HAProxy does not find all instances ready")

    def stop(self) -> None:
        for child in reversed(self.children.values()):
            child.kill()

    def _is_ready(self, name: str) -> bool:
        port = self._ports[f"{name}-ready" if name.startswith("router") else name]
        return answers(f"http://127.0.0.1:{port}/ready", self.settings.router_headers())

    def _start(self, name: str, code: Path | None) -> Child:
        kind, _, number = name.partition("-")
        port, environment = self._ports[name], self.settings.environment()
        environment["STEAMPUNK_DRAIN_TIME"] = str(DRAIN_SECONDS)
        if kind == "router":
            environment |= {
                "ROUTER_LISTEN": f"127.0.0.1:{port}",
                "ROUTER_HEALTH_LISTEN": f"127.0.0.1:{self._ports[f'{name}-health']}",
                "ROUTER_METRICS_LISTEN": f"127.0.0.1:{self._ports[f'{name}-metrics']}",
            }
            arguments = ["serve-router", "--port", str(self._ports[f"{name}-ready"])]
        elif code is None:
            return Subgraph(kind, port, 1, environment, self.logs / number)
        else:
            arguments = ["serve", kind, "--port", str(port)]
        environment["PYTHONPATH"] = str(code or ROOT)
        return Program(name, [sys.executable, "-P", "-m", "subgraphs", *arguments], environment, self.logs)

    def _start_proxy(self) -> None:
        ports = self.settings
        variables = {"PROXY_SOCKET": str(self._socket), "PROXY_ROUTER": f"127.0.0.1:{ports.router_port}"}
        variables |= {f"PROXY_{one.upper()}": f"127.0.0.1:{ports.port_of(one)}" for one in SUBGRAPHS}
        for listener, port in self._ports.items():
            variables[listener.upper().replace("-", "_")] = (
                str(port) if listener.endswith("-ready") else f"127.0.0.1:{port}"
            )
        self._write_secret()
        command = [str(HAPROXY), "-W", "-f", str(self._secret_file), "-f", str(CONFIGURATION)]
        self.children["haproxy"] = Program("haproxy", command, {**os.environ, **variables}, self.logs)
        self._wait_until(lambda: self._proxy_worker() != "", "HAProxy does not answer")

    @property
    def _socket(self) -> Path:
        return self.settings.state / "haproxy.sock"

    @property
    def _secret_file(self) -> Path:
        return self.settings.state / "secret.cfg"

    def _write_secret(self) -> None:
        self._secret_file.write_text(f'global\n    setenv {SECRET} "{self.settings.secrets()[SECRET]}"\n')

    def _proxy_worker(self) -> str:
        """The process id of HAProxy's worker; empty if none answers."""
        lines = ask(self._socket, "show info").splitlines()
        return "".join(line.removeprefix("Pid: ") for line in lines if line.startswith("Pid: "))

    def _wait_until(self, ready: Callable[[], bool], message: str) -> None:
        until = time.monotonic() + READY_SECONDS
        while not ready():
            for child in self.children.values():
                assert not child.has_ended, f"{child.name} has ended:\n{child.last_lines()}"
            assert time.monotonic() < until, message
            time.sleep(0.05)
