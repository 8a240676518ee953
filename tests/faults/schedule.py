"""Draws the faults and their order from a seed."""

from itertools import chain, cycle, islice
from random import Random

from subgraphs.kit.settings import SUBGRAPHS
from tests.faults.injections import Conflict, Freeze, Injection, Kill, KillAt, PeerConnection, TinyPool
from tests.faults.server_injections import CutConnections, Flush, HoldLocks, LoseRedis, RedeliverEvents, ReverseEvents

BATCH = 4
"""The number of faults in a row before the store is checked."""
COMMITS = ("before commit", "after commit")
FAILPOINTS = {
    "payment": (
        *COMMITS,
        "relay: before",
        "relay: sent",
        "asking order",
        "checkout: placed",
        "checkout: held",
        "checkout: closed",
        "undo: released",
        "undo: detached",
        "refund: reserved",
        "refund: revoked",
        "pay: committed",
    ),
    "order": (*COMMITS, "inbox: delivered", "inbox: applied", "answered by product"),
    "stock": (
        *COMMITS,
        "inbox: delivered",
        "inbox: applied",
        "hold: committed",
        "release: committed",
        "claim: committed",
    ),
    "library": (*COMMITS, "inbox: delivered", "inbox: applied"),
}
WRITERS = tuple(FAILPOINTS)
CONNECTIONS = (
    *(("payment", target) for target in ("order", "stock", "library")),
    *(("order", target) for target in ("product", "stock", "library")),
)


def injections(has_mariadb: bool) -> list[list[Injection]]:
    """All faults, grouped by kind."""
    processes = [*SUBGRAPHS, "router", "redis", *(["mariadb"] if has_mariadb else [])]
    kinds: list[list[Injection]] = [
        [Kill(process) for process in processes],
        [KillAt(process, point) for process, points in FAILPOINTS.items() for point in points],
        [Freeze(process) for process in processes],
        [LoseRedis()],
        [Flush()],
        [Conflict(process, code) for process in WRITERS for code in (1020, 1205, 1213)],
        [PeerConnection(*connection, how) for connection in CONNECTIONS for how in ("refused", "slow", "answer lost")],
        [TinyPool(process) for process in WRITERS],
        [HoldLocks("payment", ("wallets", "payments")), HoldLocks("stock", ("limited_stocks", "holds"))],
        [RedeliverEvents()],
        [ReverseEvents()],
    ]
    return kinds + ([[CutConnections()]] if has_mariadb else [])


def schedule(seed: int, count: int, has_mariadb: bool) -> list[list[Injection]]:
    """Returns `count` faults in batches: first one of each kind, then all of them in a cycle."""
    rng = Random(seed)
    kinds = injections(has_mariadb)
    first = [rng.choice(kind) for kind in kinds]
    others = [injection for kind in kinds for injection in kind]
    rng.shuffle(first)
    rng.shuffle(others)
    chosen = list(islice(chain(first, cycle(others)), count))
    return [chosen[start : start + BATCH] for start in range(0, count, BATCH)]
