"""`grant` on the store that runs here, whose secrets are in its state folder."""

from subgraphs.kit.database.columns import new_id
from tests.clients import Client
from tests.operator.commands import run
from tests.own_store import OwnStore

REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { ... on Session { user { id } } } }"
LOGIN = """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
    ... on Session { user { roles } } } }"""


def settings_of(store: OwnStore) -> dict[str, str]:
    """What a person exports who uses another store than the default one."""
    local = store.store.settings
    return {
        "STEAMPUNK_STATE": str(local.state),
        "STEAMPUNK_SECRETS_FILE": local.secrets_file,
        "STEAMPUNK_DATABASE_URL": local.database_url,
        "STEAMPUNK_REDIS_URL": local.redis_url,
        "STEAMPUNK_VALKEY_PORT": str(local.valkey_port),
    }


async def test_an_account_gets_a_role(running: OwnStore, store_client: Client) -> None:
    email, password = f"{new_id()}@example.com", "a long password"
    await store_client.data(REGISTER, {"input": {"email": email, "password": password, "name": "Ada"}})

    answer = run(settings_of(running), "subgraphs", "grant", email, "ADMIN")

    assert answer.returncode == 0, answer.stderr
    assert f"{email} is ADMIN from the next sign-in on." in answer.stdout
    signed_in = await store_client.data(LOGIN, {"email": email, "password": password})
    assert "ADMIN" in signed_in["login"]["user"]["roles"]


def test_an_unknown_account_is_an_error(running: OwnStore) -> None:
    answer = run(settings_of(running), "subgraphs", "grant", "nobody@example.com", "ADMIN")
    assert answer.returncode == 1
    assert answer.stdout == "There is no account nobody@example.com.\n"
