"""Three hosts on one machine, any of which can be cut off: network namespaces with cables to a switch.

The switch, a bridge, has a namespace of its own: rules of this machine's firewall, such as Docker's, do not concern it.
"""

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
    address: str
    switch: str
    """The namespace of the switch."""
    port: str
    """The switch's end of the cable."""
    blocked: list[str] = field(default_factory=list)

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command, to be run on this host."""
        return ["ip", "netns", "exec", self.namespace, *command]

    def cut_off(self) -> None:
        """Nobody reaches this host any more, and it reaches nobody."""
        ip("-n", self.switch, "link", "set", self.port, "down")

    def cut_off_from(self, others: "Sequence[Host]") -> None:
        """The others cannot talk with this host; whoever is not among them can."""
        for other in others:
            ip("-n", self.namespace, "route", "add", "blackhole", f"{other.address}/32")
            self.blocked.append(other.address)

    def reconnect(self) -> None:
        ip("-n", self.switch, "link", "set", self.port, "up")
        while self.blocked:
            ip("-n", self.namespace, "route", "del", "blackhole", f"{self.blocked.pop()}/32")


@contextmanager
def hosts() -> Iterator[list[Host]]:
    """Three hosts that this machine, too, can talk with."""
    name, net = f"sp{os.getpid()}", f"10.213.{os.getpid() % 250}"
    made = [Host(f"{name}-{n}", f"{net}.{n}", name, f"port{n}") for n in NUMBERS]
    try:
        ip("netns", "add", name)
        ip("-n", name, "link", "add", "bridge", "type", "bridge")
        ip("-n", name, "link", "set", "bridge", "up")
        ip("link", "add", name, "type", "veth", "peer", "name", "port0", "netns", name)
        ip("address", "add", f"{net}.254/24", "dev", name)
        ip("link", "set", name, "up")
        ip("-n", name, "link", "set", "port0", "master", "bridge", "up")
        for host in made:
            _plug_in(host)
        yield made
    finally:
        subprocess.run(["ip", "link", "delete", name], capture_output=True)
        for namespace in (*[host.namespace for host in made], name):
            subprocess.run(["ip", "netns", "delete", namespace], capture_output=True)


def can_have_hosts() -> bool:
    """Whether this process may make network namespaces, and connect them."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with hosts():
            return True
    except subprocess.CalledProcessError:
        return False


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def _plug_in(host: Host) -> None:
    ip("netns", "add", host.namespace)
    ip("-n", host.switch, "link", "add", host.port, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
    ip("-n", host.switch, "link", "set", host.port, "master", "bridge", "up")
    ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
    ip("-n", host.namespace, "link", "set", "eth0", "up")
    ip("-n", host.namespace, "link", "set", "lo", "up")
