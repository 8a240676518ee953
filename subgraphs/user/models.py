"""The user subgraph's tables."""

from datetime import datetime

from sqlalchemy import BINARY, ForeignKey, LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit.database.columns import COLUMN_TYPES, Id


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class User(Base):
    """An account. The e-mail address and the phone number are encrypted."""

    __tablename__ = "users"

    id: Mapped[Id] = mapped_column(primary_key=True)
    email: Mapped[bytes] = mapped_column(LargeBinary(600))
    email_index: Mapped[bytes] = mapped_column(BINARY(32), unique=True)
    """Finds an address without decrypting any; see `Vault.index`."""
    phone_number: Mapped[bytes | None] = mapped_column(LargeBinary(200))
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[str] = mapped_column(String(60))
    """Role names, comma-separated and sorted."""
    created_at: Mapped[datetime]
    sealed_by: Mapped[str | None] = mapped_column(String(16), index=True)
    """The name of the data key that has sealed all of it; null: to be sealed anew."""
    email_verified_at: Mapped[datetime | None]


class Session(Base):
    """One sign-in: the family of all refresh tokens that follow from it."""

    __tablename__ = "sessions"

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class RefreshToken(Base):
    """A refresh token, stored as its SHA-256. It works once."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[Id] = mapped_column(ForeignKey("sessions.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SigningKey(Base):
    """An Ed25519 key that signs access tokens; the private half is encrypted."""

    __tablename__ = "signing_keys"

    id: Mapped[Id] = mapped_column(primary_key=True)
    private_key: Mapped[bytes] = mapped_column(LargeBinary(200))
    created_at: Mapped[datetime]


class MailedToken(Base):
    """A token that was sent by mail, stored as its SHA-256. It works once, until it expires."""

    __tablename__ = "mailed_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]


class Mail(Base):
    """A mail that waits to be sent. Address and text are encrypted."""

    __tablename__ = "mails"

    id: Mapped[Id] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary(4000))
    attempts: Mapped[int] = mapped_column(default=0)
    send_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
