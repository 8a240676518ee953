"""What a running subgraph stands on; its service is built from this."""

from dataclasses import dataclass

from redis.asyncio import Redis

from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.outbox import Outbox
from subgraphs.kit.peers import Peers
from subgraphs.kit.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """The open resources of one process of one subgraph."""

    settings: Settings
    database: Database
    redis: Redis
    peers: Peers
    outbox: Outbox
