"""The settings of the user subgraph. Lifetimes are in seconds."""

import base64

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class UserSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STEAMPUNK_", extra="ignore")

    data_key: SecretStr
    """32 bytes in base64. Encrypts personal data and signing keys at rest."""
    access_token_lifetime: int = 15 * 60
    refresh_token_lifetime: int = 30 * 24 * 3600

    def data_key_bytes(self) -> bytes:
        return base64.b64decode(self.data_key.get_secret_value(), validate=True)
