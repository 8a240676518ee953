"""The pages as a site, as `nox -s docs` builds it."""

import subprocess
from pathlib import Path

from router import npm
from router.environments import tools
from tests.docs.pages import DOCS, ROOT


def test_every_page_is_built_and_no_link_leads_nowhere(tmp_path: Path) -> None:
    npm.install(ROOT / "deploy" / "site", print)
    python = str(tools("docs") / "bin" / "python")

    command = [python, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert built.returncode == 0, built.stderr
    pages = [path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md") if path.name != "README.md"]
    assert pages
    assert [str(page) for page in pages if not (tmp_path / page).exists()] == []
