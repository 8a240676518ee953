"""A store for a measurement: in a temporary folder, on free ports, with the sample catalogue."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from etl import sample
from etl.load import load
from perf.servers import mariadb, redis_server
from router.process import free_ports
from subgraphs.kit.problems import Problem
from subgraphs.kit.settings import SUBGRAPHS, settings
from subgraphs.store.config import SECRETS, StoreSettings, make_secrets
from subgraphs.store.processes import LaunchFailed, check_ports
from subgraphs.store.up import running

PORTS = "ROUTER", "ROUTER_HEALTH", "ROUTER_METRICS", "PLAYGROUND", "LIVE", "VALKEY"
FIRST_PORTS = range(20_000, 32_000, 20)
SERVERS = "mariadbd", "redis-server"
NAMES = "STEAMPUNK_STATE", "STEAMPUNK_DATABASE_URL"


def is_named() -> bool:
    """Whether the environment names a store to measure."""
    return any(os.environ.get(name) for name in NAMES)


@contextmanager
def own_store(embedded: bool, games: int = 0) -> Iterator[None]:
    """Within the block, this process's settings name a store that runs: on MariaDB and Redis, or embedded.

    With `games`, so many synthetic games are added to the catalogue. Raises Problem.
    """
    missing = [] if embedded else [program for program in SERVERS if shutil.which(program) is None]
    if missing:
        raise Problem(f"{' and '.join(missing)} must be installed. Or measure the embedded engines: --embedded")
    with tempfile.TemporaryDirectory(prefix="perf-") as name, ExitStack() as stack:
        folder = Path(name)
        place = {"STEAMPUNK_STATE": str(folder / "state"), **_ports()}
        if not embedded:
            make_secrets(folder / SECRETS)
            place["STEAMPUNK_SECRETS_FILE"] = str(folder / SECRETS)
            place["STEAMPUNK_DATABASE_URL"] = stack.enter_context(mariadb(folder, buffer_pool="1G"))[1]
            place["STEAMPUNK_REDIS_URL"] = stack.enter_context(redis_server(folder))[1]
        os.environ.update(place)
        stack.enter_context(running(StoreSettings()))
        if games:
            file = folder / "games.json"
            sample.write(file, games, 1)
            print(f"Loading {games:,} games ...", flush=True)
            load(file, settings().database_of("product"))
        yield


def _ports() -> dict[str, str]:
    """Ports in a row for the subgraphs, and one for each other process."""
    for first in FIRST_PORTS:
        ports = {f"subgraph {number}": first + number for number in range(len(SUBGRAPHS))}
        try:
            check_ports(ports)
        except LaunchFailed:
            continue
        others = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        return {f"STEAMPUNK_{name}_PORT": str(port) for name, port in {"SUBGRAPH": first, **others}.items()}
    raise Problem("There are no free ports for a store.")
