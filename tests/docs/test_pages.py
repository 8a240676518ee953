"""Every command and every GraphQL operation in README.md and docs/ does what the page shows."""

import re
from pathlib import Path

import pytest

from tests.docs.not_run import NOT_RUN
from tests.docs.pages import ROOT, Command, PageMistake, pages, steps
from tests.docs.reader import Differs, Reader, bare
from tests.docs.sessions import SESSION, sessions
from tests.docs.store import ReaderStore

PAGES = pages()
FILE = re.compile(r"`((?:subgraphs|etl|router|schema|tests|deploy|kit|perf)/[\w/*.-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_shows(reader: ReaderStore, page: Path) -> None:
    Reader(reader, NOT_RUN).follow(page.read_text())


@pytest.mark.parametrize(
    "page",
    [
        "```graphql\n{ genres { title } }\n```",
        '```graphql\n{ genres { name } }\n```\n```json\n{"data": {"genres": [{"name": "Chess"}]}}\n```',
        "```graphql\n{ me { name } }\n```",
        "```console\n$ nox -s audit -- --wat\n```",
        "```console\n$ .nox/store/bin/python -m subgraphs events\nNo events were ever sent.\n```",
    ],
    ids=["an unknown field", "another answer", "an error", "a wrong option", "another output"],
)
def test_a_page_that_is_not_true_fails(reader: ReaderStore, page: str) -> None:
    with pytest.raises(Differs):
        Reader(reader, NOT_RUN).follow(page)


def test_a_block_that_is_neither_run_nor_known_fails() -> None:
    for text in ("```bash\nnox -s up\n```", "    nox -s up\n"):
        with pytest.raises(PageMistake):
            list(steps(text))


def test_what_is_not_run_is_on_a_page() -> None:
    shown = {bare(step.text) for page in PAGES for step in steps(page.read_text()) if isinstance(step, Command)}
    assert set(NOT_RUN) <= shown


def test_every_session_that_is_named_exists() -> None:
    everywhere = [*PAGES, *ROOT.glob("*.md"), *ROOT.glob("*/README.md")]
    named = {(name, str(page)) for page in everywhere for name in SESSION.findall(page.read_text()) if name.islower()}
    assert named
    assert [(name, page) for name, page in named if name not in sessions()] == []


def test_every_file_that_a_page_names_exists() -> None:
    for page in PAGES:
        folders = [ROOT, ROOT / "subgraphs", ROOT / "tests", page.parent]
        for path in FILE.findall(page.read_text()):
            assert any(list(folder.glob(path)) for folder in folders), f"{page.relative_to(ROOT)} names {path}"
