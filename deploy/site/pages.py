"""mkdocs hooks: README.md becomes the site's first page, and files outside docs/ that pages link to are added."""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
MERMAID = Path(__file__).parent / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
LINK = re.compile(r"\]\(([^)#\s:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Adds README.md, what is linked from it and from the pages, and the library that draws the diagrams."""
    files.append(File.generated(config, "assets/mermaid.min.js", abs_src_path=str(MERMAID)))
    waiting = ["README.md", *[f"docs/{file.src_uri}" for file in files.documentation_pages()]]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        if not path.startswith("docs/"):
            files.append(File.generated(config, _in_site(path), abs_src_path=str(ROOT / path)))
        if path.endswith(".md"):
            targets = {_target(path, link[1]) for link in LINK.finditer((ROOT / path).read_text())}
            new = {target for target in targets if target and (ROOT / target).is_file()} - seen
            seen |= new
            waiting += sorted(new)
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Leads links to where their targets are in the site."""
    return LINK.sub(_rewrite(page.file.src_uri), markdown)


def _rewrite(page: str) -> Callable[[re.Match[str]], str]:
    path = _in_project(page)

    def rewritten(link: re.Match[str]) -> str:
        target = _target(path, link[1])
        if target is None:
            return link[0]  # which mkdocs reports
        if (ROOT / target).is_dir():
            return "]"  # a folder that has no page
        return f"]({posixpath.relpath(_in_site(target), posixpath.dirname(page) or '.')}{link[2] or ''})"

    return rewritten


def _target(path: str, link: str) -> str | None:
    """The project's file that a page links to; a folder's README where it has one. None if there is none."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
    if (ROOT / target / "README.md").is_file():
        return f"{target}/README.md"
    return target if (ROOT / target).exists() else None


def _in_site(path: str) -> str:
    if path == "README.md":
        return "index.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"project/{path}"


def _in_project(page: str) -> str:
    if page == "index.md":
        return "README.md"
    return page.removeprefix("project/") if page.startswith("project/") else f"docs/{page}"
