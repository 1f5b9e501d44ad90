"""The calendar feed behind a secret link: what all services have for a household, in one file."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import ics
from backend.errors import NotFound
from backend.people.models import Account
from backend.people.queries import Resident

Entries = Callable[[Session, Resident, datetime], Iterable[Event]]
_ENTRIES: list[Entries] = []


def fills_calendar(entries: Entries) -> Entries:
    """A service's entries for everybody the account may act for, in an order that stays."""
    _ENTRIES.append(entries)
    return entries


def make_link(session: Session, me: Resident) -> str:
    """A new secret for the feed, 256 random bits; the one before stops working."""
    account = session.get_one(Account, me.account_id)
    account.calendar_token = secrets.token_urlsafe(32)
    session.flush()
    return account.calendar_token


def drop_link(session: Session, me: Resident) -> None:
    """Nobody reads the feed any more."""
    session.get_one(Account, me.account_id).calendar_token = None
    session.flush()


def feed(session: Session, token: str, now: datetime) -> bytes:
    """The whole feed behind the secret, in its owner's language; the same bytes until something
    changes. Raises NotFound.
    """
    account = session.scalars(
        select(Account).where(Account.calendar_token == token, Account.closed_at.is_(None))
    ).first()
    if account is None:
        raise NotFound()
    me = Resident(account.id, account.person_id)
    with force_locale(account.language):
        events = [event for entries in _ENTRIES for event in entries(session, me, now)]
        return ics.calendar("Xingfu", _("幸福家园日程"), events)
