"""A customer who signs in from a process of their own: `python -m tests.attacks.honest_customer URL EMAIL PASSWORD`.

Once ready it prints `ready`, waits for a line, signs in, and prints the kind of the answer and the seconds it took.
"""

import json
import sys
import time
import urllib.request

LOGIN = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { __typename } }"


def main(url: str, email: str, password: str) -> None:
    body = json.dumps({"query": LOGIN, "variables": {"e": email, "p": password}}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.monotonic()
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    print(answer["data"]["login"]["__typename"], time.monotonic() - started)


if __name__ == "__main__":
    main(*sys.argv[1:])
