"""Settings of the stock subgraph. Durations are in seconds."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class StockSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STEAMPUNK_", extra="ignore")

    claim_lifetime: float = 300
    """How long a claim holds its unit unless it is bought."""
    claim_rate: float = 5
    """How many attempts to claim a user may make per second in the long run."""
    claim_burst: int = 20
    """How many attempts a user may make at once, after a pause."""
