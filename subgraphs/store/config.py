"""A local store's settings: its state folder, ports and secrets."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field

from subgraphs.kit import settings as kit_settings
from subgraphs.kit.problems import Problem
from subgraphs.kit.settings import SUBGRAPHS, EnvironmentSettings, Mode, Settings

Port = Annotated[int, Field(ge=1, le=65_535)]

SECRETS = "secrets.json"
SECRET_NAMES = "STEAMPUNK_ROUTER_SECRET", "STEAMPUNK_SERVICE_SECRET", "STEAMPUNK_DATA_KEY"


class StoreSettings(EnvironmentSettings):
    """Settings of a local store. Every port must be free on 127.0.0.1."""

    mode: Mode = "development"
    """The same as a subgraph's. In production there is no playground, no sample data and no sandbox for points."""
    state: Path = Path(".steampunk")
    """The folder of the store's data, logs and secrets."""
    database_url: str = ""
    """The same as a subgraph's. Empty: SQLite, one file for each subgraph, in the state folder."""
    redis_url: str = ""
    """The same as a subgraph's. Empty: an embedded Valkey on `valkey_port`, with its data in the state folder."""
    secrets_file: str = ""
    """A file that `python -m subgraphs secrets FILE` has made. Empty: the environment holds the secrets. The embedded
    databases have a file of their own, which the state folder holds."""
    router_port: Port = 4000
    """The port of the router's GraphQL endpoint."""
    router_health_port: Port = 4088
    """The port of the router's health check."""
    router_metrics_port: Port = 4090
    """The port of the router's metrics."""
    playground_port: Port = 4080
    """The port of the playground and of `/schema.graphql`, which production has, too."""
    live_port: Port = 4070
    """The port of the live numbers of flash sales."""
    subgraph_port: Annotated[int, Field(ge=1, le=65_536 - len(SUBGRAPHS))] = 4101
    """The port of user; the other subgraphs have the next ones, in the order of their `..._URL` above."""
    valkey_port: Port = 4110
    """The port of the embedded Valkey."""
    settlement_delay: str = ""
    """Seconds until a refund is paid; empty: payment's default, a day."""
    workers: int = 1
    """Processes of each subgraph."""

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @property
    def graphql_url(self) -> str:
        return f"http://127.0.0.1:{self.router_port}/graphql"

    @property
    def playground_url(self) -> str:
        return f"http://127.0.0.1:{self.playground_port}"

    @property
    def schema_url(self) -> str:
        """Where clients download their schema."""
        return f"{self.playground_url}/schema.graphql"

    @property
    def live_url(self) -> str:
        """Where the live numbers of flash sales are: below it, `/sales/{id}/live`."""
        return f"http://127.0.0.1:{self.live_port}"

    @property
    def any_redis_url(self) -> str:
        """The given Redis, or the embedded Valkey."""
        return self.redis_url or f"redis://127.0.0.1:{self.valkey_port}/0"

    def port_of(self, subgraph: str) -> int:
        return self.subgraph_port + SUBGRAPHS.index(subgraph)

    def base_url_of(self, subgraph: str) -> str:
        return f"http://127.0.0.1:{self.port_of(subgraph)}"

    def router_headers(self) -> dict[str, str]:
        """The headers by which a subgraph knows the router's requests."""
        return {"x-router-secret": self.secrets()["STEAMPUNK_ROUTER_SECRET"]}

    def ports(self) -> dict[str, int]:
        """Every port that the store listens on, by the name of the setting that changes it."""
        ports = {
            "STEAMPUNK_ROUTER_PORT": self.router_port,
            "STEAMPUNK_ROUTER_HEALTH_PORT": self.router_health_port,
            "STEAMPUNK_ROUTER_METRICS_PORT": self.router_metrics_port,
            "STEAMPUNK_PLAYGROUND_PORT": self.playground_port,
            "STEAMPUNK_LIVE_PORT": self.live_port,
        }
        if not self.redis_url:
            ports["STEAMPUNK_VALKEY_PORT"] = self.valkey_port
        for subgraph in SUBGRAPHS:
            ports[f"STEAMPUNK_SUBGRAPH_PORT ({subgraph})"] = self.port_of(subgraph)
        return ports

    @property
    def mail_folder(self) -> Path:
        """Where mails lie for developers to read, unless a server takes them."""
        return self.state.absolute() / "mails"

    @property
    def secrets_path(self) -> Path | None:
        """The file that holds the secrets; None if the environment does."""
        if self.secrets_file:
            return Path(self.secrets_file)
        return None if self.database_url else self.state / SECRETS

    def secrets(self) -> dict[str, str]:
        """The secrets by the names of their variables. Raises Problem if there are none.

        Those of databases elsewhere are never made here: somebody has to keep them, or what they encrypt is lost.
        """
        if self.secrets_file:
            return read_secrets(Path(self.secrets_file))
        if not self.database_url:
            return load_secrets(self.state)
        missing = [name for name in SECRET_NAMES if not os.environ.get(name)]
        if missing and not self.production:  # production names them with all else that is insecure
            raise Problem(_missing(missing, self.state / SECRETS))
        return {name: os.environ[name] for name in SECRET_NAMES if name in os.environ}

    def environment(self) -> dict[str, str]:
        """The environment of the store's processes: this process's own, with addresses and secrets added."""
        urls = {f"STEAMPUNK_{s.upper()}_URL": f"{self.base_url_of(s)}/graphql" for s in SUBGRAPHS}
        provider, mails = ("none", "") if self.production else ("sandbox", str(self.mail_folder))
        defaults = {
            "STEAMPUNK_MODE": self.mode,
            "STEAMPUNK_STATE": str(self.state.absolute()),
            "STEAMPUNK_REDIS_URL": self.any_redis_url,
            "STEAMPUNK_DATABASE_URL": self.database_url,
            "STEAMPUNK_TOP_UP_PROVIDER": os.environ.get("STEAMPUNK_TOP_UP_PROVIDER", provider),
            "STEAMPUNK_MAIL_FOLDER": os.environ.get("STEAMPUNK_MAIL_FOLDER", mails),
            "STEAMPUNK_GRAPHQL_URL": self.graphql_url,
            "STEAMPUNK_LIVE_URL": self.live_url,
        }
        if self.settlement_delay:
            defaults["STEAMPUNK_SETTLEMENT_DELAY"] = self.settlement_delay
        return {**os.environ, **self.secrets(), **urls, **defaults}


def existing_store() -> Settings:
    """The settings of the store that is here, with its secrets in this process's environment. Raises Problem."""
    local = StoreSettings()
    if not local.database_url and not (local.state / "data").is_dir():
        raise Problem(
            f"There is no store in {local.state.absolute()}. Start one with `nox -s up`, "
            "or name the folder or the servers of another with STEAMPUNK_STATE or STEAMPUNK_DATABASE_URL."
        )
    if local.secrets_file or (not local.database_url and (local.state / SECRETS).exists()):
        os.environ.update(local.environment())
    os.environ["STEAMPUNK_REDIS_URL"] = local.any_redis_url
    kit_settings.settings.cache_clear()
    return kit_settings.settings()


def load_secrets(state: Path) -> dict[str, str]:
    """The secrets of the embedded databases, from the state folder. Makes them at the first start."""
    path = state / SECRETS
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        make_secrets(path)
    return read_secrets(path)


def read_secrets(path: Path) -> dict[str, str]:
    """Raises Problem if the file cannot be read."""
    try:
        loaded: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"The secrets in {path} cannot be read: {error}. STEAMPUNK_SECRETS_FILE names it.") from error
    return loaded


def make_secrets(path: Path) -> None:
    """Writes new secrets into a new file, readable only by its owner. Raises FileExistsError, OSError."""
    router, service = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    data_key = base64.b64encode(secrets.token_bytes(32)).decode()
    made = dict(zip(SECRET_NAMES, (router, service, data_key), strict=True))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)


def _missing(names: list[str], old: Path) -> str:
    text = (
        f"The databases of STEAMPUNK_DATABASE_URL need secrets, and {', '.join(names)} "
        f"{'is' if len(names) == 1 else 'are'} not set. `python -m subgraphs secrets FILE` makes a file with new ones; "
        "name it with STEAMPUNK_SECRETS_FILE and keep it as safe as the databases."
    )
    if old.exists():
        text += f" Databases that an earlier version has made here need those in {old}: name that file instead."
    return text
