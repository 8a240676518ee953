"""`python -m subgraphs up`: the whole store on this machine, until Ctrl-C."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from router.choice import choose
from router.process import ApolloRouter, Gateway, GatewayMissing
from subgraphs.kit import settings as kit_settings
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store import sample_mark, seed
from subgraphs.store.config import SECRETS, StoreSettings
from subgraphs.store.left_over import end_left_over
from subgraphs.store.migrate import migrate_all
from subgraphs.store.processes import LaunchFailed, check_ports
from subgraphs.store.production import require_secure
from subgraphs.store.router_build import beside
from subgraphs.store.sample_mark import Mark, Stage
from subgraphs.store.sample_story import tell
from subgraphs.store.servers import check_grants, check_servers
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
    """Empties the state folder, but for secrets. Databases on a server stay as they are. The exit code."""
    settings = StoreSettings()
    try:
        end_left_over(settings.state)
        check_ports(settings.ports())
    except LaunchFailed as error:
        print(f"{error}\nIs the store still running? Stop it first.")
        return 1
    kept = settings.state.absolute() / SECRETS, Path(settings.secrets_file).absolute()
    for path in settings.state.absolute().glob("*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path not in kept:
            path.unlink()
    print(f"Removed what {settings.state} held, but not the secrets: other databases may need them.")
    return 0


@contextmanager
def running(settings: StoreSettings) -> Iterator[Store]:
    """A store that is ready within the block, and stopped after it. Raises Problem."""
    signal.signal(signal.SIGTERM, _interrupt)
    if ended := end_left_over(settings.state):
        print(f"Ended what an earlier start of this store had left behind (processes: {ended}).", flush=True)
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
        print(f"Starting the subgraphs and {store.gateway} ...")
        store.start()
        if not settings.production:
            tell(settings.graphql_url)
        print(f"Ready after {time.monotonic() - started:.1f} s.")
        yield store
    finally:
        store.stop()


def prepare(settings: StoreSettings) -> None:
    """Creates and migrates the databases; fills those that are new with sample data. Raises Problem."""
    print("Migrating the databases ...")
    config = kit_settings.settings()
    if not settings.production:
        sample_mark.mark_if_new(config)
    check_grants(config)
    migrate_all(config)
    if not settings.production:
        seed.seed_own(settings.playground_url)


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
        ("Schema", settings.schema_url),
        ("Live numbers", f"{settings.live_url}/sales/<id>/live"),
        *([("Metrics, router", metrics)] if isinstance(store.gateway, ApolloRouter) else []),
        *[(f"Metrics, {subgraph}", f"{settings.base_url_of(subgraph)}/metrics") for subgraph in SUBGRAPHS],
        ("State and logs", str(settings.state.absolute())),
        *([] if settings.production else [("Mails", str(settings.mail_folder))]),
    ]
    print()
    for name, value in rows:
        print(f"  {name:<20} {value}")
    print("\n  Subgraphs show their metrics to whoever sends the router's secret: docs/operate.md has the command.")
    if settings.production or sample_mark.read(kit_settings.settings()) in (None, Mark(Stage.NEW)):
        return
    print("\n  Sign in with")
    for account in seed.DEMO_ACCOUNTS:
        points = f", {account.points:,} points" if account.points else ""
        print(f"    {account.email:<24} {account.password:<20} {account.role.value}{points}")


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
