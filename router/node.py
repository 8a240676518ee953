"""Installs the Node gateway of gateway/."""

from router import npm
from router.environments import InstallFailed
from router.process import ROUTER, GatewayMissing, Log, NodeGateway


def install(log: Log) -> NodeGateway:
    """Installs the gateway if needed. Raises GatewayMissing if PyPI or npm cannot be reached."""
    try:
        return NodeGateway(npm.install(ROUTER / "gateway", log))
    except InstallFailed as error:
        raise GatewayMissing(str(error)) from error
