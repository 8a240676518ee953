"""Finds a person and writes the export."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from subgraphs.kit.problems import Problem
from subgraphs.kit.settings import Settings
from subgraphs.store.export.reading import Json, export_of
from subgraphs.store.runtime import runtime_of
from subgraphs.user.service import UserService


def run(settings: Settings, who: str, to: Path | None) -> int:
    """Writes the export of the person with this e-mail address or id. Raises Problem if there is none.

    A file is made for its owner only, and must not exist.
    """
    text = msgspec.json.format(msgspec.json.encode(asyncio.run(_export(settings, who))), indent=2)
    if to is None:
        sys.stdout.write(text.decode() + "\n")
        return 0
    try:
        file = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Problem(f"{to} exists. Name another file.") from None
    with os.fdopen(file, "wb") as out:
        out.write(text + b"\n")
    print(f"Wrote {to}.")
    return 0


async def _export(settings: Settings, who: str) -> Json:
    async with runtime_of("user") as runtime:
        account = await UserService(runtime).find(who)
    if account is None:
        raise Problem(f"There is no account {who}.")
    return await export_of(settings, account)
