"""The pages for readers, and what a reader would do with them: fenced blocks of commands, GraphQL operations and changes.

A block with `title="PATH"` is a new file, and a `diff` changes files: only in guides that change the code.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES_OF_CHANGES = [DOCS / "guides" / "add-a-field.md", DOCS / "guides" / "add-a-subgraph.md"]
"""Followed in a copy of the project, one after the other: test_guides.py."""
TITLE = re.compile(r'\w+ title="([\w/.-]+)"')
SHOWN_ONLY = {
    "text",
    "mermaid",
    "json",
    "python",
    "markdown",
    "sql",
    "http",
    "javascript",
    "toml",
    "typescript",
    "yaml",
}
"""Languages of blocks that nobody types into a shell or sends to the store."""


@dataclass(frozen=True)
class Command:
    """A line of a `console` block that begins with `$`; the lines below it are what it prints."""

    line: int
    text: str
    expected: str


@dataclass(frozen=True)
class Operation:
    """A `graphql` block. Of the `json` blocks right below it, one with `data` or `errors` is the answer."""

    line: int
    text: str
    variables: Any
    expected: Any


@dataclass(frozen=True)
class NewFile:
    """A file that the reader creates. Its path is the title of the block."""

    line: int
    path: str
    text: str


@dataclass(frozen=True)
class Patch:
    """A `diff` block, as `git apply` takes it."""

    line: int
    text: str


Step: TypeAlias = Command | Operation | NewFile | Patch


class PageMistake(Exception):
    """A block that no reader could follow. The message names its line."""


def pages() -> list[Path]:
    """Those that hold for every store."""
    readmes = [ROOT / folder / "README.md" for folder in ("etl", "perf", "router")]
    return [ROOT / "README.md", *sorted(set(DOCS.rglob("*.md")) - set(GUIDES_OF_CHANGES)), *readmes]


def steps(text: str) -> Iterator[Step]:
    """What a page's reader does, in order. Raises PageMistake."""
    blocks = [token for token in MarkdownIt().parse(text) if token.type in ("fence", "code_block")]
    for block, following in zip(blocks, [blocks[i + 1 : i + 3] for i in range(len(blocks))], strict=True):
        language = block.info.strip()
        if language == "console":
            yield from _commands(block)
        elif language == "graphql":
            yield _operation(block, following)
        elif language == "diff":
            yield Patch(_line(block), block.content)
        elif title := TITLE.fullmatch(language):
            yield NewFile(_line(block), title[1], block.content)
        elif language not in SHOWN_ONLY and not _is_tree(block):
            raise PageMistake(f"line {_line(block)}: a block of {language or 'no language'} is neither run nor known")


def _commands(block: Token) -> Iterator[Command]:
    lines = block.content.splitlines()
    if not lines or not lines[0].startswith("$ "):
        raise PageMistake(f"line {_line(block)}: a console block begins with `$ `")
    begins = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        yield Command(_line(block) + 1 + begin, lines[begin][2:], "\n".join(lines[begin + 1 : end]))


def _operation(block: Token, following: list[Token]) -> Operation:
    variables: Any = {}
    expected: Any = None
    for other in following:
        if other.info.strip() != "json":
            break
        value = json.loads(other.content)
        if "data" in value or "errors" in value:
            expected = value
            break
        variables = value
    return Operation(_line(block), block.content, variables, expected)


def _is_tree(block: Token) -> bool:
    """A block without a language that shows folders or layers, and no command."""
    return block.type == "fence" and not block.info.strip() and "$ " not in block.content


def _line(block: Token) -> int:
    assert block.map is not None
    return block.map[0] + 1
