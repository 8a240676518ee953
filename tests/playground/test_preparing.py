"""Until the page is built, the playground says that it is being prepared, or why it cannot be built."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from router.process import ROUTER, free_ports

SECONDS = 300


def test_the_page_is_prepared_in_the_background_and_then_shows_itself(tmp_path: Path) -> None:
    with server(tmp_path) as address:
        status, page = first(address)
        assert status == 503
        assert "is being prepared" in page
        assert 'http-equiv="refresh"' in page
        status, page = until(address, "assets/")
    assert status == 200
    assert "is being prepared" not in page


def test_it_says_why_the_page_cannot_be_built(tmp_path: Path) -> None:
    no_folder = tmp_path / "file"
    no_folder.touch()
    with server(no_folder) as address:
        status, page = until(address, "cannot be built")
    assert status == 503
    assert str(no_folder) in page
    assert "refresh" not in page


@contextmanager
def server(cache: Path) -> Iterator[str]:
    """The playground with a cache of its own, which has no page yet."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "uvicorn", "--factory", "router.playground:create_app", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "XDG_CACHE_HOME": str(cache)}, cwd=ROUTER.parent)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def until(address: str, words: str) -> tuple[int, str]:
    """The first answer that has these words."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        status, page = first(address)
        if words in page:
            return status, page
        time.sleep(0.2)
    raise AssertionError(f"no answer with {words!r}")


def first(address: str) -> tuple[int, str]:
    """The first answer of a server that may still be starting."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
