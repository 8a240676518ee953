"""Three hosts on one machine: network namespaces on a bridge, any of which can be cut off."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

NUMBERS = 1, 2, 3


@dataclass
class Host:
    """A network namespace with one address."""

    namespace: str
    link: str
    """The bridge's end of its cable."""
    address: str
    blocked: list[str] = field(default_factory=list)

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command, to be run on this host."""
        return ["ip", "netns", "exec", self.namespace, *command]

    def cut_off(self) -> None:
        """Nobody reaches this host any more, and it reaches nobody."""
        ip("link", "set", self.link, "down")

    def cut_off_from(self, others: "Sequence[Host]") -> None:
        """The others cannot talk with this host; whoever is not among them can."""
        for other in others:
            ip("-n", self.namespace, "route", "add", "blackhole", f"{other.address}/32")
            self.blocked.append(other.address)

    def reconnect(self) -> None:
        ip("link", "set", self.link, "up")
        while self.blocked:
            ip("-n", self.namespace, "route", "del", "blackhole", f"{self.blocked.pop()}/32")


@contextmanager
def hosts() -> Iterator[list[Host]]:
    """Three hosts that this machine, too, can talk with."""
    net, bridge = f"10.213.{os.getpid() % 250}", f"sp{os.getpid()}"
    made = [Host(f"{bridge}-{n}", f"{bridge}v{n}", f"{net}.{n}") for n in NUMBERS]
    try:
        ip("link", "add", bridge, "type", "bridge")
        ip("address", "add", f"{net}.254/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for host in made:
            _plug_in(host, bridge)
        yield made
    finally:
        for host in made:
            subprocess.run(["ip", "netns", "delete", host.namespace], capture_output=True)
        subprocess.run(["ip", "link", "delete", bridge], capture_output=True)


def can_have_hosts() -> bool:
    """Whether this process may make network namespaces."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def _plug_in(host: Host, bridge: str) -> None:
    ip("netns", "add", host.namespace)
    ip("link", "add", host.link, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
    ip("link", "set", host.link, "master", bridge, "up")
    ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
    ip("-n", host.namespace, "link", "set", "eth0", "up")
    ip("-n", host.namespace, "link", "set", "lo", "up")
