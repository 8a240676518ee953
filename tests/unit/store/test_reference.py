"""The pages of docs/reference are what the code says."""

from pathlib import Path

import pytest

from subgraphs.kit import errors
from subgraphs.kit.errors import StoreError
from subgraphs.store.reference import __main__ as reference


def test_a_page_that_differs_from_the_code_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["reference", "--check"])
    assert reference.main(tmp_path) == 1
    monkeypatch.setattr("sys.argv", ["reference"])
    assert reference.main(tmp_path) == 0
    monkeypatch.setattr("sys.argv", ["reference", "--check"])
    assert reference.main(tmp_path) == 0
    page = tmp_path / "errors.md"
    page.write_text(page.read_text().replace("NOT_FOUND", "GONE"))
    capsys.readouterr()
    assert reference.main(tmp_path) == 1
    assert capsys.readouterr().out.count("errors.md") == 1


def test_every_error_code_has_a_line() -> None:
    codes = {one.code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, StoreError)}
    assert [code for code in codes if f"| `{code}` |" not in reference.PAGES["errors.md"]()] == []


def test_every_event_and_metric_has_its_place() -> None:
    assert "## `payment.paid`" in reference.PAGES["events.md"]()
    assert "| `paidAt` |" in reference.PAGES["events.md"]()
    assert "| `steampunk_claims_answered_total` | counter | `by` |" in reference.PAGES["metrics.md"]()


def test_the_api_lists_operations_arguments_and_unions() -> None:
    page = reference.PAGES["api.md"]()
    assert "| `pay(paymentId: ID!)` | `PayResult!` |" in page
    assert "One of `Payment` or `InsufficientPoints` or `AlreadyOwned`." in page
