"""The build of Apollo Router beside a store that the Node gateway serves meanwhile."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from router.binary import VERSION
from router.build import missing_tools
from router.process import NodeGateway
from subgraphs.store.processes import Program
from subgraphs.store.store import Store

STANDS_IN = f"""
  Apollo Router {VERSION} is not here and cannot be downloaded, so Apollo's Node gateway serves the same API at the same
  address. It is for development: slower, without @defer and metrics (router/README.md)."""
BEING_BUILT = """
  The router is being built at low priority, about 14 minutes on two free cores; the next start uses it. Stopping the
  store interrupts the build; it goes on with the next start. Progress: {log}"""
NOT_BUILT = """
  The router cannot be built here: {missing} not found. `nox -s router` names every way to get it."""


@contextmanager
def beside(store: Store) -> Iterator[Callable[[float], None]]:
    """How the launcher waits. While the gateway stands in for the router, the router is built, if that is possible."""
    if not (isinstance(store.gateway, NodeGateway) and store.gateway.is_fallback):
        yield time.sleep
        return
    print(STANDS_IN, end="")
    if missing := missing_tools():
        print(NOT_BUILT.format(missing=", ".join(missing)), flush=True)
        yield time.sleep
        return
    build = RouterBuild(store)
    print(BEING_BUILT.format(log=build.log), flush=True)
    try:
        yield build.pause
    finally:
        build.stop()


class RouterBuild:
    """A process that gets the router; a terminal shows how far it is."""

    def __init__(self, store: Store) -> None:
        command = ["nice", "-n", "19", sys.executable, "-m", "router", "install"]
        self._child = Program("router-build", command, os.environ, store.logs)
        self._status = Console().status("Building the router")
        self._status.start()
        self._done = False

    @property
    def log(self) -> str:
        return str(self._child.log)

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
        if self._done:
            return
        code = self._child.exit_code()
        if code is None:
            self._status.update(f"Building the router: {self._child.last_line()}")
            return
        self._done = True
        self._status.stop()
        failed, built = (
            f"The router's build failed: {self.log} says why.",
            "The router is built: the next start uses it.",
        )
        print(f"  {failed if code else built}", flush=True)

    def stop(self) -> None:
        self._status.stop()
        self._child.stop()
