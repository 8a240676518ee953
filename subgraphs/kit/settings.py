"""Settings, read from `STEAMPUNK_*` environment variables. Durations are in seconds."""

from functools import lru_cache
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL

from subgraphs.kit.database.urls import parse

SUBGRAPHS = ("user", "product", "order", "payment", "stock", "library")


class Settings(BaseSettings):
    """What every subgraph needs to know about its surroundings."""

    model_config = SettingsConfigDict(env_prefix="STEAMPUNK_", extra="ignore")

    state: Path = Path(".steampunk")
    """The folder that holds the state of the embedded default."""
    database_url: str = ""
    """One URL for all subgraphs: each database is named after the URL's database, `_` and the subgraph."""
    redis_url: str = "redis://127.0.0.1:4110/0"
    host: str = "127.0.0.1"

    router_secret: SecretStr = SecretStr("")
    """The router sends it in `x-router-secret`, so that clients cannot bypass the router."""
    service_secret: SecretStr = SecretStr("")
    """Peers send it in `x-service-secret`: only they may use internal commands."""

    user_url: str = "http://127.0.0.1:4101/graphql"
    product_url: str = "http://127.0.0.1:4102/graphql"
    order_url: str = "http://127.0.0.1:4103/graphql"
    payment_url: str = "http://127.0.0.1:4104/graphql"
    stock_url: str = "http://127.0.0.1:4105/graphql"
    library_url: str = "http://127.0.0.1:4106/graphql"

    token_issuer: str = "steampunk"
    peer_timeout: float = 10.0
    database_pool: int = 8
    batch_size: int = 200
    log_level: str = "INFO"
    log_format: str = "json"

    def url_of(self, subgraph: str) -> str:
        """The GraphQL endpoint of a subgraph."""
        return str(getattr(self, f"{subgraph}_url"))

    def database_of(self, subgraph: str) -> URL:
        """The database of a subgraph: its own file on SQLite, its own database on MySQL. Raises BadSetting."""
        url = parse(self.database_url or f"sqlite+aiosqlite:///{self.state.absolute()}/data/steampunk")
        suffix = ".db" if url.get_backend_name() == "sqlite" else ""
        return url.set(database=f"{url.database}_{subgraph}{suffix}")


@lru_cache(1)
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
