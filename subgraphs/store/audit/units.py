"""Invariants of limited units and claims, and of the payments that they are held for."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from subgraphs.stock.models import Claim, FlashSale, Hold, HoldLine, LimitedStock
from subgraphs.store.audit.invariant import Comparison, Finding, Pair, SqlInvariant, When
from subgraphs.store.audit.payment_lines import is_entitled, is_paid, payment_lines
from subgraphs.store.audit.snapshots import AnyRow, Query, Snapshots, paired

LIVE = ("HELD", "SOLD")


class LimitedUnitsAddUp(SqlInvariant):
    """A limited stock's total is remaining + held + sold, none negative; held and sold match its hold lines."""

    subgraph, table = "stock", LimitedStock

    def offenders(self) -> Iterator[Query]:
        without_claim = HoldLine.claim_id.is_(None)
        lines = _by_state(HoldLine.product_id, HoldLine.state, without_claim)
        stocks = select(LimitedStock, lines.c.held_by, lines.c.sold_by)
        stocks = stocks.outerjoin(lines, lines.c.owner == LimitedStock.product_id)
        yield stocks.where(_does_not_add_up(LimitedStock, LimitedStock.total, lines))
        orphans = select(lines).outerjoin(LimitedStock, LimitedStock.product_id == lines.c.owner)
        yield orphans.where(LimitedStock.product_id.is_(None), lines.c.held_by + lines.c.sold_by > 0)


class SaleUnitsAddUp(SqlInvariant):
    """A sale's units are remaining + held + sold, none negative; held and sold match its claims."""

    subgraph, table = "stock", FlashSale

    def offenders(self) -> Iterator[Query]:
        claims = _by_state(Claim.sale_id, Claim.state, Claim.state.in_(LIVE))
        counters = (FlashSale.id, FlashSale.units, FlashSale.remaining, FlashSale.held, FlashSale.sold)
        sales = select(*counters, claims.c.held_by, claims.c.sold_by)
        sales = sales.outerjoin(claims, claims.c.owner == FlashSale.id)
        yield sales.where(_does_not_add_up(FlashSale, FlashSale.units, claims))
        orphans = select(claims).outerjoin(FlashSale, FlashSale.id == claims.c.owner)
        yield orphans.where(FlashSale.id.is_(None))


class ClaimedOnce(SqlInvariant):
    """A user has at most one live claim on a sale."""

    subgraph, table = "stock", Claim

    def offenders(self) -> Iterator[Query]:
        live = select(Claim.sale_id, Claim.user_id, func.count().label("claims"))
        live = live.where(Claim.state.in_(LIVE)).group_by(Claim.sale_id, Claim.user_id)
        yield live.having(func.count() > 1)
        claim = select(Claim.id, Claim.sale_id, Claim.user_id, Claim.state, Claim.live_key)
        yield claim.where(Claim.state.in_(LIVE) != Claim.live_key.is_not(None))


class HoldsAgree(SqlInvariant):
    """A hold's lines have its state or are RETURNED, and a claim in a hold has the state of its line."""

    subgraph, table = "stock", HoldLine

    def offenders(self) -> Iterator[Query]:
        line = (HoldLine.payment_id, HoldLine.product_id, HoldLine.state, HoldLine.claim_id)
        lines = select(*line, Hold.state.label("hold_state"))
        lines = lines.outerjoin(Hold, Hold.payment_id == HoldLine.payment_id)
        elsewhere = func.coalesce(Hold.state, "") != HoldLine.state
        yield lines.where(HoldLine.state != "RETURNED", elsewhere)
        of_claim = and_(HoldLine.claim_id == Claim.id, HoldLine.payment_id == Claim.payment_id)
        in_line = and_(HoldLine.state.in_(LIVE), HoldLine.state == Claim.state, of_claim)
        sold = select(Claim.id, Claim.user_id, Claim.state, Claim.payment_id).outerjoin(HoldLine, of_claim)
        bound = or_(Claim.state == "SOLD", and_(Claim.state == "HELD", Claim.payment_id.is_not(None)))
        yield sold.where(bound, func.coalesce(HoldLine.state, "") != Claim.state)
        held = select(*line, Claim.state.label("claim_state")).outerjoin(Claim, in_line)
        held = held.where(HoldLine.claim_id.is_not(None), HoldLine.state.in_(LIVE))
        yield held.where(Claim.id.is_(None))


def _lines_and_units(store: Snapshots) -> AsyncIterator[Pair]:
    query = select(
        HoldLine.payment_id,
        HoldLine.product_id,
        HoldLine.state.label("unit_state"),
        HoldLine.claim_id.label("unit_claim_id"),
    )
    units = store["stock"].sorted(query, HoldLine.payment_id.expression, HoldLine.product_id.expression)
    return paired(payment_lines(store), units, 2)


class SoldIsPaid(Comparison):
    """Every sold unit is paid for, at any time."""

    pairs = _lines_and_units

    def compare(self, line: AnyRow | None, unit: AnyRow | None, finding: Finding) -> None:
        if unit is not None:
            finding.checked += 1
            if unit.unit_state == "SOLD" and not is_paid(line):
                finding.breach(line, unit)


class OnlyHoldersHoldUnits(Comparison):
    """Stock holds units only for payments that know of it: their PaymentPaid goes to stock."""

    pairs = _lines_and_units

    def compare(self, line: AnyRow | None, unit: AnyRow | None, finding: Finding) -> None:
        if unit is not None:
            finding.checked += 1
            if line is not None and not line.holds_units:
                finding.breach(line, unit)


class UnitsFollowPayments(Comparison):
    """A unit is SOLD if its line is paid and not refunded, HELD while the line can be paid, else RETURNED."""

    when, pairs = When.ENDED, _lines_and_units

    def compare(self, line: AnyRow | None, unit: AnyRow | None, finding: Finding) -> None:
        if unit is not None:
            finding.checked += 1
            expected = _expected(line)
            if unit.unit_state != expected or (line is not None and line.claim_id != unit.unit_claim_id):
                finding.breach(line, unit, expected=expected)
        elif line is not None and line.claim_id is not None and (expected := _expected(line)) != "RETURNED":
            finding.breach(line, expected=expected)


def _expected(line: AnyRow | None) -> str:
    if line is not None and line.state == "READY":
        return "HELD"
    return "SOLD" if is_entitled(line) else "RETURNED"


def _by_state(owner: Any, state: Any, where: ColumnElement[bool]) -> Any:
    """How many rows of each owner are HELD and SOLD."""
    held = func.count(case((state == "HELD", 1))).label("held_by")
    sold = func.count(case((state == "SOLD", 1))).label("sold_by")
    return select(owner.label("owner"), held, sold).where(where).group_by(owner).subquery()


def _does_not_add_up(table: type[Any], total: Any, counts: Any) -> ColumnElement[bool]:
    """Whether a row's counters are wrong."""
    return or_(
        total != table.remaining + table.held + table.sold,
        table.remaining < 0,
        table.held != func.coalesce(counts.c.held_by, 0),
        table.sold != func.coalesce(counts.c.sold_by, 0),
    )
