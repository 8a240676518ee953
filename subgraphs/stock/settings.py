"""Settings of the stock subgraph. Durations are in seconds."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class StockSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STEAMPUNK_", extra="ignore")

    claim_lifetime: float = 300
    """How long a claim holds its unit until it is bought."""
    claim_rate: float = 5
    """Attempts to claim that a user may make in a second in the long run ..."""
    claim_burst: int = 20
    """... and at once, after a pause."""
