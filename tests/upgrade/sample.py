"""A sample: the data of a store that was killed in the middle of its work, and what its own release made of it.

`make.py` writes each sample once, to `tests/upgrade/<release>/<engine>/`. Samples are never changed.
"""

import json
import lzma
import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from subgraphs.kit.settings import SUBGRAPHS

SAMPLES = Path(__file__).parent
RELEASES = sorted(folder.parent.name for folder in SAMPLES.glob("*/embedded"))
DATA = {"embedded": "sqlite.tar.xz", "servers": "mariadb.sql.xz"}


@dataclass(frozen=True)
class Credentials:
    """An account's e-mail address and password."""

    email: str
    password: str


@dataclass(frozen=True)
class Unfinished:
    """A request that the store had not finished. Repeated with the same key, it must get `answer`."""

    account: str
    caught: str
    """The failpoint that it had reached."""
    document: str
    variables: dict[str, Any]
    answer: Any = None


@dataclass(frozen=True)
class Expectation:
    """The expected contents of a sample. Its own release gave all answers, after all work had finished."""

    packed_at: str
    holds: dict[str, int]
    """The number of rows by kind and state."""
    accounts: dict[str, Credentials]
    dead_letter: str
    """The id of an event that is a dead letter of every consumer. It is repaired and can be replayed."""
    ready_payment: str
    """A payment of the account `patient` that can still be paid."""
    held_claim: dict[str, str]
    """A claim of the account `claimant` that can still be bought: `id` and `product`."""
    shop_document: str
    shop: Any
    """The public data."""
    me_document: str
    me: dict[str, Any]
    """Each account's own data."""
    unfinished: list[Unfinished]


@dataclass(frozen=True)
class Sample:
    """The folder of a sample."""

    release: str
    engine: str

    @property
    def folder(self) -> Path:
        return SAMPLES / self.release / self.engine

    @property
    def data(self) -> Path:
        return self.folder / DATA[self.engine]

    def expectation(self) -> Expectation:
        read = json.loads((self.folder / "expected.json").read_text())
        read["accounts"] = {name: Credentials(**one) for name, one in read["accounts"].items()}
        read["unfinished"] = [Unfinished(**one) for one in read["unfinished"]]
        return Expectation(**read)

    def expect(self, expectation: Expectation) -> None:
        (self.folder / "expected.json").write_text(_formatted(asdict(expectation)) + "\n")

    def pack(self, state: Path, database_url: str) -> None:
        """Saves a stopped store's databases, and the secrets that decrypt them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(state / "secrets.json", self.folder)
        if self.engine == "embedded":
            self._pack_files(state)
        else:
            names = [f"{make_url(database_url).database}_{subgraph}" for subgraph in SUBGRAPHS]
            dump = ["mariadb-dump", *_login(database_url), "--databases", *names]
            dumped = subprocess.run(dump, check=True, capture_output=True)
            self.data.write_bytes(lzma.compress(dumped.stdout, preset=9))

    def _pack_files(self, state: Path) -> None:
        packed = state / "packed"
        packed.mkdir()
        with tarfile.open(self.data, "w:xz", preset=9) as archive:
            for file in sorted((state / "data").glob("*.db")):
                with closing(sqlite3.connect(file)) as connection:
                    connection.execute("VACUUM INTO ?", [str(packed / file.name)])
                archive.add(packed / file.name, file.name)

    def restore(self, state: Path, database_url: str) -> None:
        """Restores the databases and secrets for a store that has not started yet."""
        shutil.copy(self.folder / "secrets.json", state)
        if self.engine == "embedded":
            with tarfile.open(self.data) as archive:
                archive.extractall(state / "data", filter="data")
        else:
            dump = lzma.decompress(self.data.read_bytes())
            subprocess.run(["mariadb", *_login(database_url)], check=True, capture_output=True, input=dump)


def _login(database_url: str) -> list[str]:
    url = make_url(database_url)
    return ["--no-defaults", f"--host={url.host}", f"--port={url.port}", f"--user={url.username}"]


def _formatted(value: Any, depth: int = 0) -> str:
    """Formats JSON with one line for each value at the third level."""
    if depth == 3 or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    parts = value.items() if isinstance(value, dict) else [("", one) for one in value]
    lines = [f"{json.dumps(name)}: " * isinstance(value, dict) + _formatted(one, depth + 1) for name, one in parts]
    opening, closing_ = "{}" if isinstance(value, dict) else "[]"
    indent = "\n" + " " * depth
    return opening + indent + " " + f",{indent} ".join(lines) + indent + closing_
