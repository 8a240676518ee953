"""Points for the load's users, put in in bulk."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from perf.world import Shopper, World, insert_rows
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
    """The fault if not every one of these users, made one after the other, has paid this price once."""
    ids = [one.id for one in shoppers]
    charged = select(func.count()).select_from(Wallet)
    charged = charged.where(Wallet.user_id.between(min(ids), max(ids)), Wallet.balance == START_BALANCE - price)
    async with store.databases["payment"].reading() as session:
        count = await session.scalar(charged)
    return [] if count == len(ids) else [f"{count} of {len(ids)} wallets charged once"]
