"""`python -m subgraphs up`: the whole store on this machine, until Ctrl-C."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from router.choice import choose
from router.process import ApolloRouter, Gateway, GatewayMissing
from subgraphs.kit import settings as kit_settings
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store import seed
from subgraphs.store.config import StoreSettings
from subgraphs.store.migrate import migrate_all
from subgraphs.store.processes import LaunchFailed, check_ports
from subgraphs.store.production import require_secure
from subgraphs.store.router_build import beside
from subgraphs.store.servers import check_servers
from subgraphs.store.store import Store


def up() -> int:
    """Starts the store, prints its addresses, and watches it. The exit code. Raises Problem."""
    try:
        with running(StoreSettings()) as store:
            _print_addresses(store)
            with beside(store) as pause:
                print("\n  Ctrl-C stops the store.", flush=True)
                store.watch(pause)
    except KeyboardInterrupt:
        print("\nStopped. `up` continues with the same data, `reset` removes it.")
    return 0


def reset() -> int:
    """Removes the state folder. The exit code."""
    settings = StoreSettings()
    try:
        check_ports(settings.ports())
    except LaunchFailed as error:
        print(f"{error}\nIs the store still running? Stop it first.")
        return 1
    shutil.rmtree(settings.state, ignore_errors=True)
    print(f"Removed {settings.state}.")
    return 0


@contextmanager
def running(settings: StoreSettings) -> Iterator[Store]:
    """A store that is ready within the block, and stopped after it. Raises Problem."""
    signal.signal(signal.SIGTERM, _interrupt)
    check_ports(settings.ports())
    os.environ.update(settings.environment())
    kit_settings.settings.cache_clear()
    require_secure(SUBGRAPHS)
    check_servers(kit_settings.settings(), own_redis=not settings.redis_url)
    store = Store(settings, _gateway())
    started = time.monotonic()
    try:
        if not settings.redis_url:
            store.start_valkey()
        prepare(settings)
        print(f"Starting six subgraphs and {store.gateway} ...")
        store.start()
        print(f"Ready after {time.monotonic() - started:.1f} s.")
        yield store
    finally:
        store.stop()


def prepare(settings: StoreSettings) -> None:
    """Migrates the databases and, the first time, fills them with sample data."""
    print("Migrating the databases ...")
    migrate_all(kit_settings.settings())
    marker = settings.state / "seeded"
    if not settings.production and not marker.exists():
        seed.seed()
        marker.touch()


def _gateway() -> Gateway:
    try:
        return choose(print)
    except GatewayMissing as error:
        raise LaunchFailed(str(error)) from error


def _print_addresses(store: Store) -> None:
    settings, metrics = store.settings, f"http://127.0.0.1:{store.settings.router_metrics_port}/metrics"
    rows = [
        ("GraphQL", settings.graphql_url),
        *([] if settings.production else [("Playground", settings.playground_url)]),
        *([("Metrics, router", metrics)] if isinstance(store.gateway, ApolloRouter) else []),
        *[(f"Metrics, {subgraph}", f"{settings.base_url_of(subgraph)}/metrics") for subgraph in SUBGRAPHS],
        ("State and logs", str(settings.state.absolute())),
    ]
    print()
    for name, value in rows:
        print(f"  {name:<20} {value}")
    if settings.production:
        return
    print("\n  Sign in with")
    for account in seed.DEMO_ACCOUNTS:
        points = f", {account.points:,} points" if account.points else ""
        print(f"    {account.email:<24} {account.password:<20} {account.role.value}{points}")


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
