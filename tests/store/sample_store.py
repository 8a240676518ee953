"""A store that a person starts with `up`, in a process of its own."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.operator.commands import running_until

SECONDS = 240
READY = "Ctrl-C stops the store."
LOGIN = """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
    ... on Session { accessToken } } }"""


class SampleStore:
    def __init__(self, place: Mapping[str, str], said: str) -> None:
        self.place = dict(place)
        self.said = said
        """What `up` has printed."""

    def ask(self, operation: str, variables: dict[str, Any] | None = None, token: str = "") -> dict[str, Any]:
        """The operation's data."""
        body = json.dumps({"query": operation, "variables": variables or {}}).encode()
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        url = f"http://127.0.0.1:{self.place['STEAMPUNK_ROUTER_PORT']}/graphql"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def sign_in(self, email: str, password: str) -> str:
        session = self.ask(LOGIN, {"email": email, "password": password})["login"]
        return str(session["accessToken"])


@contextmanager
def up(place: Mapping[str, str]) -> Iterator[SampleStore]:
    """A store that is ready; ended with Ctrl-C after the block."""
    with running_until(READY, place, "subgraphs", "up", seconds=SECONDS) as (process, said):
        try:
            yield SampleStore(place, said)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.communicate()
