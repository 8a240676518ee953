"""Characters that nobody can see: with them, texts that look the same can differ."""

import unicodedata
from typing import Literal

from subgraphs.kit.errors import BadUserInput

Category = Literal["Cc", "Cf", "Cs"]
UNSEEN: frozenset[Category] = frozenset({"Cc", "Cf", "Cs"})
"""Unicode's categories of control (NUL is one), format and surrogate characters."""


def seen(field: str, value: str, allowed: str = "") -> str:
    """The text. Raises BadUserInput for a character that cannot be seen, unless it is in `allowed`."""
    for character in value:
        if unicodedata.category(character) in UNSEEN and character not in allowed:
            raise BadUserInput(field, f"A character that cannot be seen (U+{ord(character):04X}) is not allowed here.")
    return value
