"""Database URLs: what is supported, and what to write instead of what is not."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from subgraphs.kit.problems import BadSetting, without_password

DRIVERS = {"mysql": "mysql+aiomysql", "mariadb": "mysql+aiomysql", "sqlite": "sqlite+aiosqlite"}
"""The driver for each kind of database."""
EXAMPLE = "mysql+aiomysql://user:password@host:3306/steampunk"


def parse(text: str) -> URL:
    """A database URL. Raises BadSetting, with the corrected URL where there is one."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise _unsupported(text, f"Write a URL such as {EXAMPLE}") from error
    driver = DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise _unsupported(text, f"Write a URL such as {EXAMPLE}")
    if url.drivername not in (driver, "mariadb+aiomysql") or not url.database:
        corrected = url.set(drivername=driver, database=url.database or "steampunk")
        raise _unsupported(text, f"Write {corrected.render_as_string(hide_password=True)}")
    return url


def _unsupported(text: str, advice: str) -> BadSetting:
    return BadSetting(
        f"The database URL {without_password(text)} cannot be used. {advice}, for MySQL 8 or MariaDB 10.6 and later, "
        "or leave STEAMPUNK_DATABASE_URL out: the store then keeps SQLite files in its state folder."
    )
