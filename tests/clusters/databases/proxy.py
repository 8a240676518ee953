"""HAProxy in front of a cluster, with the configuration of deploy/."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from subgraphs.store.processes import Program
from tests.clusters.databases.hosts import NUMBERS
from tests.clusters.databases.nodes import DEPLOY, READY_SECONDS, Node
from tests.haproxy import HAPROXY, ask, statistics


class Proxy:
    """Sends everybody to the one writer."""

    def __init__(self, port: int, nodes: Sequence[Node], check: str, folder: Path) -> None:
        self.port = port
        self.socket = folder / "haproxy.sock"
        self._nodes = {node.name: node for node in nodes}
        variables = {f"DATABASE_{number}": node.address for number, node in zip(NUMBERS, nodes, strict=True)}
        variables |= {"DATABASE_PROXY": f"127.0.0.1:{port}", "DATABASE_CHECK": f"{DEPLOY}/mariadb/{check}"}
        variables |= {"DATABASE_SOCKET": str(self.socket)}
        command = [str(HAPROXY), "-W", "-f", str(DEPLOY / "haproxy-databases.cfg")]
        self._process = Program("haproxy", command, {**os.environ, **variables}, folder / "logs")

    def wait_for_a_writer(self) -> None:
        self._process.wait_until(lambda: any(row["status"] == "UP" for row in self._rows()), READY_SECONDS)

    def writer(self) -> Node:
        """The node to which it sends everybody."""
        found = re.search(r"server_key=(\S+)", ask(self.socket, "show table writer"))
        assert found, "nobody has connected yet"
        return self._nodes[found[1]]

    def connections_to(self, node: Node) -> int:
        """How many connections it has opened to a node since it runs."""
        return next(int(row["stot"]) for row in self._rows() if row["svname"] == node.name)

    def stop(self) -> None:
        self._process.kill()

    def _rows(self) -> list[dict[str, str]]:
        return [row for row in statistics(self.socket) if row["svname"] in self._nodes]
