"""How every command fails: one paragraph and an exit code, no traceback."""

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pymysql
from pydantic import ValidationError
from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from subgraphs.kit.database.urls import parse
from subgraphs.kit.problems import BadSetting, Problem, without_password
from subgraphs.kit.settings import Settings, settings

INTERRUPTED = 130

CLIENT_ERRORS = range(2000, 3000)
_UNREACHABLE = "does not answer", "Start it, or correct STEAMPUNK_DATABASE_URL."
_OTHER = "reports an error", "Its log may say more."
_LOGIN = "refuses the user or the password", "Correct STEAMPUNK_DATABASE_URL."
_PRIVILEGE = "refuses what its user may not do", "Ask its administrator for it."
_NO_STORE = "holds no store", "`nox -s up` or `python -m subgraphs migrate` makes it."
MYSQL_ERRORS = {
    **dict.fromkeys((1045, 1698), _LOGIN),
    **dict.fromkeys((1044, 1142, 1227), _PRIVILEGE),
    **dict.fromkeys((1049, 1146), _NO_STORE),
}
"""What is wrong and what to do, by the server's error number."""


def run(command: Callable[[], int | None], interrupted: str = "Stopped.", unreachable: int = 1) -> int:
    """Runs a command and returns its exit code.

    `interrupted` is what Ctrl-C prints; `unreachable` is the exit code when a database or Redis cannot be used.
    """
    try:
        return command() or 0
    except KeyboardInterrupt:
        return _say(f"\n{interrupted}", INTERRUPTED)
    except Problem as problem:
        return _say(str(problem), max(problem.exit_code, unreachable))
    except ValidationError as error:
        return _say(bad_settings(error), BadSetting.exit_code)
    except (SQLAlchemyError, RedisError, OSError) as error:
        text = explain(error, settings())
        if text is None:
            raise
        return _say(text, unreachable)


def explain(error: Exception, config: Settings) -> str | None:
    """What a database or Redis that these settings name has refused, and what to do. None for other errors."""
    if isinstance(error, RedisError):
        return _redis(error, config.redis_url)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, pymysql.MySQLError):
        return _mysql(cause, config.database_url)
    if isinstance(cause, sqlite3.Error):
        folder = Path(str(config.database_of("user").database)).parent
        return f"The databases in {folder} cannot be used: {cause}. `nox -s up` creates and migrates them."
    return str(error) if isinstance(error, OSError) else None


def _redis(error: RedisError, url: str) -> str:
    what = "refuses the password" if isinstance(error, AuthenticationError) else "does not answer"
    return (
        f"Redis at {without_password(url)} {what}: {str(error).rstrip('.')}. Start it, or correct STEAMPUNK_REDIS_URL; "
        "without this setting the store runs a Valkey of its own."
    )


def _mysql(error: pymysql.MySQLError, text: str) -> str:
    url, code = parse(text), int(error.args[0] if error.args else 0)
    what, remedy = MYSQL_ERRORS.get(code, _UNREACHABLE if code in CLIENT_ERRORS else _OTHER)
    said = str(error.args[-1] if error.args else error).rstrip(".")
    grants = f"GRANT ALL ON `{url.database}\\_%`.* TO '{url.username}'@'%'"
    return f"The database at {without_password(text)} {what}: {said}. {remedy} Its user needs: {grants}"


def bad_settings(error: ValidationError) -> str:
    """A line for each setting that is missing or invalid."""
    lines = []
    for one in error.errors():
        name = "STEAMPUNK_" + "_".join(str(part) for part in one["loc"]).upper()
        value = "is missing" if one["type"] == "missing" else f"is {one['input']!r}: {one['msg']}"
        lines.append(f"{name} {value}.")
    return "\n".join(lines)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr, flush=True)
    return code
