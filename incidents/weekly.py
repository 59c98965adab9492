"""The curators' weekly line on the registry: Monday, 9:00 of the region."""

from collections.abc import Collection
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.communities import REQUIRED_NETWORKS, overview
from incidents.people import audit
from models import AuditEntry, Community

_AT: Final = time(9)
_ACTION: Final = "communities_week"


def week_began_at(now: datetime, zone: tzinfo) -> datetime:
    """The last Monday, 9:00 in the zone, that is not after `now`."""
    local = now.astimezone(zone)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), _AT, tzinfo=zone)
    return monday if monday <= local else monday - timedelta(days=7)


async def tell_week(
    session: AsyncSession,
    *,
    now: datetime,
    zone: tzinfo,
    required: Collection[str] = REQUIRED_NETWORKS,
) -> bool:
    """Owe the curators the week's line, once; after downtime late, but only the last one.

    The audit trail keeps that it was told. Nothing is said of a registry filled after Monday, nor of an empty one.
    True: this week there is nothing left to do.
    """
    monday = week_began_at(now, zone)
    told = await session.scalar(
        select(AuditEntry.id).where(AuditEntry.at >= monday, AuditEntry.action == _ACTION).limit(1)
    )
    if told is not None:
        return True
    since = await session.scalar(select(func.min(Community.added_at)))
    if since is None or since > monday:
        return False
    shown = await overview(session, now=now, required=required)
    counts = {
        "missing": len(shown.missing),
        "silent": len(shown.silent),
        "unverified": len(shown.unverified),
        "lost": len(shown.lost),
    }
    key = "communities.week" if any(counts.values()) else "communities.fine_week"
    many = await outbox.tell_curators(session, key, now=now, **counts)
    if many:
        audit(session, now=now, telegram_id=None, chat_id=None, action=_ACTION, outcome="told", **counts)
    return bool(many)
