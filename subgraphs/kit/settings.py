"""Settings, read from `STEAMPUNK_*` environment variables. Durations are in seconds."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL

from subgraphs.kit.database.urls import parse

Mode = Literal["development", "production"]
SUBGRAPHS = ("user", "product", "order", "payment", "stock", "library")


class EnvironmentSettings(BaseSettings):
    """A base: `STEAMPUNK_` and the name of a setting is its variable, the docstring below it its description."""

    model_config = SettingsConfigDict(env_prefix="STEAMPUNK_", extra="ignore", use_attribute_docstrings=True)


class Settings(EnvironmentSettings):
    """What every subgraph needs to know about its surroundings."""

    mode: Mode = "development"
    """`production` closes what is open to developers, and refuses to start with anything insecure."""
    state: Path = Path(".steampunk")
    """The folder that holds the state of the embedded default."""
    database_url: str = ""
    """One URL for all subgraphs: each database is named after the URL's database, `_` and the subgraph."""
    user_database_url: str = ""
    """The URL for user's database alone, if it is on another server; it is named as with `database_url`, which must be
    set too."""
    product_database_url: str = ""
    """The same for product's."""
    order_database_url: str = ""
    """The same for order's."""
    payment_database_url: str = ""
    """The same for payment's."""
    stock_database_url: str = ""
    """The same for stock's."""
    library_database_url: str = ""
    """The same for library's."""
    redis_url: str = "redis://127.0.0.1:4110/0"
    """Redis or Valkey, which all subgraphs share."""
    host: str = "127.0.0.1"
    """The address that the subgraph listens on."""
    drain_time: float = 0.0
    """How long a process that gets SIGTERM goes on, with 503 at `/ready`: a proxy must notice in that time
    (docs/scaling.md)."""

    router_secret: SecretStr = SecretStr("")
    """The router sends it in `x-router-secret`, so that clients cannot bypass the router."""
    service_secret: SecretStr = SecretStr("")
    """Peers send it in `x-service-secret`: only they may use internal commands."""

    second_router_secret: SecretStr = SecretStr("")
    """Accepted beside `router_secret` during a rotation (docs/keys.md)."""
    second_service_secret: SecretStr = SecretStr("")
    """Accepted beside `service_secret` during a rotation."""

    user_url: str = "http://127.0.0.1:4101/graphql"
    """The GraphQL endpoint of user."""
    product_url: str = "http://127.0.0.1:4102/graphql"
    """The GraphQL endpoint of product."""
    order_url: str = "http://127.0.0.1:4103/graphql"
    """The GraphQL endpoint of order."""
    payment_url: str = "http://127.0.0.1:4104/graphql"
    """The GraphQL endpoint of payment."""
    stock_url: str = "http://127.0.0.1:4105/graphql"
    """The GraphQL endpoint of stock."""
    library_url: str = "http://127.0.0.1:4106/graphql"
    """The GraphQL endpoint of library."""

    token_issuer: str = "steampunk"
    """The issuer (`iss`) of access tokens: user sets it, and every subgraph requires it."""
    peer_timeout: float = 10.0
    """How long to wait for another subgraph's answer."""
    database_pool: int = 8
    """The most database connections of a process: half of them for reads, half for transactions."""
    batch_size: int = 200
    """The most requests that share a batch, and so a transaction."""
    traces: bool = False
    """Whether traces are sent; the router and all subgraphs must agree (docs/operate.md)."""
    traces_url: str = "http://127.0.0.1:4318"
    """The collector that takes them, by OTLP over HTTP."""
    revision: str = ""
    """The revision that runs, such as a commit: it is shown by the metric `steampunk_build_info`."""
    log_level: str = "INFO"
    """The least severe level that is logged."""
    log_format: str = "json"
    """`json`: a JSON object for each line; `text`: for a person at a terminal."""

    @property
    def production(self) -> bool:
        return self.mode == "production"

    def url_of(self, subgraph: str) -> str:
        """The GraphQL endpoint of a subgraph."""
        return str(getattr(self, f"{subgraph}_url"))

    def database_of(self, subgraph: str) -> URL:
        """The database of a subgraph: its own file on SQLite, its own database on MySQL. Raises BadSetting."""
        given = getattr(self, f"{subgraph}_database_url") or self.database_url
        url = parse(given or f"sqlite+aiosqlite:///{self.state.absolute()}/data/steampunk")
        suffix = ".db" if url.get_backend_name() == "sqlite" else ""
        return url.set(database=f"{url.database}_{subgraph}{suffix}")


@lru_cache(1)
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
