"""The yardstick as a process behind a router of its own, on the database server of the store under measurement."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import URL, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from perf.bench import Target
from perf.load import Call, body
from perf.scenario import Load, Scenario
from perf.scenarios import pay
from perf.world import World
from perf.yardstick.app import AUDIENCE, schema
from router import process as router
from router.choice import choose
from schema.composition import compose
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.problems import Problem
from subgraphs.store.processes import Program, answers

PRICE, BALANCE = 1000, 100_000
READY_SECONDS = 60
NEW = "INSERT INTO wallets VALUES (:user, :balance)", "INSERT INTO payments VALUES (:id, :user, :amount, 'READY', NULL)"
TABLES = (
    "CREATE TABLE payments (id CHAR(36) PRIMARY KEY, user_id CHAR(36) NOT NULL, amount INT NOT NULL, "
    "state VARCHAR(20) NOT NULL, paid_at DATETIME(6), KEY (user_id)) CHARACTER SET ascii",
    "CREATE TABLE wallets (user_id CHAR(36) PRIMARY KEY, balance BIGINT NOT NULL) CHARACTER SET ascii",
)


@asynccontextmanager
async def yardstick(store: World) -> AsyncIterator[Target]:
    """The yardstick's payments, while it runs. Raises Problem where the store has no database server."""
    if not store.kit.database_url:
        raise Problem("The yardstick needs MariaDB: leave out --embedded.")
    url = make_url(store.kit.database_url).set(database="steampunk_yardstick")
    key = Ed25519PrivateKey.generate()
    async with _database(url) as engine:
        with _processes(url, key) as (endpoint, port):
            ports = {make_url(endpoint).port or 0: "router", port: "yardstick", url.port or 3306: "database"}
            yield Target(_scenario(engine, key), endpoint, ports)


@asynccontextmanager
async def _database(url: URL) -> AsyncIterator[AsyncEngine]:
    """A new database with the two tables; dropped at the end."""
    server = create_async_engine(url.set(database=""))
    async with server.begin() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {url.database}"))
        await connection.execute(text(f"CREATE DATABASE {url.database}"))
        for table in TABLES:
            await connection.execute(text(table.replace("TABLE ", f"TABLE {url.database}.")))
    engine = create_async_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()
        async with server.begin() as connection:
            await connection.execute(text(f"DROP DATABASE {url.database}"))
        await server.dispose()


@contextmanager
def _processes(url: URL, key: Ed25519PrivateKey) -> Iterator[tuple[str, int]]:
    """The subgraph and a router with the store's configuration: the router's endpoint and the subgraph's port."""
    [port] = router.free_ports(1)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    settings = {"YARDSTICK_DATABASE": url.render_as_string(False), "YARDSTICK_KEY": pem}
    arguments = ["perf.yardstick.app:app", "--port", str(port), "--log-level=warning", "--no-access-log"]
    command = [sys.executable, "-m", "uvicorn", *arguments, "--timeout-keep-alive=75", "--backlog=4096"]
    with tempfile.TemporaryDirectory(prefix="yardstick-") as name:
        child = Program("yardstick", command, {**os.environ, **settings}, Path(name))
        try:
            child.wait_until(lambda: answers(f"http://127.0.0.1:{port}/?query=%7Bping%7D"), READY_SECONDS)
            supergraph = Path(name, "supergraph.graphql")
            # It goes by the name of payment, so that the store's router.yaml knows where it is.
            supergraph.write_text(compose({"payment": schema.as_str()})["supergraph"])
            places = {"STEAMPUNK_PAYMENT_URL": f"http://127.0.0.1:{port}/", "STEAMPUNK_ROUTER_SECRET": "none"}
            with router.running(choose(print), supergraph, places) as endpoint:
                yield endpoint, port
        finally:
            child.stop()


def _scenario(engine: AsyncEngine, key: Ed25519PrivateKey) -> Scenario:
    async def prepare(_: World, count: int) -> Load:
        until = datetime.now(UTC) + timedelta(hours=2)
        rows = [{"user": new_id(), "id": new_id(), "balance": BALANCE, "amount": PRICE} for _ in range(count)]
        async with engine.begin() as connection:
            for statement in NEW:
                await connection.execute(text(statement), rows)
        calls = []
        for row in rows:
            token = jwt.encode({"sub": row["user"], "aud": AUDIENCE, "exp": until}, key, algorithm="EdDSA")
            calls.append(Call(token, body(pay.PAY, {"id": row["id"]}), pay.kind))
        return Load(calls, lambda: _faults(engine, [str(row["user"]) for row in rows]))

    return replace(pay.SCENARIO, name="yardstick", prepare=prepare)


async def _faults(engine: AsyncEngine, users: Sequence[str]) -> list[str]:
    """The fault if not every one of these users, made one after the other, has paid once."""
    query = text("SELECT COUNT(*) FROM wallets WHERE user_id BETWEEN :first AND :last AND balance = :left")
    async with engine.connect() as connection:
        between = {"first": min(users), "last": max(users), "left": BALANCE - PRICE}
        count = (await connection.execute(query, between)).scalar_one()
    return [] if count == len(users) else [f"{count} of {len(users)} wallets charged once"]
