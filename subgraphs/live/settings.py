"""Settings of the live numbers."""

from subgraphs.kit.settings import EnvironmentSettings


class LiveSettings(EnvironmentSettings):
    """What the live numbers of flash sales can be set to do."""

    live_listeners: int = 10_000
    """How many listeners there may be at once; each is an open connection. A further one gets 503."""
    live_origins: str = ""
    """The origins whose pages may listen, such as `https://shop.example`, with commas between them. `up` adds its
    playground."""

    @property
    def origins(self) -> list[str]:
        return [origin.strip() for origin in self.live_origins.split(",") if origin.strip()]
