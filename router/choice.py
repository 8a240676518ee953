"""Chooses the gateway: Apollo Router or the Node gateway. `STEAMPUNK_GATEWAY` (`router`, `node`) overrides."""

import os
from dataclasses import replace

from router.binary import locate_or_download, obtain
from router.node import install
from router.process import ApolloRouter, Gateway, GatewayMissing, Log


def choose(log: Log) -> Gateway:
    """Returns the gateway that STEAMPUNK_GATEWAY names. Raises GatewayMissing.

    The default is Apollo Router, or the Node gateway where the router would have to be built.
    """
    wanted = os.environ.get("STEAMPUNK_GATEWAY", "")
    if wanted == "router":
        return ApolloRouter(obtain(log))
    if wanted == "node":
        return install(log)
    if wanted:
        raise GatewayMissing(f"STEAMPUNK_GATEWAY is {wanted}; it must be router or node.")
    router = locate_or_download(log)
    return ApolloRouter(router) if router else replace(install(log), is_fallback=True)
