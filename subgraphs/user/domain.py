"""Accounts and sign-ins: their values, and whether a refresh token may be exchanged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.web.auth import Role


@dataclass(frozen=True)
class Account:
    """A user, with the personal data in the clear."""

    id: str
    email: str
    name: str
    phone_number: str | None
    roles: frozenset[Role]
    created_at: datetime
    email_verified_at: datetime | None = None


@dataclass(frozen=True)
class SealedAccount:
    """A user as stored: e-mail address and phone number encrypted, the password hashed."""

    id: str
    email: bytes
    email_index: bytes
    """Finds the account by its address without decrypting any; see `Vault.index`."""
    name: str
    phone_number: bytes | None
    password_hash: str
    roles: frozenset[Role]
    created_at: datetime
    sealed_by: str | None
    """The data key's name; None for an account that is sealed or found as an earlier release did."""
    email_verified_at: datetime | None = None


@dataclass(frozen=True)
class SealedKey:
    """A key that signs access tokens; the private half is encrypted."""

    id: str
    private_key: bytes
    created_at: datetime


@dataclass(frozen=True)
class Session:
    """One sign-in: the family of all refresh tokens that follow from it."""

    id: str
    user_id: str
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token, of which only the hash is stored. It works once."""

    token_hash: str
    session_id: str
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True)
class SignedIn:
    """A new pair of tokens. `expires_at` is when the access token expires."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    account: Account


@dataclass(frozen=True)
class EmailTaken:
    """An account with this e-mail address exists."""


@dataclass(frozen=True)
class InvalidCredentials:
    """The e-mail address or the password is wrong. Which one is not told."""


@dataclass(frozen=True)
class InvalidToken:
    """A mailed token that was used, has expired, was replaced by a newer one, or never was."""


@dataclass(frozen=True)
class AccountErased:
    """Nothing is left of the person but an id."""

    id: str


def unneeded(keys: Sequence[SealedKey], until: datetime) -> list[SealedKey]:
    """Which keys, the newest first, have signed nothing since `until`: those whose successor is older."""
    return [key for key, successor in zip(keys[1:], keys, strict=False) if successor.created_at < until]


def may_refresh(session: Session, token: RefreshToken, now: datetime) -> bool:
    """Whether a token may be exchanged for a new pair: unused, not expired, and its session not ended."""
    return session.ended_at is None and token.used_at is None and now < token.expires_at
