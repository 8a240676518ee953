"""Settings of the stock subgraph. Durations are in seconds."""

from subgraphs.kit.settings import EnvironmentSettings


class StockSettings(EnvironmentSettings):
    """What the stock subgraph can be set to do."""

    claim_lifetime: float = 300
    """How long a claim holds its unit unless it is bought."""
    claim_rate: float = 5
    """How many attempts to claim a user may make per second in the long run."""
    claim_burst: int = 20
    """How many attempts a user may make at once, after a pause."""
    sale_poll: int = 2
    """How long a page should wait before it asks again how a running sale stands (`saleStatus`)."""
