"""What happens to the writer, or to all nodes."""

from collections.abc import Callable, Sequence

from tests.clusters.databases.galera import Galera
from tests.clusters.databases.nodes import Node
from tests.clusters.databases.semi_sync import SemiSync

Cluster = Galera | SemiSync
KILLED = "killed"
ALL_KILLED = "all-killed"


def kill(writer: Node, others: Sequence[Node]) -> None:
    writer.kill()


def freeze(writer: Node, others: Sequence[Node]) -> None:
    writer.freeze()


def cut_off(writer: Node, others: Sequence[Node]) -> None:
    writer.host.cut_off()


def cut_off_from_the_others(writer: Node, others: Sequence[Node]) -> None:
    """Clients still reach the writer; the other nodes do not."""
    writer.host.cut_off_from([node.host for node in others])


def kill_all(writer: Node, others: Sequence[Node]) -> None:
    for node in (writer, *others):
        node.kill()


FAILURES: dict[str, Callable[[Node, Sequence[Node]], None]] = {
    KILLED: kill,
    "frozen": freeze,
    "cut-off": cut_off,
    "cut-off-from-the-others": cut_off_from_the_others,
    ALL_KILLED: kill_all,
}


def carry_on(cluster: Cluster, failure: str) -> None:
    """What the operator does at once."""
    if failure == ALL_KILLED:
        cluster.restart_all()
    else:
        cluster.promote()


def heal(cluster: Cluster, failure: str, writer: Node) -> None:
    """Brings the former writer back as it was: it does not know yet that another node has taken over."""
    writer.host.reconnect()
    if failure == "frozen":
        writer.thaw()
