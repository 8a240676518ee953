"""Which Redis URLs are supported, and what is said about others."""

import pytest
from redis.asyncio import RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool

from subgraphs.kit.problems import BadSetting
from subgraphs.kit.redis.client import connect


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://:secret@cache:6380/2", {"host": "cache", "port": 6380, "db": 2, "password": "secret"}),
        ("rediss://cache", {"host": "cache"}),
        ("unix:///run/redis.sock?db=1", {"path": "/run/redis.sock", "db": 1}),
    ],
    ids=["TCP", "TLS", "socket"],
)
def test_one_server(url: str, place: dict[str, object]) -> None:
    assert place.items() <= connect(url).connection_pool.connection_kwargs.items()


@pytest.mark.parametrize(
    ("url", "sentinels", "service", "place"),
    [
        (
            "redis+sentinel://one:26000,two/shop",
            [("one", 26000), ("two", 26379)],
            "shop",
            {"db": 0},
        ),
        (
            "redis+sentinel://ada:s%40cret@one,[::1]:26001/shop/3",
            [("one", 26379), ("::1", 26001)],
            "shop",
            {"db": 3, "username": "ada", "password": "s@cret"},
        ),
    ],
    ids=["short", "with everything"],
)
def test_sentinels_name_the_primary(
    url: str, sentinels: list[tuple[str, int]], service: str, place: dict[str, object]
) -> None:
    pool = connect(url).connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    asked = [one.connection_pool.connection_kwargs for one in pool.sentinel_manager.sentinels]
    assert [(one["host"], one["port"]) for one in asked] == sentinels
    assert (pool.service_name, pool.is_master) == (service, True)
    assert place.items() <= pool.connection_kwargs.items()


def test_nodes_lead_to_a_cluster() -> None:
    client = connect("redis+cluster://:secret@one:7000,two")
    assert isinstance(client, RedisCluster)
    found = client.nodes_manager.startup_nodes.values()
    assert [(node.host, node.port) for node in found] == [("one", 7000), ("two", 6379)]
    assert client.connection_kwargs["password"] == "secret"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://cache", "schemes"),
        ("cache:6379", "schemes"),
        ("redis://cache:port", "Port"),
        ("redis+sentinel://one,two", "the name of the service is missing"),
        ("redis+sentinel://one/shop/first", "the database 'first' is no number"),
        ("redis+sentinel:///shop", "a host is missing"),
        ("redis+sentinel://one,,two/shop", "a host is missing"),
        ("redis+sentinel://one:port/shop", "Port"),
        ("redis+sentinel://one/shop?socket_timeout=1", "it takes no options"),
        ("redis+cluster://ada:secret@one/1", "a cluster has no databases to choose from"),
        ("redis+cluster://one:70000", "Port"),
        ("redis+cluster://", "a host is missing"),
    ],
)
def test_another_url_is_refused_with_the_reason_and_examples(url: str, reason: str) -> None:
    with pytest.raises(BadSetting) as caught:
        connect(url)
    said = str(caught.value)
    assert reason in said
    assert "redis+sentinel://host:26379,host:26379,host:26379/service" in said
    assert "secret" not in said
