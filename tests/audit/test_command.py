"""`python -m subgraphs audit` as an operator runs it."""

import subprocess
from pathlib import Path

from subgraphs.kit.settings import Settings
from subgraphs.payment.models import Wallet
from tests.audit.commands import run
from tests.audit.world import World


def run_audit(settings: Settings, *options: str) -> subprocess.CompletedProcess[str]:
    return run(settings, "audit", "--settle", "0", *options)


async def test_a_clean_store(world: World) -> None:
    answer = run_audit(world.settings)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "A wallet's balance is the sum of its ledger." in answer.stdout
    assert "when sagas have ended" in answer.stdout
    assert "All 34 invariants hold" in answer.stdout


async def test_a_breach(world: World) -> None:
    wallet = world.one(Wallet)
    await world.apply(wallet.changed(balance=-5))
    answer = run_audit(world.settings)
    assert answer.returncode == 1
    assert f"user_id={wallet['user_id']}, balance=-5" in answer.stdout


async def test_what_holds_always_only(world: World) -> None:
    answer = run_audit(world.settings, "--always-only")
    assert answer.returncode == 0
    assert "when sagas have ended" not in answer.stdout


async def test_no_store(world: World, tmp_path: Path) -> None:
    nowhere = {"state": tmp_path / "none", "database_url": ""}
    answer = run_audit(world.settings.model_copy(update=nowhere))
    assert answer.returncode == 2
    assert "cannot be read" in answer.stdout
    assert not (tmp_path / "none").exists()
