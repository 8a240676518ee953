"""Way (a) of docs/databases.md: a Galera cluster of three nodes."""

import re
from collections.abc import Sequence
from pathlib import Path

from tests.clusters.databases.hosts import NUMBERS, Host
from tests.clusters.databases.nodes import Node, template

SYNCED = "(SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_local_state') = 4"


class Galera:
    """The nodes find each other, and the next writer is whichever HAProxy finds ready: there is nothing to promote."""

    check = "check-galera"

    def __init__(self, machines: Sequence[Host], folder: Path) -> None:
        cluster = ",".join(host.address for host in machines)
        self.nodes = [
            Node(
                number,
                host,
                folder,
                "galera.cnf",
                f"wsrep_cluster_address = gcomm://{cluster}\nwsrep_node_address = {host.address}\n"
                f"wsrep_node_name = db-{number}\nwsrep_sst_auth = root:\n",
            )
            for number, host in zip(NUMBERS, machines, strict=True)
        ]
        for node in self.nodes:
            node.take_data(template(folder) if node is self.nodes[0] else folder / "template")

    def start(self) -> None:
        first, *others = self.nodes
        first.start("--wsrep-new-cluster")
        first.wait_until(SYNCED)
        for node in others:
            node.start()
            node.wait_until(SYNCED)

    def promote(self) -> None:
        """The others go on by themselves."""

    def bring_back(self, former: Node) -> None:
        """Starts a node as systemd does: it first reads from its own data which transaction was its last."""
        if not former.runs:
            former.start(self._position(former))
        former.wait_until(SYNCED)

    def restart_all(self) -> None:
        """Starts all nodes after all were killed. Together they find out which has the last transaction."""
        for node in self.nodes:
            node.start(self._position(node))
        for node in self.nodes:
            node.wait_until(SYNCED)

    def _position(self, node: Node) -> str:
        found = re.findall(r"Recovered position:? (\S+)", node.run_once("--wsrep-recover", "--disable-log-error"))
        return f"--wsrep-start-position={found[-1]}"
