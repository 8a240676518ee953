"""A store that a person starts with `up`, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.operator.commands import clean

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
    command = [sys.executable, "-u", "-m", "subgraphs", "up"]
    with subprocess.Popen(
        command,
        env=clean(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        killer = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        try:
            said = ""
            while READY not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield SampleStore(place, said)
        finally:
            killer.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.communicate()
