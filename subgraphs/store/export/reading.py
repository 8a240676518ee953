"""Reads what the databases keep of a person."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.database import Database
from subgraphs.kit.database.repository import table_of
from subgraphs.kit.settings import Settings
from subgraphs.store.export.sections import SECRETS, SECTIONS, Section
from subgraphs.user.domain import Account

FORMAT, VERSION = "steampunk.account", 1
"""The version stays when sections or fields are added. It rises when any is renamed or removed."""
IDS_PER_STATEMENT = 500

Json = dict[str, Any]


async def export_of(settings: Settings, account: Account) -> Json:
    """All that the store keeps of a person: see `docs/security.md`."""
    read: Json = {}
    for subgraph, sections in SECTIONS.items():
        async with AsyncExitStack() as stack:
            database = Database(settings.database_of(subgraph), pool_size=1)
            stack.push_async_callback(database.close)
            session = await stack.enter_async_context(database.reading())
            read[subgraph] = {one.name: (await _read(session, one, [account.id]))[account.id] for one in sections}
    head = {"format": FORMAT, "version": VERSION, "exportedAt": _value(datetime.now(UTC)), "account": _account(account)}
    return head | read


async def _read(session: AsyncSession, section: Section, owners: Sequence[str]) -> Mapping[str, list[Json]]:
    """The rows of a section with their parts, by owner."""
    table = table_of(section.model)
    owner = table.c[section.owner]
    found: dict[str, list[Json]] = defaultdict(list)
    for start in range(0, len(owners), IDS_PER_STATEMENT):
        some = owners[start : start + IDS_PER_STATEMENT]
        rows = (await session.execute(select(table).where(owner.in_(some)).order_by(*table.primary_key))).all()
        parts = {part.name: await _read(session, part, _ids(table, rows)) for part in section.parts}
        for row in rows:
            own = _without_secrets(row._mapping)
            found[row._mapping[section.owner]].append(
                own | {name: by_owner[_id(table, row)] for name, by_owner in parts.items()}
            )
    return found


def _ids(table: Table, rows: Collection[Any]) -> list[str]:
    return [_id(table, row) for row in rows]


def _id(table: Table, row: Any) -> str:
    (key,) = table.primary_key
    return str(row._mapping[key.name])


def _without_secrets(row: Mapping[Any, Any]) -> Json:
    return {_camel(name): _value(value) for name, value in row.items() if name not in SECRETS}


def _account(account: Account) -> Json:
    return {_camel(name): _value(value) for name, value in vars(account).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(role.value for role in value)
    return str(value) if isinstance(value, Decimal) else value
