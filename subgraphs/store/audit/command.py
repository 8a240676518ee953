"""`python -m subgraphs audit`: the auditor's findings as a table."""

import asyncio
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from subgraphs.kit.settings import Settings
from subgraphs.store.audit.auditor import audit
from subgraphs.store.audit.invariant import Finding


def run(settings: Settings, wait: float, always_only: bool) -> int:
    """Prints the findings. The exit code: 0 if all invariants hold, 1 if not. Raises SQLAlchemyError."""
    started = time.monotonic()
    findings = asyncio.run(audit(settings, wait=wait, always_only=always_only))
    return 0 if print_verdict(findings, time.monotonic() - started, _table(findings)) else 1


def print_verdict(findings: Sequence[Finding], seconds: float, table: Table | None = None) -> bool:
    """Prints whether all invariants hold, and what breaks them. Returns whether they do."""
    console = Console()
    wrong = [finding for finding in findings if not finding.is_clean]
    checked = sum(finding.checked for finding in findings)
    verdict = f"{len(wrong)} invariants do not hold" if wrong else f"All {len(findings)} invariants hold"
    console.print(f"{verdict}: {checked:,} rows checked in {seconds:.1f} s.\n")
    if table is not None:
        console.print(table)
    for finding in wrong:
        console.print(_details(finding))
    return not wrong


def _table(findings: list[Finding]) -> Table:
    table = Table("Invariant", "Holds", title="The store's invariants")
    table.add_column("Checked", justify="right")
    table.add_column("Breaches", justify="right")
    for finding in findings:
        breaches = "skipped" if finding.skipped else f"{finding.breaches:,}"
        style = "green" if finding.is_clean else "bold red"
        table.add_row(finding.sentence, finding.when.value, f"{finding.checked:,}", breaches, style=style)
    return table


def _details(finding: Finding) -> Text:
    lines = [f"\n{finding.invariant}: {finding.sentence}"]
    if finding.skipped:
        lines.append(f"  not checked: {finding.skipped}")
    lines += [f"  {row}" for row in finding.rows]
    if finding.breaches > len(finding.rows):
        lines.append(f"  ... and {finding.breaches - len(finding.rows):,} more")
    return Text("\n".join(lines))
