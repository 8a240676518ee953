"""Load that people can watch: shoppers who browse, search, wish, order, pay, claim and play, with Locust.

It knows the store by its API alone, and runs in an environment of its own. Each row of Locust's table is an action; an
outcome other than the usual one, such as SoldOut, has a row of its own: `claim: SoldOut`. Only errors are failures.
"""

import json
import logging
import os
import random
import time
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from locust import FastHttpUser, events, task

from perf import actions
from perf.actions import Action

TOKEN_SECONDS = 600
"""Access tokens are renewed after this long; they last for 15 minutes."""
POINTS = 1_000_000
WISHES = 20
SALE_UNITS = 100_000


class Shopper(FastHttpUser):
    """A customer with an account, who mostly looks around: eight of a hundred actions buy."""

    host = f"http://127.0.0.1:{os.environ.get('STEAMPUNK_ROUTER_PORT') or 4000}"

    def wait_time(self) -> float:
        """People act at random."""
        return random.expovariate(1 / self.environment.parsed_options.pace)

    def on_start(self) -> None:
        self.token = ""
        account = {"email": f"{uuid.uuid4()}@load.example", "password": "a long password", "name": "Shopper"}
        self._keep(self.send(actions.REGISTER, input=account))
        self.top_up()
        self.genres = [genre["name"] for genre in self.send(actions.GENRES) or []]
        self.seen: dict[str, str] = {}
        self.wishes: set[str] = set()
        self.owned: set[str] = set()
        self.browse()

    @task(30)
    def browse(self) -> None:
        sort = random.choice(["MOST_REVIEWED", "BEST_REVIEWED", "NEWEST", "PRICE_LOW"])
        page = self.send(actions.BROWSE, genre=random.choice([None, *self.genres]), sort=sort)
        for edge in page["edges"] if page else []:
            if edge["node"]["price"]["points"] and not edge["node"]["owned"]:
                self.seen[edge["node"]["id"]] = edge["node"]["title"]

    @task(25)
    def look(self) -> None:
        if self.seen:
            self.send(actions.LOOK, id=random.choice(list(self.seen)))

    @task(15)
    def search(self) -> None:
        if self.seen:
            self.send(actions.SEARCH, text=random.choice(list(self.seen.values())).split()[0])

    @task(8)
    def look_at_shelf(self) -> None:
        self.send(actions.SHELF)

    @task(8)
    def wish(self) -> None:
        game = self.new_game()
        if game and len(self.wishes) < WISHES and self.send(actions.WISH, id=game):
            self.wishes.add(game)

    @task(6)
    def play(self) -> None:
        if self.owned:
            self.send(actions.PLAY, id=random.choice(list(self.owned)))

    @task(3)
    def order(self) -> None:
        if not self.wishes:
            return
        game = self.wishes.pop()
        order = self.send(actions.ORDER, id=game, key=str(uuid.uuid4()))
        if not actions.ORDER.succeeded(order):
            return
        payment = self.send(actions.START, id=order["id"], key=str(uuid.uuid4()))
        if actions.START.succeeded(payment):
            self.own(game, actions.PAY, self.send(actions.PAY, id=payment["id"]))

    @task(3)
    def buy(self) -> None:
        game = self.new_game()
        if game:
            wanted = {"productIds": [game], "idempotencyKey": str(uuid.uuid4())}
            self.own(game, actions.BUY, self.send(actions.BUY, input=wanted))

    @task(2)
    def claim(self) -> None:
        sales = self.send(actions.SALES)
        if not sales or not sales["edges"]:
            return
        sale = random.choice(sales["edges"])["node"]
        claim = self.send(actions.CLAIM, id=sale["id"])
        if actions.CLAIM.succeeded(claim) and claim["state"] == "HELD":
            game = sale["product"]["id"]
            wanted = {"productIds": [game], "claimIds": [claim["id"]], "idempotencyKey": str(uuid.uuid4())}
            self.own(game, actions.BUY_CLAIMED, self.send(actions.BUY_CLAIMED, input=wanted))

    def new_game(self) -> str | None:
        """A game that was seen and neither bought nor wished for."""
        games = self.seen.keys() - self.owned - self.wishes
        return random.choice(list(games)) if games else None

    def own(self, game: str, action: Action, outcome: Any) -> None:
        """Remembers a game that was paid; buys points where they were too few."""
        if action.succeeded(outcome):
            self.owned.add(game)
        elif outcome and outcome["__typename"] == "InsufficientPoints":
            self.top_up()

    def top_up(self) -> None:
        self.send(actions.TOP_UP, amount=POINTS, key=str(uuid.uuid4()))

    def send(self, action: Action, **variables: Any) -> Any:
        """Does an action; the value of its root field, None after an error, which counts as a failure."""
        if self.token and action is not actions.REFRESH and time.monotonic() > self.renew_at:
            self._keep(self.send(actions.REFRESH, token=self.refresh_token))
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": action.operation, "variables": variables}
        request = {"json": body, "headers": headers, "name": action.name, "catch_response": True}
        with self.client.post("/graphql", **request) as response:
            try:
                answer = json.loads(response.text or "")
                [value] = answer["data"].values()
            except (ValueError, TypeError, KeyError, AttributeError):
                response.failure(f"{response.status_code} {(response.text or response.error)!s:.300}")
                return None
            if "errors" in answer:
                response.failure(json.dumps(answer["errors"])[:300])
                return None
            if not action.succeeded(value):
                response.request_meta["name"] = f"{action.name}: {value['__typename']}"
            return value

    def _keep(self, session: Any) -> None:
        if session:
            self.token, self.refresh_token = session["accessToken"], session["refreshToken"]
            self.renew_at = time.monotonic() + TOKEN_SECONDS


@events.init_command_line_parser.add_listener
def add_options(parser: Any) -> None:
    parser.add_argument("--pace", type=float, default=3.0, help="seconds between two actions of a shopper, on average")
    parser.add_argument("--seller", default="developer@example.com", help="the developer whose game is on sale")
    parser.add_argument("--seller-password", default="ship-it-friday", is_secret=True)


@events.test_start.add_listener
def open_sale(environment: Any, **_: Any) -> None:
    """Opens a flash sale for the shoppers. Without a store, says so and ends."""
    if environment.parsed_options.worker:
        return
    host, options = environment.host or Shopper.host, environment.parsed_options
    try:
        session = _ask(host, actions.LOGIN, email=options.seller, password=options.seller_password)
        token = session["accessToken"]
        begin = datetime.now(UTC) - timedelta(seconds=1)
        game = _ask(host, actions.PUBLISH, token, input={**actions.GAME, "title": f"Rush Hour {begin:%H:%M:%S}"})
        times = {"startsAt": begin.isoformat(), "endsAt": (begin + timedelta(days=1)).isoformat()}
        _ask(host, actions.ANNOUNCE, token, input={"productId": game["id"], "points": 99, "units": SALE_UNITS, **times})
    except (OSError, KeyError, AttributeError) as error:
        text = "No flash sale at %s: %r. The store must run (nox -s up), with the account %s."
        logging.error(text, host, error, options.seller)
        environment.process_exit_code = 2
        environment.runner.quit()


def _ask(host: str, action: Action, token: str = "", **variables: Any) -> Any:
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    body = json.dumps({"query": action.operation, "variables": variables}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{host}/graphql", body, headers), timeout=60) as response:
        [value] = json.load(response)["data"].values()
    return value
