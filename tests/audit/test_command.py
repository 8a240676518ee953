"""The output and exit code of `python -m subgraphs audit`."""

import subprocess
from pathlib import Path

import pytest

from subgraphs.kit.settings import Settings
from subgraphs.payment.models import Wallet
from tests.audit.commands import run
from tests.audit.store_copy import StoreCopy

pytestmark = pytest.mark.engineless


def run_audit(settings: Settings, *options: str) -> subprocess.CompletedProcess[str]:
    return run(settings, "audit", "--wait", "0", *options)


async def test_a_clean_store_passes(copy: StoreCopy) -> None:
    answer = run_audit(copy.settings)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "A wallet's balance is the sum of its ledger." in answer.stdout
    assert "when sagas have ended" in answer.stdout
    assert answer.stdout.startswith("All 36 invariants hold")


async def test_the_table_fits_a_narrow_terminal(copy: StoreCopy) -> None:
    answer = run(copy.settings, "audit", "--wait", "0", columns=80)
    assert answer.returncode == 0
    verdict, _, *table = answer.stdout.splitlines()
    assert verdict.startswith("All 36 invariants hold")
    assert max(map(len, table)) <= 80
    words = " ".join(line.split("│")[1].strip() for line in table if line.startswith("│"))
    assert "A wallet's balance is the sum of its ledger." in words
    assert "…" not in answer.stdout


async def test_a_breach_fails_and_shows_its_row(copy: StoreCopy) -> None:
    wallet = copy.one(Wallet)
    await copy.apply(wallet.changed(balance=-5))
    answer = run_audit(copy.settings)
    assert answer.returncode == 1
    verdict = answer.stdout.splitlines()[0]
    assert "invariants do not hold" in verdict
    row, bottom = f"user_id={wallet['user_id']}, balance=-5", "└"
    assert answer.stdout.index(bottom) < answer.stdout.index(row)


async def test_only_what_holds_at_any_time_is_checked_at_once(copy: StoreCopy) -> None:
    answer = run_audit(copy.settings, "--always-only")
    assert answer.returncode == 0
    assert "when sagas have ended" not in answer.stdout


async def test_a_missing_store_is_an_error_and_is_not_created(copy: StoreCopy, tmp_path: Path) -> None:
    nowhere = {"state": tmp_path / "none", "database_url": ""}
    answer = run_audit(copy.settings.model_copy(update=nowhere))
    assert answer.returncode == 2
    assert "There is no store in" in answer.stderr
    assert not (tmp_path / "none").exists()
