"""What production refuses to start with."""

import json
import secrets
from pathlib import Path

import pytest

from subgraphs.kit.settings import Settings
from subgraphs.payment.settings import PaymentSettings
from subgraphs.store import production

COMMITTED = Path(__file__).parents[2].glob("upgrade/*/*/secrets.json")
GOOD = "k3Jx9Qm2Vt7Lz5Rw8Nb4Hd6Yf1Gc0PsA"


def settings(**given: str) -> Settings:
    known = {"router_secret": GOOD, "service_secret": GOOD[::-1]}
    return Settings.model_validate({"mode": "production", **known, **given})


def test_random_secrets_are_secure() -> None:
    for _ in range(50):
        assert list(production.weakness("IT", secrets.token_hex(32))) == []


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "is missing"),
        ("only-12-char", "has 12 characters; it needs 32"),
        ("ab" * 20, "only 2 different characters"),
        ("please-ChangeMe-before-you-go-live-0123456789", "easily guessed"),
    ],
)
def test_a_weak_secret_is_refused_and_not_told(secret: str, why: str) -> None:
    (line,) = production.weakness("IT", secret)
    assert why in line
    assert not secret or secret not in line


def test_every_secret_in_the_repository_is_known() -> None:
    published = [secret for file in COMMITTED for secret in json.loads(file.read_text()).values()]
    assert published
    for secret in published:
        assert list(production.weakness("IT", secret)) == ["IT is published in this project's repository."]


def test_the_two_secrets_must_differ() -> None:
    assert list(production.shared(settings())) == []
    (line,) = production.shared(settings(service_secret=GOOD))
    assert "the same" in line


def test_a_database_server_needs_a_password() -> None:
    (line,) = production.shared(settings(database_url="mysql+aiomysql://root@db/steampunk"))
    assert line == "The password in STEAMPUNK_DATABASE_URL is missing."
    assert list(production.shared(settings(database_url="mysql+aiomysql://shop:Kw93hTq71LmZ@db/steampunk"))) == []


def test_the_server_of_a_single_database_needs_a_password_too() -> None:
    good, bad = "mysql+aiomysql://shop:Kw93hTq71LmZ@db/steampunk", "mysql+aiomysql://root@db/steampunk"
    (line,) = production.shared(settings(database_url=good, payment_database_url=bad))
    assert line == "The password in STEAMPUNK_PAYMENT_DATABASE_URL is missing."


def test_the_sandbox_and_what_is_open_to_developers_are_insecure() -> None:
    assert len(list(production.payment(PaymentSettings(top_up_provider="sandbox")))) == 1
    assert list(production.payment(PaymentSettings(top_up_provider="none"))) == []
    assert list(production.variables({"ROUTER_INTROSPECTION": "false", "STEAMPUNK_FAILPOINTS": ""})) == []
    assert len(list(production.variables(dict.fromkeys(production.OPEN, "true")))) == len(production.OPEN)


def test_a_provider_needs_its_keys_and_an_encrypted_way() -> None:
    sells = {"top_up_provider": "stripe", "stripe_key": "none", "stripe_url": "http://provider.example"}
    lines = list(production.payment(PaymentSettings.model_validate(sells)))
    assert [line.split()[0] for line in lines] == [
        "STEAMPUNK_STRIPE_KEY",
        "STEAMPUNK_STRIPE_WEBHOOK_SECRET",
        "STEAMPUNK_STRIPE_URL",
    ]
    keys = {"stripe_key": "sk_live_4eC39HqLyjWDarjtT1zd", "stripe_webhook_secret": "whsec_Kw93hTq71LmZ4eC39HqL"}
    assert list(production.payment(PaymentSettings.model_validate({"top_up_provider": "stripe", **keys}))) == []
