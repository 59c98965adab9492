"""What the configuration puts into the database at every start."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.networks import enabled
from bot.settings import Settings
from collectors.contract import Page
from incidents.policy_choice import install_policy_rules
from incidents.promises import install_policies
from models import Community, Route
from models.database import Database


async def install(settings: Settings, database: Database, *, now: datetime) -> None:
    """Policies (a new version where their words changed), their rules, and the communities we watch."""
    async with database.writing() as session:
        await install_policies(session, settings.policies, now=now)
        await install_policy_rules(session, [rule.row() for rule in settings.policy_rules])
        for network, section in enabled(settings):
            for page in section.pages():
                await _put_community(session, network.name, page, now=now)


async def _put_community(session: AsyncSession, network: str, page: Page, *, now: datetime) -> None:
    """What the configuration does not say stays as people or the network have put it."""
    named = Community.native_id == page.native_id if page.native_id else Community.name == page.name
    row = await session.scalar(select(Community).where(Community.network == network, named))
    if row is None:
        row = Community(network=network, native_id=page.native_id or None, added_at=now)
        session.add(row)
    row.name = page.name or row.name or ""
    row.title = page.title or row.title or page.name
    row.territory = page.territory or row.territory or ""


async def places(database: Database) -> list[str]:
    """The region's places as the configuration and the routes name them: the classifier knows their forms."""
    async with database.reading() as session:
        of_pages = await session.scalars(select(Community.territory).distinct())
        of_routes = await session.scalars(select(Route.territory).distinct())
        return sorted({*of_pages, *of_routes} - {""})
