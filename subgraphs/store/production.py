"""What production refuses to start with: everything insecure, in one message."""

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping

from pydantic import ValidationError

from subgraphs.kit.command_line import bad_settings
from subgraphs.kit.database.urls import parse
from subgraphs.kit.problems import BadSetting
from subgraphs.kit.settings import SUBGRAPHS, Settings, settings
from subgraphs.payment.settings import PaymentSettings
from subgraphs.user.settings import UserSettings

SHORTEST_SECRET = 32
SHORTEST_PASSWORD = 12
SHORTEST_KEY = 20
"""What a provider issues is shorter than what this store makes."""
FEWEST_CHARACTERS = 8
"""A random secret has more different characters than this."""
GUESSABLE = ("changeme", "change-me", "default", "example", "password", "secret", "steampunk")
PUBLISHED = frozenset(
    {
        "28735018efecd544f46cdefbf2a5bcec",
        "b856bf1065592a72908fae248877df8e",
        "c8b4343327f17cf864c7d3c03ae67252",
        "c7640763778791bbcc9ce5ca05aa4b1c",
        "d3558daaf7b480096b9071fadfac164d",
        "8f7bd0a68b81c0f3272de702f4d10272",
    }
)
"""The first half of the SHA-256 of each secret that this project's repository contains."""
OPEN = {
    "STEAMPUNK_FAILPOINTS": "Failpoints let a file stop processes.",
    "ROUTER_INTROSPECTION": "Clients read the whole schema.",
    "ROUTER_QUERY_PLANS": "Clients read query plans.",
    "ROUTER_CORS_ANY_ORIGIN": "Pages of every origin may send operations.",
}
"""Variables of developers, and what they open."""


class Insecure(BadSetting):
    """Some settings are insecure. The message lists all of them."""


def require_secure(subgraphs: Collection[str]) -> None:
    """Raises Insecure if the mode is production and these subgraphs' processes are insecure."""
    config = settings()
    if not config.production:
        return
    found = [*shared(config), *variables(os.environ)]
    if "user" in subgraphs:
        found += user()
    if "payment" in subgraphs:
        found += payment(PaymentSettings())
    if found:
        lines = "\n".join(f"  {line}" for line in found)
        raise Insecure(f"STEAMPUNK_MODE is production, and nothing starts with settings that are insecure:\n{lines}")


def shared(config: Settings) -> Iterator[str]:
    """What is insecure about the settings that all subgraphs have."""
    router, service = config.router_secret.get_secret_value(), config.service_secret.get_secret_value()
    yield from weakness("STEAMPUNK_ROUTER_SECRET", router)
    yield from weakness("STEAMPUNK_SERVICE_SECRET", service)
    for name in ("router", "service"):
        if second := getattr(config, f"second_{name}_secret").get_secret_value():
            yield from weakness(f"STEAMPUNK_SECOND_{name.upper()}_SECRET", second)
    if router and router == service:
        yield "STEAMPUNK_SERVICE_SECRET is the same as STEAMPUNK_ROUTER_SECRET: who has one would have both."
    for name in ("database_url", *[f"{subgraph}_database_url" for subgraph in SUBGRAPHS]):
        text = getattr(config, name)
        if text and (database := parse(text)).get_backend_name() != "sqlite":
            place = f"The password in STEAMPUNK_{name.upper()}"
            yield from weakness(place, database.password or "", SHORTEST_PASSWORD)


def variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Which variables open something to developers."""
    for name, opens in OPEN.items():
        if environment.get(name, "false") not in ("", "false"):
            yield f"{name} is {environment[name]}. {opens}"


def user() -> Iterator[str]:
    try:
        config = UserSettings()  # type: ignore[call-arg]  # from the environment
    except ValidationError as error:
        yield bad_settings(error)
    else:
        yield from weakness("STEAMPUNK_DATA_KEY", config.data_key.get_secret_value())
        if config.mail_server and not config.mail_tls:
            yield "STEAMPUNK_MAIL_TLS is false. Mails with tokens would go to the server in the clear."
        if config.mail_folder and not config.mail_server:
            yield "STEAMPUNK_MAIL_FOLDER is set. Mails with tokens would lie in files."
        if second := config.second_data_key.get_secret_value():
            yield from weakness("STEAMPUNK_SECOND_DATA_KEY", second)


def payment(config: PaymentSettings) -> Iterator[str]:
    if config.top_up_provider == "sandbox":
        yield "STEAMPUNK_TOP_UP_PROVIDER is sandbox. It gives points to everyone who asks."
    if config.top_up_provider == "stripe":
        for name in ("stripe_key", "stripe_webhook_secret"):
            yield from weakness(f"STEAMPUNK_{name.upper()}", getattr(config, name).get_secret_value(), SHORTEST_KEY)
        if not config.stripe_url.startswith("https://"):
            yield f"STEAMPUNK_STRIPE_URL is {config.stripe_url}. Keys and payments would go over it in the clear."


def weakness(name: str, secret: str, shortest: int = SHORTEST_SECRET) -> Iterator[str]:
    """Why others may know a secret. The secret itself is not told."""
    if not secret:
        yield f"{name} is missing."
    elif hashlib.sha256(secret.encode()).hexdigest()[:32] in PUBLISHED:
        yield f"{name} is published in this project's repository."
    elif word := next((word for word in GUESSABLE if word in secret.lower()), None):
        yield f"{name} contains {word!r}, which is easily guessed."
    elif len(secret) < shortest:
        yield f"{name} has {len(secret)} characters; it needs {shortest}."
    elif len(set(secret)) < FEWEST_CHARACTERS:
        yield f"{name} has only {len(set(secret))} different characters. Make it at random."
