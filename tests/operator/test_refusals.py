"""What a person reads when MariaDB refuses an account or a privilege: one paragraph, no traceback."""

import pymysql
import pytest
from sqlalchemy.engine import make_url

from tests.operator.commands import run, told


@pytest.fixture(scope="module")
def server(mariadb_url: str) -> str:
    """The URL of a MariaDB, with an account `clerk` that may create nothing."""
    if not mariadb_url:
        pytest.skip("SQLite has no accounts")
    with pymysql.connect(host="127.0.0.1", port=make_url(mariadb_url).port or 0, user="root") as connection:
        connection.cursor().execute("CREATE USER clerk@'127.0.0.1' IDENTIFIED BY 'secret'")
    return mariadb_url


@pytest.mark.parametrize(
    ("account", "what"),
    [("clerk:wrong", "refuses the user or the password"), ("clerk:secret", "refuses what its user may not do")],
)
def test_a_wrong_password_and_a_missing_privilege_are_told_apart(
    place: dict[str, str], server: str, account: str, what: str
) -> None:
    url = server.replace("root@", f"{account}@")
    answer = run({**place, "STEAMPUNK_DATABASE_URL": url}, "subgraphs", "up")
    text = told(answer)
    assert answer.returncode == 1
    assert f"clerk:***@127.0.0.1:{make_url(server).port}/steampunk {what}" in text
    assert r"GRANT ALL ON `steampunk\_%`.* TO 'clerk'@'%'" in text


@pytest.mark.parametrize("privilege", ["ALTER", "INDEX", "INSERT", "UPDATE", "DELETE", "DROP"])
def test_every_privilege_is_tried_before_anything_is_migrated(
    place: dict[str, str], server: str, privilege: str
) -> None:
    port = make_url(server).port or 0
    with pymysql.connect(host="127.0.0.1", port=port, user="root") as connection:
        cursor, user = connection.cursor(), f"no_{privilege.lower()}"
        cursor.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'")
        cursor.execute(f"GRANT ALL ON `{user}\\_%`.* TO {user}@'127.0.0.1'")
        cursor.execute(f"REVOKE {privilege} ON `{user}\\_%`.* FROM {user}@'127.0.0.1'")
    url = f"mysql+aiomysql://{user}:secret@127.0.0.1:{port}/{user}"
    text = told(run({**place, "STEAMPUNK_DATABASE_URL": url}, "subgraphs", "up"))
    assert "refuses what its user may not do" in text
    assert f"{privilege} command denied" in text
    assert f"GRANT ALL ON `{user}\\_%`.* TO '{user}'@'%'" in text


def test_an_unknown_database_holds_no_store(place: dict[str, str], server: str) -> None:
    url = server.replace("/steampunk", "/nowhere")
    answer = run({**place, "STEAMPUNK_DATABASE_URL": url}, "subgraphs", "audit")
    assert answer.returncode == 2
    assert "/nowhere holds no store: Unknown database" in told(answer)
