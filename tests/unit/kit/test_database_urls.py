"""Which database URLs are supported, and what is said about others."""

import pytest

from subgraphs.kit.database.urls import parse
from subgraphs.kit.problems import BadSetting, without_password
from subgraphs.kit.settings import Settings


@pytest.mark.parametrize(
    "url", ["mysql+aiomysql://ada:secret@db:3306/shop", "mariadb+aiomysql://ada@db/shop", "sqlite+aiosqlite:///shop"]
)
def test_a_supported_url_is_kept(url: str) -> None:
    assert parse(url).render_as_string(hide_password=False) == url


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("mysql://ada:secret@db:3306/shop", "Write mysql+aiomysql://ada:***@db:3306/shop"),
        ("mysql+pymysql://ada@db/shop", "Write mysql+aiomysql://ada@db/shop"),
        ("mariadb://ada@db/shop", "Write mysql+aiomysql://ada@db/shop"),
        ("mysql+aiomysql://ada@db", "Write mysql+aiomysql://ada@db/steampunk"),
        ("sqlite:///shop", "Write sqlite+aiosqlite:///shop"),
        ("postgresql://ada:secret@db/shop", "Write a URL such as mysql+aiomysql://"),
        ("mysql+aiomysql://ada:secret@db:port/shop", "Write a URL such as mysql+aiomysql://"),
        ("ada:secret@db/shop", "Write a URL such as mysql+aiomysql://"),
        ("hello", "Write a URL such as mysql+aiomysql://"),
    ],
)
def test_another_url_is_refused_with_the_one_to_write(url: str, advice: str) -> None:
    with pytest.raises(BadSetting) as caught:
        parse(url)
    assert advice in str(caught.value)
    assert "secret" not in str(caught.value)


def test_each_database_may_be_on_a_server_of_its_own() -> None:
    one, other = "mysql+aiomysql://shop:secret@one/steampunk", "mysql+aiomysql://shop:secret@other/steampunk"
    settings = Settings(database_url=one, payment_database_url=other)
    assert str(settings.database_of("payment").host) == "other"
    assert settings.database_of("payment").database == "steampunk_payment"
    assert settings.database_of("order").host == "one"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@cache:6379/0", "redis://:***@cache:6379/0"),
        ("mysql+aiomysql://ada:se@cret@db/shop", "mysql+aiomysql://ada:***@db/shop"),
        ("mysql+aiomysql://ada@db:3306/shop", "mysql+aiomysql://ada@db:3306/shop"),
        ("ada:secret@db/shop", "ada:***@db/shop"),
        ("hello", "hello"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
