"""Downloads the official release of the router."""

import asyncio
import hashlib
import os
import platform
import tarfile
import tempfile
import time
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from router.process import Log

RELEASES = "https://github.com/apollographql/router/releases/download"
CHECKSUMS = "sha256sums.txt"
MEMBER = "dist/router"
TARGETS = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-gnu",
    ("Linux", "aarch64"): "aarch64-unknown-linux-gnu",
    ("Darwin", "arm64"): "aarch64-apple-darwin",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
}


class DownloadFailed(Exception):
    """The release could not be downloaded; the message says why in one line."""


def download(version: str, target: Path, log: Log) -> None:
    """Downloads this platform's router, verifies its published checksum, and moves it to `target` once complete.

    `APOLLO_ROUTER_DOWNLOAD_URL` names a mirror of the releases. Raises DownloadFailed.
    """
    url = release_url(version)
    started = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="router.", suffix=".part") as folder:
        archive = Path(folder) / "router.tar.gz"
        log(url)
        try:
            asyncio.run(_fetch(url, archive))
            binary = _unpack(archive, Path(folder) / "router")
        except (aiohttp.ClientError, TimeoutError, OSError, tarfile.TarError, KeyError, EOFError) as error:
            raise DownloadFailed(_one_line(error)) from error
        binary.replace(target)
    log(f"Downloaded in {time.monotonic() - started:.0f} s to {target}")


def release_url(version: str) -> str:
    """The URL of this platform's release. Raises DownloadFailed if there is none."""
    system, machine = platform.system(), platform.machine()
    name = TARGETS.get((system, machine))
    if name is None:
        raise DownloadFailed(f"there is no release for {system} on {machine}")
    base = os.environ.get("APOLLO_ROUTER_DOWNLOAD_URL", RELEASES).rstrip("/")
    return f"{base}/v{version}/router-v{version}-{name}.tar.gz"


async def _fetch(url: str, archive: Path) -> None:
    """Downloads the archive. Raises DownloadFailed if its checksum is not the published one."""
    # Give up quickly where there is no network, but not where it is slow.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=4, sock_read=30)
    folder, _, name = url.rpartition("/")
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True, raise_for_status=True) as session:
        async with session.get(f"{folder}/{CHECKSUMS}") as response:
            published = _checksum(await response.text(), name)
        async with session.get(url) as response:
            digest = await _save(response, archive)
    if digest != published:
        raise DownloadFailed(f"{name} is not the file that {CHECKSUMS} lists")


async def _save(response: aiohttp.ClientResponse, archive: Path) -> str:
    """Writes the body to a file and returns its SHA-256."""
    digest = hashlib.sha256()
    columns = DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress, archive.open("wb") as file:
        task = progress.add_task("router", total=response.content_length)
        async for chunk in response.content.iter_chunked(1 << 18):
            digest.update(chunk)
            file.write(chunk)
            progress.advance(task, len(chunk))
    return digest.hexdigest()


def _checksum(text: str, name: str) -> str:
    """Finds a file's checksum in the output of sha256sum. Raises DownloadFailed if it is not listed."""
    for line in text.splitlines():
        digest, _, file = line.partition(" ")
        if file.lstrip(" *") == name:
            return digest.lower()
    raise DownloadFailed(f"{CHECKSUMS} does not list {name}")


def _unpack(archive: Path, binary: Path) -> Path:
    with tarfile.open(archive, "r:gz") as tar:
        member = tar.extractfile(MEMBER)
        if member is None:
            raise KeyError(f"{MEMBER} is not a file in the release")
        with binary.open("wb") as file:
            while chunk := member.read(1 << 20):
                file.write(chunk)
    binary.chmod(0o755)
    return binary


def _one_line(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the server answers {error.status} {error.message}"
    return (str(error) or type(error).__name__).splitlines()[0]
