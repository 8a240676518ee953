"""The two arrangements of Redis servers: a primary and two replicas under three sentinels, and a cluster of six nodes."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

from perf.servers import program
from subgraphs.store.processes import Child, Program
from tests.clusters.redis.nodes import Arrangement, Node, start_node

SERVICE = "steampunk"
SENTINEL = f"""
sentinel monitor {SERVICE} 127.0.0.1 {{primary}} 2
sentinel down-after-milliseconds {SERVICE} {{silence}}
sentinel failover-timeout {SERVICE} 2000
"""
SILENCE_MILLISECONDS = 1000
"""How long a server may be silent before sentinels or nodes count it as gone."""
START_SECONDS = 30
PROGRAMS = "redis-server", "redis-cli"


@contextmanager
def sentinels(folder: Path, ports: Sequence[int]) -> Iterator[Arrangement]:
    """A primary and two replicas, which three sentinels watch."""
    own, others = ports[:3], ports[3:6]
    nodes = [start_node(folder, own[0])]
    nodes += [start_node(folder, port, "--replicaof", "127.0.0.1", str(own[0])) for port in own[1:]]
    watchers = [_sentinel(folder, port, own[0]) for port in others]
    hosts = ",".join(f"127.0.0.1:{port}" for port in others)
    try:
        for port, watcher in zip(others, watchers, strict=True):
            watcher.wait_until(lambda port=port: _knows_all(port), START_SECONDS)  # type: ignore[misc]
        yield Arrangement(f"redis+sentinel://{hosts}/{SERVICE}/0", nodes, primaries=1)
    finally:
        _stop([*watchers, *[node.process for node in nodes]], nodes)


@contextmanager
def cluster(folder: Path, ports: Sequence[int]) -> Iterator[Arrangement]:
    """Three primaries, each with a replica."""
    own, buses = ports[:6], ports[6:12]
    nodes = [start_node(folder, port, *_cluster_options(bus)) for port, bus in zip(own, buses, strict=True)]
    hosts = [f"127.0.0.1:{node.port}" for node in nodes]
    try:
        for node in nodes:
            node.process.wait_until(lambda node=node: _answers(node.port), START_SECONDS)  # type: ignore[misc]
        make = [program("redis-cli"), "--cluster", "create", *hosts, "--cluster-replicas", "1", "--cluster-yes"]
        subprocess.run(make, check=True, capture_output=True, timeout=START_SECONDS)
        yield Arrangement(f"redis+cluster://{','.join(hosts[:2])}", nodes, primaries=3)
    finally:
        _stop([node.process for node in nodes], nodes)


def _cluster_options(bus: int) -> list[str]:
    options = {"cluster-enabled": "yes", "cluster-port": bus, "cluster-node-timeout": SILENCE_MILLISECONDS}
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def _sentinel(folder: Path, port: int, primary: int) -> Child:
    data = folder / str(port)
    data.mkdir()
    configuration = data / "sentinel.conf"  # which the sentinel rewrites
    configuration.write_text(SENTINEL.format(primary=primary, silence=SILENCE_MILLISECONDS))
    command = [program("redis-server"), str(configuration), "--sentinel", "--port", str(port)]
    command += ["--bind", "127.0.0.1", "--dir", str(data)]
    return Program(f"sentinel-{port}", command, {}, folder / "logs")


def _knows_all(port: int) -> bool:
    """Whether a sentinel has found both replicas and both other sentinels, which alone can vote."""
    try:
        with redis.Redis(port=port, protocol=2) as client:
            found = client.sentinel_master(SERVICE)
    except redis.RedisError:
        return False
    return (found["num-slaves"], found["num-other-sentinels"], found["is_sdown"]) == (2, 2, False)


def _answers(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _stop(processes: Sequence[Child], nodes: Sequence[Node]) -> None:
    for node in nodes:
        node.thaw()
    for process in processes:
        process.stop()
