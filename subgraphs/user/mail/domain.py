"""Mails to users, and the tokens in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import msgspec

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)


class Purpose(Enum):
    """What a mailed token lets its owner do."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"


LIFETIMES = {Purpose.VERIFY_EMAIL: timedelta(days=1), Purpose.RESET_PASSWORD: timedelta(minutes=30)}


@dataclass(frozen=True)
class MailedToken:
    """A token of which only the hash is stored. It works once, and a newer one for the same purpose replaces it."""

    token_hash: str
    user_id: str
    purpose: Purpose
    expires_at: datetime


class Mail(msgspec.Struct, frozen=True):
    """A plain text for one person."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class SealedMail:
    """A mail as stored until it is sent: encrypted, since it has an address and a token."""

    id: str
    sealed: bytes
    attempts: int
    expires_at: datetime


def mail_with(purpose: Purpose, to: str, name: str, token: str, page: str) -> Mail:
    """The mail that brings a token. `page` is where the shop takes it; without one, the token stands alone."""
    what, until = {
        Purpose.VERIFY_EMAIL: ("confirm that this is your e-mail address", "a day"),
        Purpose.RESET_PASSWORD: ("set a new password", "30 minutes"),
    }[purpose]
    subject = {Purpose.VERIFY_EMAIL: "Your e-mail address", Purpose.RESET_PASSWORD: "A new password"}[purpose]
    link = f"{page}?{purpose.value.lower().replace('_', '-')}={token}" if page else token
    text = f"Hello {name},\n\nto {what}, use this within {until}:\n\n{link}\n\nIf you did not ask for it, do nothing.\n"
    return Mail(to=to, subject=subject, text=text)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts to send a mail."""
    return min(FIRST_PAUSE * 2.0 ** min(attempts, 20), LONGEST_PAUSE)
