"""Points for the load's users, put in in bulk."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from perf.world import ROWS_PER_STATEMENT, Shopper, World, insert_rows
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.idempotency import request_hash
from subgraphs.payment.models import LedgerEntry, TopUp, Wallet

START_BALANCE = 100_000


async def fill_wallets(store: World, shoppers: Sequence[Shopper]) -> None:
    """Tops up a new wallet for each user."""
    database, now = store.databases["payment"], datetime.now(UTC)
    top_ups = [
        {"user_id": one.id, "idempotency_key": request_hash(one.id), "id": new_id(), "amount": START_BALANCE}
        for one in shoppers
    ]
    entries = [
        {
            "user_id": top_up["user_id"],
            "kind": "TOP_UP",
            "amount": START_BALANCE,
            "balance_after": START_BALANCE,
            "reference": f"top-up:{top_up['id']}",
            "created_at": now,
        }
        for top_up in top_ups
    ]
    await insert_rows(database, TopUp, top_ups)
    await insert_rows(database, Wallet, [{"user_id": one.id, "balance": START_BALANCE} for one in shoppers])
    await insert_rows(database, LedgerEntry, entries)


async def charged_once(store: World, shoppers: Sequence[Shopper], price: int) -> list[str]:
    """Checks that each of these users has paid this price once. Returns no fault, or one that tells how many have."""
    ids, charged = [one.id for one in shoppers], 0
    async with store.databases["payment"].reading() as session:
        for start in range(0, len(ids), ROWS_PER_STATEMENT):
            some = ids[start : start + ROWS_PER_STATEMENT]
            theirs = Wallet.user_id.in_(some), Wallet.balance == START_BALANCE - price
            charged += await session.scalar(select(func.count()).select_from(Wallet).where(*theirs)) or 0
    return [] if charged == len(ids) else [f"{charged} of {len(ids)} wallets charged once"]
