"""Encryption of personal data: what is sealed can be opened, but only where it belongs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.web.auth import Role
from subgraphs.user.domain import Account
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.vault import Vault

DATA = PersonalData(Vault(b"k" * 32))
ADA = Account(
    id="ada",
    email="ada@example.com",
    name="Ada",
    phone_number="+49301234567",
    roles=frozenset({Role.USER}),
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
)

accounts = st.builds(
    replace,
    st.just(ADA),
    email=st.emails(),
    phone_number=st.none() | st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True),
    roles=st.frozensets(st.sampled_from(Role), min_size=1),
)


@given(accounts)
def test_a_sealed_account_opens_to_the_same_account(account: Account) -> None:
    sealed = DATA.seal(account, "a hash")

    assert DATA.open(sealed) == account
    assert account.email.encode() not in sealed.email


def test_a_value_of_another_account_cannot_be_opened() -> None:
    sealed = DATA.seal(ADA, "a hash")

    with pytest.raises(InvalidTag):
        DATA.open(replace(sealed, id="eve"))


def test_a_value_of_another_column_cannot_be_opened() -> None:
    sealed = DATA.seal(ADA, "a hash")

    with pytest.raises(InvalidTag):
        DATA.open(replace(sealed, email=sealed.phone_number or b""))


def test_an_address_is_found_however_it_is_written() -> None:
    sealed = DATA.seal(ADA, "a hash")

    assert DATA.email_index(" ADA@Example.com ") == sealed.email_index
    assert DATA.email_index("eve@example.com") != sealed.email_index


def test_another_key_gives_another_index() -> None:
    other = PersonalData(Vault(b"x" * 32))

    assert other.email_index(ADA.email) != DATA.email_index(ADA.email)


def test_a_data_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"short")
