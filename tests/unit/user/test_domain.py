"""When a refresh token may be exchanged, and when a signing key is not needed any more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.user.domain import RefreshToken, SealedKey, Session, may_refresh, unneeded

NOW = datetime(2026, 3, 1, tzinfo=UTC)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001


def token(expires_at: datetime = NOW + timedelta(days=1), used_at: datetime | None = None) -> RefreshToken:
    return RefreshToken(token_hash="hash", session_id="session", expires_at=expires_at, used_at=used_at)


def session(ended_at: datetime | None = None) -> Session:
    return Session(id="session", user_id="ada", created_at=NOW, ended_at=ended_at)


@given(instants)
def test_an_unused_token_may_be_exchanged_until_it_expires(expires_at: datetime) -> None:
    assert may_refresh(session(), token(expires_at), NOW) is (expires_at > NOW)


def test_a_token_is_invalid_from_the_instant_at_which_it_expires() -> None:
    assert not may_refresh(session(), token(expires_at=NOW), NOW)


@given(instants, instants)
def test_a_used_token_may_never_be_exchanged(used_at: datetime, expires_at: datetime) -> None:
    assert not may_refresh(session(), token(expires_at, used_at), NOW)


@given(instants, instants)
def test_a_token_of_an_ended_session_may_never_be_exchanged(ended_at: datetime, expires_at: datetime) -> None:
    assert not may_refresh(session(ended_at), token(expires_at), NOW)


def test_a_key_is_needed_until_the_tokens_have_expired_that_it_signed_before_its_successor() -> None:
    keys = [SealedKey(str(number), b"", NOW - timedelta(hours=number)) for number in range(4)]
    assert unneeded(keys, NOW) == keys[2:]
    assert unneeded(keys, NOW - timedelta(hours=1, minutes=30)) == keys[3:]
    assert unneeded(keys[:1], NOW + timedelta(hours=1)) == []
