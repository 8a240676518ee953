"""Checks an account's data. Each function returns the value to store, or raises BadUserInput."""

import re

from subgraphs.kit.errors import BadUserInput

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
MAX_EMAIL = 254
MAX_PASSWORD = 128
PHONE_NUMBER = re.compile(r"\+?[0-9]{7,15}")
PUNCTUATION = re.compile(r"[\s().\-/]")


def normalized(email: str) -> str:
    """The form in which addresses are stored and compared."""
    return email.strip().casefold()


def email(value: str) -> str:
    address = normalized(value)
    if len(address) > MAX_EMAIL or not EMAIL.fullmatch(address):
        raise BadUserInput("email", "This is not an e-mail address.")
    return address


def password(value: str) -> str:
    if not 8 <= len(value) <= MAX_PASSWORD:
        raise BadUserInput("password", "A password has 8 to 128 characters.")
    return value


def password_length(value: str, field: str = "password") -> None:
    """Refuses a password that no account can have, so that it is not hashed."""
    if len(value) > MAX_PASSWORD:
        raise BadUserInput(field, "A password has at most 128 characters.")


def name(value: str) -> str:
    """The name, with each run of white space as one space."""
    name = " ".join(value.split())
    if not 1 <= len(name) <= 60:
        raise BadUserInput("name", "A name has 1 to 60 characters.")
    return name


def phone_number(value: str) -> str:
    """The digits with an optional leading +, without spaces, dashes, dots, slashes and brackets."""
    digits = PUNCTUATION.sub("", value)
    if not PHONE_NUMBER.fullmatch(digits):
        raise BadUserInput("phoneNumber", "A phone number has 7 to 15 digits, with an optional leading +.")
    return digits
