"""`migrate` and `sample` fill empty databases, as the demo of docker-compose.yml does."""

import base64
import secrets
from pathlib import Path

import pytest
from sqlalchemy import func, select

from etl.sample.catalogue import GAMES
from router.process import free_ports
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import Settings
from subgraphs.payment.models import Wallet
from subgraphs.product.models import Product
from subgraphs.store.seed import DEMO_ACCOUNTS
from subgraphs.user.models import User
from tests.operator.commands import run, told


@pytest.fixture
def place(mariadb_url: str, tmp_path: Path) -> dict[str, str]:
    """Empty databases and, as in a container, no secrets file."""
    url = (
        mariadb_url.replace("/steampunk", f"/sample_{secrets.token_hex(4)}") or f"sqlite+aiosqlite:///{tmp_path}/sample"
    )
    key = base64.b64encode(bytes(32)).decode()
    return {"STEAMPUNK_STATE": str(tmp_path), "STEAMPUNK_DATABASE_URL": url, "STEAMPUNK_DATA_KEY": key}


async def contents(place: dict[str, str]) -> tuple[int, int, list[int]]:
    """How many games and accounts there are, and what their wallets hold."""
    settings = Settings(database_url=place["STEAMPUNK_DATABASE_URL"])
    statements = {
        "product": select(func.count()).select_from(Product),
        "user": select(func.count()).select_from(User),
        "payment": select(Wallet.balance),
    }
    found = {}
    for subgraph, statement in statements.items():
        database = Database(settings.database_of(subgraph), 1)
        async with database.reading() as session:
            found[subgraph] = list(await session.scalars(statement))
        await database.close()
    return found["product"][0], found["user"][0], found["payment"]


async def test_the_sample_is_there_once_however_often_it_is_asked_for(place: dict[str, str]) -> None:
    for command in (["migrate"], ["sample", "--yes"], ["sample", "--yes"]):
        answer = run({**place, "STEAMPUNK_TOP_UP_PROVIDER": "sandbox"}, "subgraphs", *command)
        assert answer.returncode == 0, answer.stderr

    games, accounts, balances = await contents(place)
    assert games == GAMES
    assert accounts == len(DEMO_ACCOUNTS)
    assert balances == [one.points for one in DEMO_ACCOUNTS if one.points]


async def test_without_an_answer_of_the_router_it_fails_so_that_it_is_started_again(place: dict[str, str]) -> None:
    place["STEAMPUNK_TOP_UP_PROVIDER"] = "sandbox"
    assert run(place, "subgraphs", "migrate").returncode == 0
    [nobody] = free_ports(1)

    answer = run(place, "subgraphs", "sample", "--yes", "--router", f"http://127.0.0.1:{nobody}/graphql")

    assert answer.returncode == 1
    assert "The sample data is not complete" in answer.stdout
    assert (await contents(place))[0] == GAMES


async def test_a_store_that_gives_no_points_away_takes_no_demo_accounts(place: dict[str, str]) -> None:
    assert run(place, "subgraphs", "migrate").returncode == 0

    answer = run(place, "subgraphs", "sample")

    assert answer.returncode == 1
    assert "STEAMPUNK_TOP_UP_PROVIDER=sandbox" in told(answer)
    assert await contents(place) == (0, 0, [])
