"""Ages as metrics."""

import time
from datetime import datetime

from prometheus_client import Gauge


class Age:
    """Shows in a gauge how many seconds ago something began; 0 while there is nothing.

    The age grows by itself, so it stays right even if nobody calls `since` any more.
    """

    def __init__(self, gauge: Gauge) -> None:
        self._since: datetime | None = None
        gauge.set_function(self._seconds)

    def since(self, begun: datetime | None) -> None:
        self._since = begun

    def _seconds(self) -> float:
        return 0.0 if self._since is None else max(0.0, time.time() - self._since.timestamp())
