"""What the service of a running subgraph is built from."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from redis.asyncio import Redis

from subgraphs.kit.database.database import Database
from subgraphs.kit.messaging.inbox import Inbox
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
    http: aiohttp.ClientSession
    """For calls to the outside; peers are called by `peers`."""
    declared_outbox: Outbox | None = None
    declared_inbox: Inbox[Any] | None = None

    @property
    def outbox(self) -> Outbox:
        """Where events are written. Only a subgraph that declares `publishes` has one."""
        assert self.declared_outbox is not None, "This subgraph declares no events to publish."
        return self.declared_outbox

    @property
    def inbox(self) -> Inbox[Any]:
        """What brings the events of others. Only a subgraph that declares `consumes` has one."""
        assert self.declared_inbox is not None, "This subgraph declares no events to consume."
        return self.declared_inbox
