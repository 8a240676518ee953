"""Clients of Redis, by URL: one server, a primary that sentinels name, or a cluster.

    redis://, rediss://, unix://                             one server, as redis-py has it
    redis+sentinel://[user:password@]HOST,HOST/service[/db]  whichever server is the service's primary
    redis+cluster://[user:password@]HOST,HOST                the cluster to which these nodes belong

HOST is host:port; sentinels listen on 26379 unless it says otherwise, and nodes on 6379. In a cluster, the keys of
one command, script or pipeline with several keys have a hash tag in common.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import SplitResult, unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import RedisClusterException

from subgraphs.kit.problems import BadSetting, without_password

SENTINEL_PORT, NODE_PORT = 26_379, 6_379
PATIENCE_SECONDS = 2.0
"""How long an answer may take where another server takes over from a silent one. Reads of streams wait for 1 s."""

Address = tuple[str, int]


def connect(url: str, **options: Any) -> Redis:
    """A client, which connects when it is first used. `options` are redis-py's. Raises BadSetting."""
    common = {"decode_responses": True, "protocol": 2}
    try:
        parts = urlsplit(url)
        if parts.scheme == "redis+sentinel":
            return _by_sentinels(parts, common | _impatient() | options)
        if parts.scheme == "redis+cluster":
            # It has the same methods. What only one of the two can do is not used.
            return cast(Redis, _of_cluster(parts, common | _impatient() | options))
        return Redis.from_url(url, **common | options)
    except ValueError as error:
        raise BadSetting(
            f"STEAMPUNK_REDIS_URL is {without_password(url)}, which is no Redis URL ({error}). Write one such as "
            "redis://:password@host:6379/0, redis+sentinel://host:26379,host:26379,host:26379/service or "
            "redis+cluster://host:6379,host:6379, or leave the setting out: the store then runs a Valkey of its own."
        ) from error


def _impatient() -> dict[str, Any]:
    """Calls to a server that is gone fail soon: the next call then goes to the server that has taken over."""
    timeouts = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    return {**timeouts, "retry": Retry(NoBackoff(), 1)}


class _Primary(Redis):
    """The primary that sentinels name. Closes the connections to them, too."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await self.connection_pool.sentinel_manager.aclose()  # type: ignore[attr-defined]


class _Cluster(RedisCluster):
    """redis-py's client of a cluster. It raises the same errors as the client of a single server."""

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        try:
            return await super().execute_command(*command, **options)
        except asyncio.CancelledError:
            # The caller may have given up because the node is gone: find its successor before the next command.
            self._initialize = True
            raise
        except RuntimeError as error:  # uvloop's, for a connection that another command has found broken and closed
            raise ConnectionFailed(str(error)) from error

    async def initialize(self, *nodes: Any, **options: Any) -> RedisCluster:
        try:
            return await super().initialize(*nodes, **options)
        except RedisClusterException as error:  # no node can be reached, and this is no RedisError
            raise ConnectionFailed(str(error)) from error


def _by_sentinels(parts: SplitResult, options: dict[str, Any]) -> Redis:
    service, _, database = parts.path.removeprefix("/").partition("/")
    if not service:
        raise ValueError("the name of the service is missing")
    if not (database or "0").isdecimal():
        raise ValueError(f"the database {database!r} is no number")
    patience = {name: options[name] for name in ("socket_timeout", "socket_connect_timeout", "protocol")}
    # A sentinel that is gone must not be tried for long, since there are others.
    brief = {**patience, "retry": Retry(NoBackoff(), 0)}
    sentinels = Sentinel(_addresses(parts, SENTINEL_PORT), sentinel_kwargs=brief)  # type: ignore[no-untyped-call]
    credentials = _credentials(parts)
    primary = sentinels.master_for(unquote(service), _Primary, db=int(database or 0), **credentials, **options)
    return cast(Redis, primary)


def _of_cluster(parts: SplitResult, options: dict[str, Any]) -> RedisCluster:
    if parts.path.strip("/"):
        raise ValueError("a cluster has no databases to choose from")
    nodes = [ClusterNode(host, port) for host, port in _addresses(parts, NODE_PORT)]
    return _Cluster(startup_nodes=nodes, **_credentials(parts), **options)


def _credentials(parts: SplitResult) -> dict[str, Any]:
    found = {"username": parts.username, "password": parts.password}
    return {name: unquote(value) for name, value in found.items() if value}


def _addresses(parts: SplitResult, default_port: int) -> Sequence[Address]:
    if parts.query or parts.fragment:
        raise ValueError("it takes no options")
    addresses = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    if not all(address.hostname and address.port != 0 for address in addresses):
        raise ValueError("a host is missing")
    return [(str(address.hostname), address.port or default_port) for address in addresses]
