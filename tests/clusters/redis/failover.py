"""A failover that loses what the primary has acknowledged."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.clusters.redis.nodes import Arrangement, Node


@dataclass(frozen=True)
class Failover:
    """What took over, and when: moments of `time.monotonic`."""

    new: Node
    lost_at: float
    promoted_at: float


async def fail_over(
    servers: Arrangement, tag: str, loss: str, meanwhile: Callable[[Node], Awaitable[None]]
) -> Failover:
    """Makes another server take over the keys of a hash tag, without the last writes that were acknowledged.

    `meanwhile` runs on the old primary's last writes, which reach no replica. Then the primary is `killed` or `cut off`.
    """
    key, unknown = f"{{{tag}}}", f"{{{tag}}}:acknowledged"
    old = await servers.primary_of(key)
    replicas = await servers.freeze_replicas(old)
    assert replicas
    async with old.client() as redis:
        assert await redis.set(unknown, "yes")
    await meanwhile(old)
    if loss == "killed":
        old.process.kill()
    else:
        old.freeze()
    lost_at = time.monotonic()
    for replica in replicas:
        replica.thaw()
    new = await servers.primary_of(key, other_than=old)
    promoted_at = time.monotonic()
    async with new.client() as redis:
        assert not await redis.exists(unknown), "no write was lost"
    return Failover(new, lost_at, promoted_at)
