"""Takes secrets and personal data out of what is logged.

The second line of defence: code does not log them in the first place. The value of a name such as `password` is
always replaced, and so is what looks like a token, a password hash, an e-mail address or a phone number in any text.
"""

import re
from collections.abc import Mapping
from typing import Any

from structlog.typing import EventDict

REDACTED = "[redacted]"
NAMES = (
    r"pass(?:word|wd|phrase)?|\w*password\w*|\w*secret\w*|\w*token\w*|authorization|cookie|e?mail|phone_?number|phone"
)
_NAME = re.compile(NAMES, re.IGNORECASE)
# name: "value", name='value', "name": "value" and name=value, as in a GraphQL document, a repr or JSON.
_NAMED = re.compile(
    rf"""(?P<name>\b(?:{NAMES})\\?["']?\s*[:=]\s*)(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:bearer\s+)?[^\s"',;)}}\]]+)""",
    re.IGNORECASE,
)
_PATTERNS = [
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),  # access tokens (JWT)
    re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])"),  # refresh tokens and secrets: 32 bytes in base64
    re.compile(r"\$argon2\w*\$[\w$=,+/.-]+"),
    re.compile(r"[^\s@\"'<>(),:;=\[\]{}]+@[^\s@\"'<>(),:;=\[\]{}]+\.[^\s@\"'<>(),:;=\[\]{}.]+"),
    re.compile(r"(?<![\w.:-])(?:\+[0-9][0-9 ().\-/]{5,18}[0-9]|[0-9]{7,15})(?![\w.:-])"),  # phone numbers
]


def redact(logger: object, method: str, event: EventDict) -> EventDict:
    """A structlog processor."""
    return {name: _value(name, value) for name, value in event.items()}


def _value(name: str, value: Any) -> Any:
    if _NAME.fullmatch(name):
        return REDACTED
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {str(key): _value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_value("", inner) for inner in value]
    return value


def redacted(text: str) -> str:
    """The text without what looks like a secret or like personal data."""
    text = _NAMED.sub(rf"\g<name>{REDACTED}", text)
    for pattern in _PATTERNS:
        text = pattern.sub(REDACTED, text)
    return text
