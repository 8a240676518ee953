"""Way (b) of docs/databases.md: a primary, two lossless semi-synchronous replicas, and an operator who promotes one."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.clusters.databases.hosts import NUMBERS, Host
from tests.clusters.databases.nodes import DEPLOY, Node, template
from tests.clusters.databases.proxy import Proxy

OPERATOR = "[client]\nuser = operator\npassword = password\n"


class SemiSync:
    """The operator's commands are those of deploy/mariadb/semi-sync."""

    check = "check-semi-sync"

    def __init__(self, machines: Sequence[Host], folder: Path) -> None:
        self.nodes = [Node(n, host, folder, "semi-sync.cnf", "") for n, host in zip(NUMBERS, machines, strict=True)]
        data = template(folder)
        for node in self.nodes:
            node.take_data(data)
        self._operator = folder / "operator.cnf"
        self._operator.write_text(OPERATOR)
        self.primary = self.nodes[0]
        self.proxy: Proxy | None = None

    def start(self) -> None:
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_until("TRUE")

    def promote(self) -> None:
        said = self._run("promote", *self.nodes)
        self.primary = next(node for node in self.nodes if said == f"{node.name} is the primary.")

    def bring_back(self, former: Node) -> None:
        """Restarts a former primary: it undoes what no replica has acknowledged, and follows the next primary."""
        former.kill()
        former.start("--init-rpl-role=SLAVE")
        former.wait_until("TRUE")
        self._run("follow", former, self.primary)
        former.wait_until(f"MASTER_GTID_WAIT('{self.primary.value('@@gtid_current_pos')}', 1) >= 0")

    def restart_all(self) -> None:
        """Starts all nodes after all were killed. None undoes anything; the one with the most is promoted."""
        self.start()
        self.promote()

    def _run(self, command: str, *nodes: Node) -> str:
        assert self.proxy is not None
        variables = {"OPERATOR_CNF": str(self._operator), "DATABASE_SOCKET": str(self.proxy.socket)}
        variables |= {"REPLICATION_USER": "replica", "REPLICATION_PASSWORD": "password"}
        arguments = [f"{node.name}={node.address}" for node in nodes]
        script = subprocess.run(
            [DEPLOY / "mariadb" / "semi-sync", command, *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        assert script.returncode == 0, script.stderr
        return script.stdout.strip()
