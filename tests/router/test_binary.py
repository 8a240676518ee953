"""Finding, downloading and building the router, and the error when all of these fail."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from router.binary import VERSION, RouterMissing, cache_path, locate, obtain
from router.download import DownloadFailed, download, release_url
from router.process import free_ports

ROUTER = f"#!/bin/sh\necho {VERSION}\n"
OLD_ROUTER = "#!/bin/sh\necho 1.61.0\n"
CARGO = f"""#!/bin/sh
[ "$CARGO_PROFILE_RELEASE_LTO" = off ] || exit 3
"$PROTOC" --version >&2 || exit 4
while [ "$1" != --root ]; do shift; done
echo '   Compiling apollo-router v{VERSION}' >&2
/bin/mkdir "$2/bin" && /bin/cp "$STAND_IN" "$2/bin/router"
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def release(member: str = "dist/router") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo(member)
        info.size = len(ROUTER)
        tar.addfile(info, io.BytesIO(ROUTER.encode()))
    return packed.getvalue()


def checksums_of(body: bytes) -> str:
    name = release_url(VERSION).rpartition("/")[2]
    return f"{'0' * 64}  another.tar.gz\n{hashlib.sha256(body).hexdigest()}  {name}\n"


class Mirror(BaseHTTPRequestHandler):
    """A server of releases. Tests set the body, the announced length and the checksums."""

    body = b""
    announced = 0
    checksums = ""

    def do_GET(self) -> None:
        listed = self.path == f"/v{VERSION}/sha256sums.txt"
        found = listed or self.path.startswith(f"/v{VERSION}/router-v{VERSION}-")
        body = self.checksums.encode() if listed else self.body
        self.send_response(200 if found else 404)
        self.send_header("content-length", str(0 if not found else len(body) if listed else self.announced))
        self.end_headers()
        if found:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Mirror]]:
    class Own(Mirror):
        body = release()
        announced = len(body)
        checksums = checksums_of(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("APOLLO_ROUTER_DOWNLOAD_URL", f"http://127.0.0.1:{server.server_port}")
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with no programs and no network."""
    (closed,) = free_ports(1)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("APOLLO_ROUTER_DOWNLOAD_URL", f"http://127.0.0.1:{closed}")
    monkeypatch.delenv("APOLLO_ROUTER_BIN", raising=False)
    monkeypatch.delenv("PROTOC", raising=False)


@pytest.fixture
def messages() -> list[str]:
    return []


def leftovers() -> list[Path]:
    return list(cache_path().parent.iterdir())


def test_the_search_order_is_setting_path_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    assert locate(messages.append) is None
    in_cache = program(cache_path(), ROUTER)
    assert locate(messages.append) == in_cache
    on_path = program(tmp_path / "bin" / "router", ROUTER)
    assert locate(messages.append) == on_path
    configured = program(tmp_path / "own" / "router", ROUTER)
    monkeypatch.setenv("APOLLO_ROUTER_BIN", str(configured))
    assert locate(messages.append) == configured
    assert messages == []


def test_another_version_on_the_path_is_ignored(tmp_path: Path, messages: list[str]) -> None:
    program(tmp_path / "bin" / "router", OLD_ROUTER)
    in_cache = program(cache_path(), ROUTER)
    assert locate(messages.append) == in_cache
    (line,) = messages
    assert "1.61.0" in line
    assert VERSION in line


def test_a_setting_that_does_not_name_a_router_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    monkeypatch.setenv("APOLLO_ROUTER_BIN", str(tmp_path / "nothing"))
    with pytest.raises(RouterMissing, match="APOLLO_ROUTER_BIN"):
        obtain(messages.append)


def test_another_version_in_the_setting_is_used_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    configured = program(tmp_path / "router", OLD_ROUTER)
    monkeypatch.setenv("APOLLO_ROUTER_BIN", str(configured))
    assert obtain(messages.append) == configured
    assert "1.61.0" in messages[0]


@pytest.mark.usefixtures("mirror")
def test_the_release_is_downloaded_once(monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    assert obtain(messages.append) == cache_path()
    assert leftovers() == [cache_path()]
    monkeypatch.delenv("APOLLO_ROUTER_DOWNLOAD_URL")
    messages.clear()
    assert obtain(messages.append) == cache_path()
    assert messages == []


def test_an_aborted_download_leaves_nothing(mirror: type[Mirror], messages: list[str]) -> None:
    mirror.body = mirror.body[:50]
    with pytest.raises(DownloadFailed):
        download(VERSION, cache_path(), messages.append)
    assert leftovers() == []


@pytest.mark.parametrize(
    "body",
    [b"not an archive", release("dist/other"), release()[:60]],
    ids=["no archive", "without a router", "truncated"],
)
def test_a_damaged_release_leaves_nothing(mirror: type[Mirror], messages: list[str], body: bytes) -> None:
    mirror.body, mirror.announced, mirror.checksums = body, len(body), checksums_of(body)
    with pytest.raises(DownloadFailed):
        download(VERSION, cache_path(), messages.append)
    assert leftovers() == []


@pytest.mark.parametrize(
    ("checksums", "words"),
    [(checksums_of(b"another"), "is not the file that"), (f"{'0' * 64}  another.tar.gz\n", "does not list")],
)
def test_a_release_with_the_wrong_checksum_is_rejected(
    mirror: type[Mirror], messages: list[str], checksums: str, words: str
) -> None:
    mirror.checksums = checksums
    with pytest.raises(DownloadFailed, match=words):
        download(VERSION, cache_path(), messages.append)
    assert leftovers() == []


@pytest.mark.usefixtures("mirror")
def test_a_missing_release_is_reported(messages: list[str]) -> None:
    with pytest.raises(DownloadFailed, match="404"):
        download("0.0.0", cache_path(), messages.append)


def test_a_platform_without_a_release_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(DownloadFailed, match="riscv64"):
        release_url(VERSION)


def test_without_a_network_the_router_is_built_with_protoc_from_pypi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    monkeypatch.setenv("STAND_IN", str(program(tmp_path / "stand-in", ROUTER)))
    program(tmp_path / "bin" / "cargo", CARGO)
    program(tmp_path / "bin" / "cc", ROUTER)
    assert obtain(messages.append) == cache_path()
    assert leftovers() == [cache_path()]
    assert any("14 minutes" in line for line in messages)


def test_a_failed_build_leaves_nothing_and_shows_cargos_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], messages: list[str]
) -> None:
    program(tmp_path / "bin" / "cargo", "#!/bin/sh\necho 'error: no space left' >&2\nexit 101\n")
    program(tmp_path / "bin" / "cc", ROUTER)
    with pytest.raises(RouterMissing, match="the build failed"):
        obtain(messages.append)
    assert leftovers() == []
    assert "no space left" in capfd.readouterr().err


def test_the_error_names_each_failure_and_every_remedy(tmp_path: Path, messages: list[str]) -> None:
    program(tmp_path / "bin" / "cargo", CARGO)
    with pytest.raises(RouterMissing) as raised:
        obtain(messages.append)
    text = str(raised.value)
    assert "it cannot be built: a C compiler not found" in text
    for remedy in (str(cache_path()), "APOLLO_ROUTER_BIN", "APOLLO_ROUTER_DOWNLOAD_URL", "install cargo"):
        assert remedy in text
    assert not cache_path().exists()
