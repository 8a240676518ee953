"""The settings of the user subgraph. Durations are in seconds."""

import base64

from pydantic import SecretStr

from subgraphs.kit.settings import EnvironmentSettings


class UserSettings(EnvironmentSettings):
    """What the user subgraph can be set to do."""

    data_key: SecretStr
    """32 bytes in base64. Encrypts personal data and signing keys at rest."""
    second_data_key: SecretStr = SecretStr("")
    """The other data key while one replaces another (docs/keys.md): it opens what it has sealed."""
    access_token_lifetime: int = 15 * 60
    """How long an access token is valid, unless its session ends earlier. Without Redis it holds all the same."""
    refresh_token_lifetime: int = 30 * 24 * 3600
    """How long a refresh token can be exchanged for new tokens."""

    password_attempts: int = 10
    """How many wrong passwords in a row an account takes without a pause."""
    password_pause: float = 5
    """The first pause; each further wrong password doubles it."""
    password_longest_pause: float = 60
    """The pauses grow no longer than this."""
    refresh_rate: float = 1
    """How often a session may be refreshed per second in the long run."""
    refresh_burst: int = 30
    """How often a session may be refreshed at once, after a rest."""
    client_address_header: str = ""
    """The header in which a trusted proxy in front of the router names the client's address.

    Empty: there is no limit per client address. Never set it without such a proxy: a client could name any address.
    """
    client_rate: float = 1
    """How often one client address may register, sign in or refresh a session per second in the long run."""
    client_burst: int = 60
    """How often one client address may do so at once, after a rest."""

    mail_server: str = ""
    """The SMTP server that takes mails, as `host:port`. Empty: see `mail_folder`."""
    mail_tls: bool = True
    """Whether mails go to that server encrypted (STARTTLS, with a certificate that is checked)."""
    mail_user: str = ""
    """The user name for that server; empty: the store does not sign in there."""
    mail_password: SecretStr = SecretStr("")
    """The password of that user."""
    mail_folder: str = ""
    """The folder for mails where no server is set: each becomes a file. Both empty: no mails. `up` sets a folder."""
    mail_from: str = "STEAM-PUNK <store@localhost>"
    """The sender of mails."""
    mail_page: str = ""
    """The shop's page that takes mailed tokens, as `?reset-password=` and `?verify-email=`; empty: tokens alone."""
    mail_pause: float = 60
    """An account gets a mail every so many seconds at most, in the long run."""
    mail_burst: int = 3
    """How many mails an account gets at once, after a rest."""

    def data_keys(self) -> list[bytes]:
        """The data key that encrypts, and during a rotation the second one."""
        given = [self.data_key.get_secret_value(), self.second_data_key.get_secret_value()]
        return [base64.b64decode(key, validate=True) for key in given if key]
