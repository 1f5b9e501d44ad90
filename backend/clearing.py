"""Clearing out what has served its time: ended sign-ins, codes, pushes that come only once."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.canteen.carrying import photos
from backend.canteen.delivery import forgetting as delivery
from backend.canteen.delivery.models import DeliveryPaper
from backend.canteen.kitchen.models import KitchenPaper
from backend.canteen.ordering import forgetting
from backend.canteen.welfare import forgetting as welfare
from backend.market.visits import details
from backend.night_school.uploads.models import UploadedEntry
from backend.people.models import AccessToken, SmsCode
from backend.reminders.models import PushEvent
from backend.staff.models import StaffSession
from backend.venues.tries import RefusedTry

KEPT = (
    # An ended sign-in is kept a while, so that "who was signed in last week" has an answer.
    (AccessToken.expires_at, timedelta(days=30)),
    (AccessToken.revoked_at, timedelta(days=30)),
    (StaffSession.expires_at, timedelta(days=30)),
    (StaffSession.revoked_at, timedelta(days=30)),
    # The limits on codes look back a day.
    (SmsCode.sent_at, timedelta(days=2)),
    # A tablet found in a drawer may still upload what it did; what is older is nobody's business.
    (UploadedEntry.received_at, timedelta(days=400)),
    # Papers of a meal name people and where they live; a week later nobody prints them.
    (KitchenPaper.made_at, timedelta(days=7)),
    (DeliveryPaper.made_at, timedelta(days=7)),
    # Who never gets in is asked for the last months, or a year.
    (RefusedTry.tried_at, timedelta(days=365)),
    # WeChat repeats a push within seconds.
    (PushEvent.received_at, timedelta(days=2)),
)
"""For each moment that ends a row's use, how long the row is kept after it."""


def clear_out(session: Session, now: datetime) -> int:
    """Delete what is past its time, forget where people were visited and meals were brought,
    and what was written about those who did not answer; how many rows.
    """
    return (
        details.forget(session, now)
        + forgetting.forget(session, now)
        + welfare.forget(session, now)
        + delivery.forget(session, now)
        + photos.forget(session, now)
        + sum(
            session.connection()
            .execute(delete(column.class_.__table__).where(column < now - kept))
            .rowcount
            for column, kept in KEPT
        )
    )
