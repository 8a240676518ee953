"""What a new store has to show, and which databases `up` fills."""

import json
import re
import secrets
import shlex
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from router.process import ROUTER
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import make_secrets
from subgraphs.store.seed import DEMO_ACCOUNTS
from tests.docs.pages import ROOT, Command, steps
from tests.operator.commands import port_settings, run, told
from tests.ports import reserved_ports
from tests.store.sample_store import SampleStore, up

PLAYER, _, ADMIN = DEMO_ACCOUNTS
OPERATIONS = ROUTER / "page" / "src" / "tour" / "operations"
GAMES = """query($after: String) { products(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges {
    node { id title description genres { name } headerImage } } } }"""
SALES = "{ flashSales(state: %s, first: 9) { edges { node { id remaining startsAt endsAt product { id } } } } }"
MINE = """{ me { wallet { balance } wishlist { edges { node { product { id } } } }
    library { edges { node { played product { id } } } } orders { edges { node { state } } }
    playHistory { edges { node { product { id } } } } } }"""
COUNT = "{ products(first: 1) { totalCount } }"


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in connection["edges"]]


def product_ids(connection: dict[str, Any]) -> list[str]:
    return [node["product"]["id"] for node in nodes(connection)]


@pytest.fixture
def place(mariadb_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a store that has never run."""
    with new_place(mariadb_url, tmp_path) as place:
        yield place


@pytest.fixture(scope="module")
def store(mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleStore]:
    with new_place(mariadb_url, tmp_path_factory.mktemp("place")) as place, up(place) as store:
        yield store


@contextmanager
def new_place(mariadb_url: str, folder: Path) -> Iterator[dict[str, str]]:
    with reserved_ports() as ports:
        place = {"STEAMPUNK_STATE": str(folder / ".steampunk"), **port_settings(ports)}
        if mariadb_url:
            make_secrets(folder / "secrets.json")
            url = mariadb_url.replace("/steampunk", f"/made_{secrets.token_hex(4)}")
            place |= {"STEAMPUNK_DATABASE_URL": url, "STEAMPUNK_SECRETS_FILE": str(folder / "secrets.json")}
        yield place


class TestANewStore:
    def test_its_texts_are_readable_and_each_title_is_there_once(self, store: SampleStore) -> None:
        games: list[dict[str, Any]] = []
        page: dict[str, Any] = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
        while page["pageInfo"]["hasNextPage"]:
            page = store.ask(GAMES, {"after": page["pageInfo"]["endCursor"]})["products"]
            games += nodes(page)
        assert len({game["title"] for game in games}) == len(games) == 1000
        for game in games:
            assert game["genres"]
            assert re.fullmatch(r"[A-Z][\w' ]+", game["title"])
            assert re.fullmatch(r"([A-Z][\w',: -]+[.] ?)+", game["description"])

    def test_a_dragon_is_on_sale(self, store: SampleStore) -> None:
        found = store.ask(
            """{ products(search: "dragon", filter: {onSale: true}) { edges { node {
                title price { regularPoints points } } } } }"""
        )
        prices = [game["price"] for game in nodes(found["products"])]
        assert prices
        assert all(price["points"] < price["regularPoints"] for price in prices)

    def test_the_store_draws_its_pictures(self, store: SampleStore) -> None:
        game = store.ask("""{ product(id: "50") { title headerImage screenshots } }""")["product"]
        drawings = []
        for url in (game["headerImage"], *game["screenshots"]):
            assert url.startswith(f"http://127.0.0.1:{store.place['STEAMPUNK_PLAYGROUND_PORT']}/")
            with urllib.request.urlopen(url, timeout=30) as response:
                assert response.headers["content-type"] == "image/svg+xml"
                drawings.append(response.read().decode())
        assert "The Clockmaker&#x27;s Daughter</text>" in drawings[0]
        assert len(set(drawings)) == 3

    def test_one_flash_sale_is_open_and_one_is_coming(self, store: SampleStore) -> None:
        (open_sale,) = nodes(store.ask(SALES % "OPEN")["flashSales"])
        (coming,) = nodes(store.ask(SALES % "SCHEDULED")["flashSales"])
        assert (open_sale["product"]["id"], open_sale["remaining"]) == ("90", 500)
        assert coming["product"]["id"] == "100"

    def test_some_games_are_limited(self, store: SampleStore) -> None:
        answer = store.ask("""{ few: product(id: "80") { stock { remaining } }
            none: product(id: "120") { stock { remaining } } }""")
        assert answer == {"few": {"stock": {"remaining": 40}}, "none": {"stock": {"remaining": 0}}}

    def test_the_demo_account_has_a_past(self, store: SampleStore) -> None:
        mine = store.ask(MINE, token=store.sign_in(PLAYER.email, PLAYER.password))["me"]
        assert {node["product"]["id"]: node["played"] for node in nodes(mine["library"])} == {"20": True, "30": False}
        assert product_ids(mine["wishlist"]) == ["50", "40"]
        assert product_ids(mine["playHistory"]) == ["20"]
        assert [node["state"] for node in nodes(mine["orders"])] == ["PAID"]
        assert 0 < mine["wallet"]["balance"] < PLAYER.points

    def test_every_operation_of_the_playgrounds_tour_shows_data(self, store: SampleStore) -> None:
        token = store.sign_in(PLAYER.email, PLAYER.password)

        def step(name: str, **variables: Any) -> Any:
            (answer,) = store.ask((OPERATIONS / f"{name}.graphql").read_text(), variables, token).values()
            done.add(name)
            return answer

        done: set[str] = set()
        games = [game for game in nodes(step("SearchGames")) if game["price"]["points"] and not game["owned"]]
        first, second = games[0]["id"], games[1]["id"]
        assert step("WishForIt", productId=first)["product"]
        order = step("OrderIt", input={"productIds": [first], "idempotencyKey": "order"})
        payment = step("StartPayment", orderId=order["id"], idempotencyKey="start")
        assert step("Pay", paymentId=payment["id"])["state"] == "PAID"
        assert nodes(step("EverythingAboutMe")["library"])
        assert step("PlayIt", productId=first)["playedAt"]
        bought = step("BuyNow", input={"productIds": [second], "idempotencyKey": "buy"})
        assert bought["state"] == "PAID"
        assert step("RefundIt", paymentId=bought["id"], idempotencyKey="refund")["__typename"] == "Refund"
        (sale,) = nodes(step("FlashSales"))
        claim = step("ClaimAUnit", saleId=sale["id"])
        wanted = {"productIds": ["90"], "claimIds": [claim["id"]], "idempotencyKey": "claimed"}
        assert step("BuyTheClaimedUnit", input=wanted)["amount"] == sale["points"]
        later = "TheLibraryLater"  # its @defer needs a client that reads parts
        assert "@defer" in (OPERATIONS / f"{later}.graphql").read_text()
        assert done | {later} == {file.stem for file in OPERATIONS.iterdir()}

    def test_the_auditor_finds_nothing(self, store: SampleStore) -> None:
        answer = run(store.place, "subgraphs", "audit")
        assert answer.returncode == 0, answer.stdout


def backup_commands() -> list[str]:
    """What docs/operate.md has an operator type: a copy of the stopped store, its loss, and its return."""
    section = (ROOT / "docs" / "operate.md").read_text().split("## Backup and restore")[1].split("\n## ")[0]
    return [step.text for step in steps(section) if isinstance(step, Command)]


def back_up_lose_and_restore(state: Path) -> None:
    """Types the commands of docs/operate.md beside the state folder of a stopped store."""
    back_up, lose, restore = (shlex.split(command) for command in backup_commands())
    subprocess.run(back_up, cwd=state.parent, check=True)
    subprocess.run(lose, cwd=state.parent, check=True)
    assert not state.exists()
    subprocess.run(restore, cwd=state.parent, check=True)


def test_a_start_renews_sales_moves_pictures_and_repeats_nothing(place: dict[str, str]) -> None:
    """On the embedded engines, with the state lost and restored in between."""
    with up(place) as store:
        (sale,) = nodes(store.ask(SALES % "OPEN")["flashSales"])
        cancel = "mutation($id: ID!) { cancelFlashSale(id: $id) { state } }"
        store.ask(cancel, {"id": sale["id"]}, store.sign_in(ADMIN.email, ADMIN.password))
        player = store.sign_in(PLAYER.email, PLAYER.password)
        store.ask("""mutation { removeFromWishlist(productId: "40") }""", token=player)
        store.ask("""mutation { play(productId: "20") { __typename } }""", token=player)
        before = store.ask(MINE, token=player)
    if "STEAMPUNK_DATABASE_URL" not in place:
        back_up_lose_and_restore(Path(place["STEAMPUNK_STATE"]))
    other_port = str(int(place["STEAMPUNK_SUBGRAPH_PORT"]) + len(SUBGRAPHS))
    with up({**place, "STEAMPUNK_PLAYGROUND_PORT": other_port}) as store:
        (renewed,) = nodes(store.ask(SALES % "OPEN")["flashSales"])
        assert renewed["id"] != sale["id"]
        assert len(nodes(store.ask(SALES % "SCHEDULED")["flashSales"])) == 1
        game = store.ask("""{ product(id: "10") { headerImage price { discountPercent } } }""")["product"]
        assert f":{other_port}/pictures/10/" in game["headerImage"]
        assert game["price"]["discountPercent"]
        assert store.ask(MINE, token=store.sign_in(PLAYER.email, PLAYER.password)) == before
        audited = run(store.place, "subgraphs", "audit")
        assert audited.returncode == 0, audited.stdout


def test_databases_that_were_there_before_get_sample_data_only_on_request(
    place: dict[str, str], tmp_path: Path
) -> None:
    if "STEAMPUNK_DATABASE_URL" not in place:
        make_secrets(tmp_path / "secrets.json")
        place["STEAMPUNK_DATABASE_URL"] = f"sqlite+aiosqlite:///{tmp_path}/shop"
        place["STEAMPUNK_SECRETS_FILE"] = str(tmp_path / "secrets.json")
    assert run(place, "subgraphs", "migrate").returncode == 0
    with up(place) as store:
        assert PLAYER.email not in store.said
        assert store.ask(COUNT) == {"products": {"totalCount": 0}}
        sandbox = {**place, "STEAMPUNK_TOP_UP_PROVIDER": "sandbox"}
        refused = run(sandbox, "subgraphs", "sample")
        assert "Say --yes" in told(refused)
        assert store.ask(COUNT) == {"products": {"totalCount": 0}}
        answer = run(sandbox, "subgraphs", "sample", "--yes")
        assert answer.returncode == 0, answer.stderr
        assert store.ask(COUNT) == {"products": {"totalCount": 1000}}
        assert len(nodes(store.ask(SALES % "OPEN")["flashSales"])) == 1


def test_reset_removes_data_and_keeps_secrets(place: dict[str, str]) -> None:
    state = Path(place["STEAMPUNK_STATE"])
    (state / "data").mkdir(parents=True)
    (state / "data" / "steampunk_user.db").touch()
    make_secrets(state / "secrets.json")
    before = json.loads((state / "secrets.json").read_text())

    assert run(place, "subgraphs", "reset").returncode == 0

    assert [path.name for path in state.iterdir()] == ["secrets.json"]
    assert json.loads((state / "secrets.json").read_text()) == before
