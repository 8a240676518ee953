"""What an account's data may be, and in which form it is stored."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import UNSEEN
from subgraphs.user import validation


@given(st.emails())
def test_real_addresses_are_taken_in_one_form(address: str) -> None:
    stored = validation.email(f" {address.upper()}\n")

    assert stored == validation.normalized(address.upper())
    assert validation.email(stored) == stored


@pytest.mark.parametrize(
    "value", ["", "a", "a@b", "@example.com", "a@", "a@b.", "a b@example.com", "a@b@c.de", f"{'a' * 65}@b.de"]
)
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        validation.email(value)
    assert refused.value.details["field"] == "email"


@given(st.text(st.characters(exclude_categories=UNSEEN), max_size=140))
def test_passwords_of_8_to_128_characters_are_taken_as_they_are(value: str) -> None:
    if 8 <= len(value) <= 128:
        assert validation.password(value) == value
        return
    with pytest.raises(BadUserInput):
        validation.password(value)


@given(st.text(st.characters(exclude_categories=UNSEEN), max_size=70))
def test_a_name_is_1_to_60_characters_on_one_line(value: str) -> None:
    words = value.split()
    if not 1 <= len(" ".join(words)) <= 60:
        with pytest.raises(BadUserInput):
            validation.name(value)
        return
    stored = validation.name(value)
    assert stored.split() == words
    assert stored == validation.name(stored)


@given(st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True), st.data())
def test_punctuation_in_a_phone_number_is_removed(number: str, data: st.DataObject) -> None:
    punctuation = st.text(" .-()/", max_size=2)
    written = "".join(digit + data.draw(punctuation) for digit in number)

    assert validation.phone_number(written) == number


@pytest.mark.parametrize("value", ["", "123456", "1" * 16, "++49301234567", "4930x1234567", "+", "٠١٢٣٤٥٦٧"])
def test_what_is_no_phone_number_is_refused(value: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        validation.phone_number(value)
    assert refused.value.details["field"] == "phoneNumber"


@given(st.emails())  # each takes as long as a test
@settings(max_examples=30)
def test_the_form_of_an_address_is_its_own_form(address: str) -> None:
    assert validation.normalized(validation.normalized(address)) == validation.normalized(address)
