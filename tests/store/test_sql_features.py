"""The SQL that the store sends to a server is what MariaDB and MySQL 8.4 have in common (docs/databases.md)."""

import re
from collections.abc import Iterator

import pymysql
import pytest
from sqlalchemy.engine import make_url

from tests.operator.commands import run
from tests.own_store import OwnStore, own_store

KEYWORDS = """
ADD ALL ALTER AND AS ASC AUTO_INCREMENT AUTOCOMMIT BEGIN BETWEEN BIGINT BINARY BLOB BOOL BY CASCADE CASE CHARACTER CHECK
COALESCE COLLATE COLUMN COMMIT COMMITTED CONCAT CONSISTENT CONSTRAINT COUNT CREATE CROSS DATA DATABASE DATE DATETIME DEFAULT
DELETE DESC DESCRIBE DISTINCT DROP DUPLICATE ELSE END ENGINE ESCAPED EXISTS FIELDS FIRST FOR FORCE FOREIGN FROM FULL FULLTEXT
GET_LOCK GROUP HAVING IF IN INDEX INFILE INNER INSERT INTEGER INTO IS ISOLATION JOIN JSON_ARRAYAGG KEY LEFT LEVEL LIKE LIMIT
LINES LOAD LOCAL LOCKED MAX MEDIUMTEXT MODIFY NAMES NOT NULL NULLIF NUMERIC ON ONLY OR ORDER OUTER OVER PARTITION PRIMARY READ
REFERENCES RENAME REPEATABLE ROLLBACK SELECT SESSION SET SHOW SKIP SMALLINT SNAPSHOT START STRAIGHT_JOIN TABLE TABLES
TERMINATED TEXT THEN TINYINT TO TRANSACTION UNION UNIQUE UPDATE UTC_TIMESTAMP VALUES VARCHAR VARIABLES VERSION WHEN WHERE WITH
"""
FUNCTIONS = (
    "avg coalesce concat count date json_arrayagg lag length lower max min nullif round substr sum values version"
)
ONLY_MARIADB = re.compile(r"\b(INDEX|KEY|COLUMN) IF (NOT )?EXISTS\b")
"""Clauses of MariaDB's alone that are made of words which MySQL has, too."""

QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")


def features(statement: str) -> set[str]:
    """The keywords of a statement, and the functions that it calls. SQLAlchemy writes names in lower case."""
    bare = QUOTED.sub("?", statement)
    return set(re.findall(r"\b[A-Z][A-Z_0-9]+\b", bare)) | set(re.findall(r"\b([a-z_]+)\(", bare))


@pytest.fixture(scope="module")
def statements(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """What a new store sends to MariaDB: migrations, sample data, the tour, and the auditor."""
    if engine == "embedded":
        pytest.skip("SQLite has an SQL of its own")
    url = make_url(mariadb_url)
    connection = pymysql.connect(host=url.host, port=int(url.port or 3306), user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL log_output = 'TABLE', general_log = ON")
        try:
            folder, database_url = tmp_path_factory.mktemp("features"), f"{mariadb_url}_features"
            with own_store(engine, folder, database_url=database_url) as store:
                _use(store)
            # As bytes: what is sealed in them may be no text.
            cursor.execute("SELECT DISTINCT BINARY argument FROM mysql.general_log WHERE command_type = 'Query'")
            sent = {statement.decode(errors="replace") for (statement,) in cursor.fetchall()}
            # Alembic's own table is left out: SQLAlchemy adds RETURNING where the server is a MariaDB.
            yield {statement for statement in sent if "INTO alembic_version" not in statement}
        finally:
            cursor.execute("SET GLOBAL log_output = 'FILE', general_log = OFF")


def test_every_keyword_and_function_is_known_to_both(statements: set[str]) -> None:
    used = {feature: statement for statement in statements for feature in features(statement)}
    unknown = used.keys() - set(KEYWORDS.split()) - set(FUNCTIONS.split())
    assert {feature: used[feature] for feature in unknown} == {}
    assert used.keys() >= {"SKIP", "DUPLICATE", "JSON_ARRAYAGG", "lag", "count"}


def test_nothing_is_only_mariadbs(statements: set[str]) -> None:
    assert [statement for statement in statements if ONLY_MARIADB.search(QUOTED.sub("?", statement))] == []


def test_the_features_of_a_statement_are_its_keywords_and_functions() -> None:
    statement = "INSERT INTO a (b, c) VALUES ('FROM x()', lower(`SELECT`)) RETURNING b"
    assert features(statement) == {"INSERT", "INTO", "VALUES", "lower", "RETURNING"}


def _use(store: OwnStore) -> None:
    for command in (
        ["sample", "--yes", "--router", store.store.settings.graphql_url],
        ["tour"],
        ["audit", "--wait", "30"],
    ):
        done = run(store.command_settings(), "subgraphs", *command)
        assert done.returncode == 0, done.stdout + done.stderr
