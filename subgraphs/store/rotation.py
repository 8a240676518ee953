"""`python -m subgraphs rotate`: replaces signing keys, secrets and the data key while the store runs."""

import asyncio
import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from subgraphs.kit.problems import Problem
from subgraphs.store.config import StoreSettings, read_secrets
from subgraphs.store.runtime import runtime_of
from subgraphs.user.service import UserService

NAMES = {
    "router-secret": "STEAMPUNK_ROUTER_SECRET",
    "service-secret": "STEAMPUNK_SERVICE_SECRET",
    "data-key": "STEAMPUNK_DATA_KEY",
}
THEN = {
    "add": "Restart the subgraphs: they accept both. Then `switch`.",
    "switch": "Restart the router and the subgraphs: they use the new one, and accept both. Then `drop`.",
    "drop": "Restart the subgraphs: they accept the new one only.",
}


def rotate_signing_key() -> None:
    """Adds a signing key and deletes those that are not needed any more."""

    async def run() -> tuple[str, list[str]]:
        async with runtime_of("user") as runtime:
            return await UserService(runtime).keys.rotate()

    new, deleted = asyncio.run(run())
    print(f"The key {new} signs in a moment. Older tokens stay valid; their keys are deleted by a later rotation.")
    print(f"Deleted: {', '.join(deleted) or 'none'}.")


def reencrypt() -> None:
    """Seals all personal data and signing keys by STEAMPUNK_DATA_KEY. Raises Problem if some cannot be opened."""

    async def run() -> tuple[int, int]:
        async with runtime_of("user") as runtime:
            users = UserService(runtime)
            await users.keys.reseal()
            return await users.resealing.seal_all()

    sealed, closed = asyncio.run(run())
    print(f"Encrypted anew: {sealed:,} accounts.")
    if closed:
        raise Problem(f"{closed:,} accounts can be opened by neither data key: the log names them.")


def rotate_secret(which: str, step: str) -> None:
    """Takes a step: writes the file of the secrets, or prints those that the environment holds. Raises Problem."""
    name, file = NAMES[which], StoreSettings().secrets_path
    if which == "data-key" and step == "drop":
        reencrypt()
    if file is not None:
        _replace(file, changed(read_secrets(file), name, step))
        print(f"Wrote {file}. {THEN[step]}")
        return
    after = changed(os.environ, name, step)
    for variable in (name, second(name)):
        print(f"{variable}={after.get(variable, '')}")
    print(THEN[step])


def changed(known: Mapping[str, str], name: str, step: str) -> dict[str, str]:
    """All secrets after a step. Raises Problem for a step that is not due."""
    after = dict(known)
    other = after.pop(second(name), "")
    if bool(other) == (step == "add"):
        state = "already set: `switch` or `drop` it" if other else "not set: `add` one first"
        raise Problem(f"{second(name)} is {state}.")
    match step:
        case "add":
            after[second(name)] = new_secret(name)
        case "switch":
            after |= {name: other, second(name): known[name]}
    return after


def second(name: str) -> str:
    """The variable of the secret that is accepted as well."""
    return name.replace("STEAMPUNK_", "STEAMPUNK_SECOND_")


def new_secret(name: str) -> str:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return key if name == NAMES["data-key"] else secrets.token_urlsafe(32)


def _replace(file: Path, content: Mapping[str, str]) -> None:
    """Writes the file whole or not at all, readable only by its owner."""
    written = file.with_suffix(".new")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out)
    written.replace(file)
