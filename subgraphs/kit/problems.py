"""Problems that a person can solve: a command prints the message instead of a traceback."""

import re

_PASSWORD = re.compile(r"^((?:[\w+.-]+://)?[^:/@]*:)(?!//).*@")


class Problem(Exception):
    """Keeps a command from its work. The message says what is wrong and what to do."""

    exit_code = 1


class BadSetting(Problem):
    """An invalid setting."""

    exit_code = 2


def without_password(url: str) -> str:
    """The URL as it may be shown and logged."""
    return _PASSWORD.sub(r"\1***@", url)
