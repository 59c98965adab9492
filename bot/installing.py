"""What the configuration puts into the database at every start."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from collectors.vk.settings import CommunitySettings
from incidents.promises import install_policies
from models import Community, Route
from models.database import Database


async def install(settings: Settings, database: Database, *, now: datetime) -> None:
    """Policies (a new version where their words changed) and the communities we watch."""
    async with database.writing() as session:
        await install_policies(session, settings.policies, now=now)
        for page in settings.collectors.vk.communities:
            if page.id is not None:
                await _put_community(session, "vk", page)


async def _put_community(session: AsyncSession, network: str, page: CommunitySettings) -> None:
    native_id = str(page.id)
    row = await session.scalar(
        select(Community).where(Community.network == network, Community.native_id == native_id)
    )
    if row is None:
        row = Community(network=network, native_id=native_id)
        session.add(row)
    row.title = page.title or page.name
    row.territory = page.territory


async def places(database: Database) -> list[str]:
    """The region's places as the configuration and the routes name them: the classifier knows their forms."""
    async with database.reading() as session:
        of_pages = await session.scalars(select(Community.territory).distinct())
        of_routes = await session.scalars(select(Route.territory).distinct())
        return sorted({*of_pages, *of_routes} - {""})
