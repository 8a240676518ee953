"""A sample: the data of a store that a release has left in the middle of its work, and what became of it there.

Each lies in `tests/upgrade/<release>/<engine>/`. It is written once, by `make.py`, and never changed.
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
    """What an account signs in with."""

    email: str
    password: str


@dataclass(frozen=True)
class Unfinished:
    """A request that the store had not finished. Sent again, with the same key, it must get `answer`."""

    account: str
    caught: str
    """How far it had come."""
    document: str
    variables: dict[str, Any]
    answer: Any = None


@dataclass(frozen=True)
class Expectation:
    """What is known of a sample. All answers are those of the release itself, once all had come to an end."""

    packed_at: str
    holds: dict[str, int]
    """How many rows it has of each kind and state."""
    accounts: dict[str, Credentials]
    dead_letter: str
    """The id of an event that all its consumers had given up. Its cause is repaired: it can be replayed."""
    ready_payment: str
    """A payment of the account `patient` that can be paid still."""
    held_claim: dict[str, str]
    """A claim of the account `claimant` that can be bought still: `id` and `product`."""
    shop_document: str
    shop: Any
    """What everybody sees."""
    me_document: str
    me: dict[str, Any]
    """What each account sees of itself."""
    unfinished: list[Unfinished]


@dataclass(frozen=True)
class Sample:
    """One sample's folder."""

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
        (self.folder / "expected.json").write_text(_laid_out(asdict(expectation)) + "\n")

    def pack(self, state: Path, database_url: str) -> None:
        """Keeps a store's databases, and the secrets without which they cannot be read. No subgraph runs any more."""
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
        """Puts the databases and secrets where a store that has not started yet will look for them."""
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


def _laid_out(value: Any, depth: int = 0) -> str:
    """JSON with a line for each thing that an account, or everybody, sees."""
    if depth == 3 or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    parts = value.items() if isinstance(value, dict) else [("", one) for one in value]
    lines = [f"{json.dumps(name)}: " * isinstance(value, dict) + _laid_out(one, depth + 1) for name, one in parts]
    opening, closing_ = "{}" if isinstance(value, dict) else "[]"
    indent = "\n" + " " * depth
    return opening + indent + " " + f",{indent} ".join(lines) + indent + closing_
