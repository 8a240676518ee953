"""The Dockerfile and its ignore file match the repository."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
COPIED = [source for source, _ in re.findall(r"^COPY (?!--from)(\S+) (\S+)$", DOCKERFILE, re.M)]


def test_every_copied_path_exists_and_is_sent_to_the_builder() -> None:
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    sent = {line[1:] for line in ignored if line.startswith("!")}

    assert "*" in ignored
    assert set(COPIED) == sent
    assert all((ROOT / source).exists() for source in COPIED)


def test_every_package_that_a_service_runs_is_in_the_image(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if service["image"].startswith("steampunk:"):
            assert (ROOT / service["build"]["dockerfile"]).exists()
            modules = [word.partition(".")[0] for word in service["command"] if fnmatch(word, "[a-z]*")]
            packages = {module for module in modules if (ROOT / module).is_dir()}
            assert packages, f"{name} runs nothing of the project"
            assert packages <= set(COPIED)


def test_only_locked_packages_are_installed() -> None:
    installs = re.findall(r"^RUN .*pip install.*$", DOCKERFILE, re.M)

    assert len(installs) == 1
    assert "--require-hashes -r /build/store.txt" in installs[0]
    assert "COPY requirements/store.txt /build/store.txt" in DOCKERFILE


def test_the_image_holds_the_playgrounds_page() -> None:
    """A container cannot build it: its file system is read-only."""
    _, _, page, final = DOCKERFILE.split("\nFROM ")

    assert "RUN XDG_CACHE_HOME=/cache /venv/bin/python -m router page" in page
    assert "COPY --from=page /cache /cache" in final
    assert "XDG_CACHE_HOME=/cache" in final
    # npm comes from the lock `gateway`, which uv installs.
    assert {"requirements/gateway.txt", "requirements/uv.txt"} <= set(COPIED)


def test_the_image_does_not_run_as_root() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\S+)$", last_stage, re.M)

    assert re.search(rf"useradd .*--uid \d+ .*{user}$", last_stage, re.M)
    assert last_stage.index("USER") > last_stage.rindex("RUN")
