"""What is told about a case: the eater is asked to ring, later the household hears of it too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.welfare.models import Food, Outcome, Step, WelfareCase, WelfareStep
from backend.canteen.welfare.wording import TOLD
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.people.models import Account, Consent, Person
from backend.reminders import moments, outbox, wording
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message, Template

PAGE = "pages/inbox"
_ENDED = "ended"

_case, _step = table_of(WelfareCase), table_of(WelfareStep)
_booking, _service = table_of(Booking), table_of(MealService)
_consent, _account = table_of(Consent), table_of(Account)


def ask_to_ring(session: Session, case: AnyRow, now: datetime) -> None:
    """The eater: somebody stood at the door. Who has no account is put on the call list."""
    _tell(session, case, None, Step.CALL, now)


def tell_household(session: Session, case: AnyRow, now: datetime) -> None:
    """Everybody who may act for the eater; their own account has been told."""
    for account_id in household(session, case.person_id, now):
        _tell(session, case, account_id, Step.FAMILY, now)


def tell_ending(session: Session, case: AnyRow, outcome: str, now: datetime) -> None:
    """Whoever was worried hears how it ended."""
    raised = select(_step.c.id).where(
        _step.c.case_id == case.id, _step.c.step == Step.FAMILY, _step.c.raised_at.is_not(None)
    )
    if session.execute(raised).first() is None:
        return
    for account_id in household(session, case.person_id, now):
        _tell(session, case, account_id, _ENDED, now, outcome=outcome)


def household(session: Session, person_id: int, now: datetime) -> Sequence[int]:
    """The accounts that may act for the person, without their own."""
    today = clock.today(now)
    consented = select(_consent.c.account_id).where(
        _consent.c.person_id == person_id, _consent.c.given_at.is_not(None),
        _consent.c.withdrawn_at.is_(None),
        or_(_consent.c.ends_on.is_(None), _consent.c.ends_on > today),
    )  # fmt: skip
    everybody = union(consented).subquery()
    return session.scalars(
        select(_account.c.id)
        .where(
            _account.c.id.in_(select(everybody.c[0])), _account.c.closed_at.is_(None),
            _account.c.person_id != person_id,
        )
        .order_by(_account.c.id)
    ).all()  # fmt: skip


def _tell(
    session: Session, case: AnyRow, account_id: int | None, what: str, now: datetime,
    **more: str,
) -> None:  # fmt: skip
    outbox.tell(
        session, Kind.CHANGED, person_id=case.person_id, account_id=account_id, now=now,
        facts={"welfare_case": case.id, "what": what, **more}, concerns_today=True,
    )  # fmt: skip


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The cases these reminders are about, with the meal, the canteen and the eater's name."""
    wanted = {due.id: due.facts["welfare_case"] for due in dues if "welfare_case" in due.facts}
    if not wanted:
        return {}
    rows = session.execute(
        select(
            _case.c.id, _case.c.opened_at, _case.c.closed_at, _case.c.food, _service.c.meal,
            Canteen.name.label("canteen_name"), Canteen.phone, Canteen.place_id,
            Person.name.label("person_name"),
        )
        .join(_booking, _booking.c.id == _case.c.booking_id)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Person, Person.id == _case.c.person_id)
        .where(_case.c.id.in_(wanted.values()))
    )  # fmt: skip
    found = {row.id: row for row in rows}
    return {ident: found[case_id] for ident, case_id in wanted.items() if case_id in found}


def word(due: Due, case: AnyRow, now: datetime) -> Message | None:
    """What somebody can do while it is open; how it ended, for a day."""
    if due.facts["what"] == _ENDED:
        return _ended(due, case, now)
    if case.closed_at is not None:
        return None
    when, meal = moments.spoken(case.opened_at, now), MEALS[Meal(case.meal)]
    ring = _("请尽快给食堂回个电话%(phone)s。", phone=_phone(case))
    if due.own:
        body = _(
            "%(to)s您好，%(when)s 给您送%(meal)s，敲门没有人应。您还好吗？",
            to=due.to, when=when, meal=meal,
        ) + ring  # fmt: skip
    else:
        body = _(
            "%(to)s您好，%(when)s 给%(person)s送%(meal)s，敲门没有人应，电话也还没有联系上。"
            "您知道在哪里吗？",
            to=due.to, when=when, person=case.person_name, meal=meal,
        ) + ring  # fmt: skip
    return _message(_("送餐上门没有人应"), body, _("请尽快回个电话"), case, case.opened_at)


def _ended(due: Due, case: AnyRow, now: datetime) -> Message | None:
    how = TOLD[Outcome(due.facts["outcome"])]
    body = _(
        "%(to)s您好，%(person)s的情况已经核实：%(how)s。",
        to=due.to, person=case.person_name, how=how,
    )  # fmt: skip
    if case.food == Food.NEIGHBOUR:
        body += _("饭菜请邻居代收了，详情可以给食堂打电话%(phone)s。", phone=_phone(case))
    return _message(_("送餐核实有结果了"), body, _("点开看结果"), case, case.closed_at)


def _phone(case: AnyRow) -> str:
    return f" {case.phone}" if case.phone else ""


def _message(title: str, body: str, what: str, case: AnyRow, at: datetime) -> Message:
    return Message(
        title=title, body=body, page=PAGE, template=Template.CHANGED,
        fields={"thing1": str(MEALS[Meal(case.meal)]), "thing2": title, "time3": moments.field(at),
                "thing4": what},
        place_id=case.place_id,
    )  # fmt: skip


wording.register("welfare", read, word)
