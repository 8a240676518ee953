"""Which faults are injected in what order: told by a seed."""

from itertools import chain, cycle, islice
from random import Random

from subgraphs.kit.settings import SUBGRAPHS
from tests.faults.injections import Conflict, Edge, Freeze, Injection, Kill, KillAt, TinyPool
from tests.faults.server_injections import CutConnections, DeliverAgain, DeliverBackwards, Flush, HoldLocks, LoseRedis

BATCH = 4
"""So many faults follow each other before all must have settled."""
COMMITS = ("before commit", "after commit")
BOUNDARIES = {
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
WRITERS = tuple(BOUNDARIES)
EDGES = (
    *(("payment", target) for target in ("order", "stock", "library")),
    *(("order", target) for target in ("product", "stock", "library")),
)


def injections(has_mariadb: bool) -> list[list[Injection]]:
    """All faults, those of a kind together."""
    processes = [*SUBGRAPHS, "router", "redis", *(["mariadb"] if has_mariadb else [])]
    kinds: list[list[Injection]] = [
        [Kill(process) for process in processes],
        [KillAt(process, point) for process, points in BOUNDARIES.items() for point in points],
        [Freeze(process) for process in processes],
        [LoseRedis()],
        [Flush()],
        [Conflict(process, code) for process in WRITERS for code in (1020, 1205, 1213)],
        [Edge(*edge, how) for edge in EDGES for how in ("refused", "late", "answer lost")],
        [TinyPool(process) for process in WRITERS],
        [HoldLocks("payment", ("wallets", "payments")), HoldLocks("stock", ("limited_stocks", "holds"))],
        [DeliverAgain()],
        [DeliverBackwards()],
    ]
    return kinds + ([[CutConnections()]] if has_mariadb else [])


def schedule(seed: int, count: int, has_mariadb: bool) -> list[list[Injection]]:
    """Batches of faults: first one of each kind, then all of them, again and again."""
    rng = Random(seed)
    kinds = injections(has_mariadb)
    first = [rng.choice(kind) for kind in kinds]
    others = [injection for kind in kinds for injection in kind]
    rng.shuffle(first)
    rng.shuffle(others)
    chosen = list(islice(chain(first, cycle(others)), count))
    return [chosen[start : start + BATCH] for start in range(0, count, BATCH)]
