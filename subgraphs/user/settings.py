"""The settings of the user subgraph. Lifetimes are in seconds."""

import base64

from pydantic import SecretStr

from subgraphs.kit.settings import EnvironmentSettings


class UserSettings(EnvironmentSettings):
    """What the user subgraph can be set to do."""

    data_key: SecretStr
    """32 bytes in base64. Encrypts personal data and signing keys at rest."""
    access_token_lifetime: int = 15 * 60
    """How long an access token is valid. It cannot be revoked earlier."""
    refresh_token_lifetime: int = 30 * 24 * 3600
    """How long a refresh token can be exchanged for new tokens."""

    def data_key_bytes(self) -> bytes:
        return base64.b64decode(self.data_key.get_secret_value(), validate=True)
