"""Which of the two serves the supergraph: `STEAMPUNK_GATEWAY` is `router`, `node`, or not set."""

import os
from dataclasses import replace

from router.binary import at_once, obtain
from router.node import install
from router.process import ApolloRouter, Gateway, GatewayMissing, Say


def choose(say: Say) -> Gateway:
    """Apollo Router where it can be had at once, the Node gateway elsewhere; or what STEAMPUNK_GATEWAY says.

    Raises GatewayMissing.
    """
    wanted = os.environ.get("STEAMPUNK_GATEWAY", "")
    if wanted == "router":
        return ApolloRouter(obtain(say))
    if wanted == "node":
        return install(say)
    if wanted:
        raise GatewayMissing(f"STEAMPUNK_GATEWAY is {wanted}; it may be router or node.")
    router = at_once(say)
    return ApolloRouter(router) if router else replace(install(say), stands_in=True)
