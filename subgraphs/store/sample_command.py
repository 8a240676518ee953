"""`python -m subgraphs sample`: sample data for databases that `up` leaves alone."""

import sys

from subgraphs.kit.problems import Problem, without_password
from subgraphs.kit.settings import Settings
from subgraphs.store.config import StoreSettings
from subgraphs.store.processes import answers
from subgraphs.store.sample_story import tell
from subgraphs.store.seed import refusal, seed


def run(settings: Settings, yes: bool, router: str) -> int:
    """Asks unless `yes`, then adds what is missing of the sample data. The exit code. Raises Problem.

    Flash sales, and what the demo account owns, come by way of `router`, or of the local store's if it runs.
    """
    if refused := refusal():
        raise Problem(refused)
    if not yes and not _confirmed(without_password(settings.database_url or str(settings.state.absolute()))):
        print("Nothing was added.")
        return 1
    store = StoreSettings()
    seed(store.playground_url)
    if not router and answers(f"http://127.0.0.1:{store.router_health_port}/health"):
        router = store.graphql_url
    if router:
        return 0 if tell(router) else 1
    print("Flash sales, and what the demo account owns, are added when the store starts with `up`.")
    return 0


def _confirmed(place: str) -> bool:
    if not sys.stdin.isatty():
        raise Problem(f"This would add games and accounts with public passwords to {place}. Say --yes to do it.")
    return input(f"Add games, and accounts with public passwords, to {place}? [y/N] ").strip().lower() in ("y", "yes")
