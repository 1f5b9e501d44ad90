"""What the tests of reminders do again and again: enrol, allow, deliver, look."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db, transaction
from backend.night_school.service import Enrolment, enrol
from backend.reminders import grants
from backend.reminders.delivery import deliver_due
from backend.reminders.models import InboxMessage, Reminder, SubscriptionGrant
from backend.wechat.standin.settings import StandinSettings
from tests.factories import Make, Signed
from tests.settings import APPID, SECRET
from tests.standin import RunningStandin, running_standin


@contextmanager
def standin() -> Iterator[RunningStandin]:
    """A stand-in of the account in the tests' settings."""
    with running_standin(StandinSettings(app_env="test", appid=APPID, secret=SECRET)) as running:
        yield running


class Post:
    """The outbox of an application, and the stand-in it delivers to."""

    def __init__(self, make: Make, standin: RunningStandin) -> None:
        self.make = make
        self.standin = standin

    def enrol(self, run: Any, who: Signed, *, wait: bool = False, person: Any = None) -> Booking:
        """Sign up as the app does; the reminder is written with the booking."""
        asked = Enrolment(run_id=run.id, person_id=(person or who.person).id, wait=wait)
        with transaction() as session:
            booked = enrol(session, who.me, asked, self.make.now)
        return db.session.get_one(Booking, booked.booking_id)

    def allow(self, who: Signed, *kinds: str, times: int = 1) -> None:
        """Tap "allow" for these templates, as the phone and our count both see it."""
        for _ in range(times):
            self.standin.allow(who.openid, *(f"standin-{kind}" for kind in kinds))
            self.believe(who, *kinds)

    def believe(self, who: Signed, *kinds: str) -> None:
        """Count a grant that WeChat knows nothing of."""
        with transaction() as session:
            for kind in kinds:
                grants.granted(session, who.openid, f"standin-{kind}", self.make.now)

    def known(self, who: Signed) -> None:
        """WeChat knows this person, who never allowed anything."""
        self.standin.popup(who.openid, {"standin-booked": "reject"})

    def deliver(self, at: datetime | None = None) -> Counter[str]:
        """Deliver what is due at that moment."""
        with clock.frozen(at or self.make.now):
            return deliver_due()

    def on_phone(self, who: Signed) -> list[dict[str, Any]]:
        """What arrived on this person's WeChat."""
        return self.standin.messages(who.openid)


def reminders(**where: Any) -> list[Reminder]:
    """The rows of the outbox as they stand, oldest first."""
    db.session.expire_all()
    return list(db.session.scalars(select(Reminder).filter_by(**where).order_by(Reminder.id)))


def only_reminder(**where: Any) -> Reminder:
    found = reminders(**where)
    assert len(found) == 1, found
    return found[0]


def inbox(who: Signed) -> list[InboxMessage]:
    return list(
        db.session.scalars(
            select(InboxMessage)
            .where(InboxMessage.account_id == who.account.id)
            .order_by(InboxMessage.id)
        )
    )


def grants_left(who: Signed, kind: str) -> int | None:
    db.session.expire_all()
    row = db.session.get(SubscriptionGrant, (who.openid, f"standin-{kind}"))
    return None if row is None else row.remaining
