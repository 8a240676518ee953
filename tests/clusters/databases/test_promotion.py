"""What deploy/mariadb/semi-sync does for the operator, and what it refuses."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pymysql
import pytest

from tests.clusters.databases.conftest import running_cluster
from tests.clusters.databases.nodes import Node
from tests.clusters.databases.proxy import Proxy
from tests.clusters.databases.semi_sync import SemiSync

WAITING_SECONDS = 60


@pytest.fixture
def semi_sync(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SemiSync, Proxy]]:
    with running_cluster("semi-sync", tmp_path_factory.mktemp("promotion")) as (cluster, proxy):
        assert isinstance(cluster, SemiSync)
        write(proxy, "CREATE DATABASE steampunk_test")
        write(proxy, "CREATE TABLE steampunk_test.numbers (number INT PRIMARY KEY)")
        write(proxy, "INSERT INTO steampunk_test.numbers VALUES (1)")
        yield cluster, proxy


def write(proxy: Proxy, statement: str) -> None:
    """Writes a row, and returns once the commit is acknowledged. Raises pymysql.Error."""
    options = {"user": "shop", "password": "password", "autocommit": True, "read_timeout": WAITING_SECONDS}
    with closing(pymysql.connect(host="127.0.0.1", port=proxy.port, **options)) as connection:
        connection.cursor().execute(statement)


def numbers(node: Node) -> list[int]:
    return [row["number"] for row in node.query("SELECT number FROM steampunk_test.numbers ORDER BY number")]


def test_a_commit_that_no_replica_has_is_neither_acknowledged_nor_kept(semi_sync: tuple[SemiSync, Proxy]) -> None:
    cluster, proxy = semi_sync
    former = cluster.primary
    former.host.cut_off_from([node.host for node in cluster.nodes if node is not former])
    acknowledged: list[int] = []

    def insert() -> None:
        with suppress(pymysql.Error):
            write(proxy, "INSERT INTO steampunk_test.numbers VALUES (2)")
            acknowledged.append(2)

    customer = threading.Thread(target=insert)
    customer.start()
    former.wait_until("(SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT%') > 0")
    cluster.promote()  # the fence ends the customer's connection
    customer.join()
    proxy.wait_for_a_writer()
    assert acknowledged == []
    assert cluster.primary is not former

    former.host.reconnect()
    cluster.bring_back(former)
    write(proxy, "INSERT INTO steampunk_test.numbers VALUES (3)")
    for node in cluster.nodes:
        node.wait_until("(SELECT COUNT(*) FROM steampunk_test.numbers) = 2")
        assert numbers(node) == [1, 3]


def test_nobody_is_promoted_who_may_lack_what_was_acknowledged(semi_sync: tuple[SemiSync, Proxy]) -> None:
    cluster, _ = semi_sync
    former = cluster.primary
    other = next(node for node in cluster.nodes if node is not former)
    former.kill()
    other.kill()
    with pytest.raises(AssertionError, match="may be missing"):
        cluster.promote()

    other.start()
    other.wait_until("TRUE")
    cluster.promote()
    former.start()
    former.wait_until("TRUE")
    cluster.primary.kill()
    with pytest.raises(AssertionError, match="do not belong to one primary"):
        cluster.promote()
