"""The list of residents' phones for the stand-in of WeChat, those worth a look first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.rules import age_on
from backend.canteen.models import KIND as MEAL
from backend.canteen.repeating.models import StandingOrder
from backend.db import AnyRow
from backend.night_school.draws.engine import Outcome
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.night_school.models import Lesson
from backend.people.models import Account, Consent, Gender, Identity, IdentityKind, Person, Relation
from backend.venues.groups.models import Group, GroupMember
from backend.venues.models import KIND as ROOM

# What makes a phone worth looking at, and how many such phones are put in front.
_SHOWN = {
    "offered": 1, "won": 2, "lost": 2, "applied": 2, "changing": 1, "together": 2, "door": 1,
    "today": 4, "meals": 1, "waiting": 3, "group": 2, "child": 3, "parent": 3, "asked": 2,
    "nothing": 4,
}  # fmt: skip

_attending = aliased(Person)

Fact = tuple[str, str, datetime]
"""Its kind, the words, and the lesson it leads to."""


@dataclass(slots=True)
class _Phone:
    openid: str
    name: str
    phone: str
    born: date
    facts: list[Fact] = field(default_factory=list)

    def entry(self, today: date) -> dict[str, str]:
        said = [text for _, text, _ in self.facts[:2]] or ["还没有报过名"]
        note = "，".join([f"{age_on(self.born, today)}岁", *said])
        return {"openid": self.openid, "name": self.name, "phone": self.phone, "note": note}


def write(session: Session, path: Path, now: datetime) -> int:
    """Write the file as the database stands now; how many phones are in it."""
    entries = list(_entries(session, now))
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(orjson.dumps(entries, option=orjson.OPT_INDENT_2))
    unfinished.replace(path)
    return len(entries)


def _entries(session: Session, now: datetime) -> Iterator[dict[str, str]]:
    phones = _phones(session)
    for account_id, fact in _facts(session, now):
        if account_id in phones:
            phones[account_id].facts.append(fact)
    today = clock.today(now)
    by_kind: dict[str, list[int]] = defaultdict(list)
    for account_id, phone in phones.items():
        by_kind[phone.facts[0][0] if phone.facts else "nothing"].append(account_id)
    by_kind["today"].sort(key=lambda account_id: phones[account_id].facts[0][2])
    shown = [account_id for kind, count in _SHOWN.items() for account_id in by_kind[kind][:count]]
    for account_id in [*shown, *(one for one in phones if one not in set(shown))]:
        yield phones[account_id].entry(today)


def _phones(session: Session) -> dict[int, _Phone]:
    """All accounts with an openid, older people first: the demo is about them."""
    rows = session.execute(
        select(Account.id, Identity.subject, Person.name, Person.phone, Person.birth_date)
        .join(Identity, Identity.account_id == Account.id)
        .join(Person, Person.id == Account.person_id)
        .where(Identity.kind == IdentityKind.WECHAT, Account.closed_at.is_(None))
        .order_by(func.abs(func.extract("year", Person.birth_date) - 1954), Account.id)
    )
    return {
        row.id: _Phone(row.subject, row.name, row.phone or "", row.birth_date)
        for row in rows
        if row.birth_date is not None
    }


def _facts(session: Session, now: datetime) -> Iterator[tuple[int, Fact]]:
    """What can be told of each account, the most telling first."""
    told: list[tuple[int, Fact]] = []
    for row in _bookings(session, now):
        told.append((row.account_id, (*_fact(row, now), row.coming or now)))
    told += [(account_id, (kind, said, now)) for account_id, kind, said in _draws(session)]
    told += [(account_id, ("group", said, now)) for account_id, said in _groups(session)]
    told += [(account_id, ("meals", said, now)) for account_id, said in _meals(session)]
    for account_id in _asked(session):
        told.append((account_id, ("asked", "有家人请求代为报名", now)))
    order = [*_SHOWN, "enrolled"]
    return iter(sorted(told, key=lambda each: order.index(each[1][0])))


def _bookings(session: Session, now: datetime) -> list[AnyRow]:
    """Live bookings of what is not over, but for meals, with the line's position and today's
    lesson.
    """
    ahead = aliased(Booking)
    position = (
        select(func.count())
        .where(
            ahead.bookable_id == Booking.bookable_id, ahead.state == State.WAITING,
            ahead.queue_no <= Booking.queue_no,
        )
        .scalar_subquery()
    )  # fmt: skip
    coming = (
        select(func.min(Lesson.starts_at))
        .where(
            Lesson.run_id == Bookable.id, Lesson.ends_at > now, Lesson.cancelled_at.is_(None)
        )
        .scalar_subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            Booking.account_id, Booking.state, Booking.starts_at, Bookable.kind,
            Bookable.title, position.label("position"),
            coming.label("coming"), _attending.id.label("person_id"),
            _attending.name.label("person_name"), _attending.gender,
            Booking.party_id, Booking.transfer_from_id, Consent.relation,
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Account, Account.id == Booking.account_id)
        .join(_attending, _attending.id == Booking.person_id)
        .outerjoin(
            Consent,
            and_(
                Consent.account_id == Booking.account_id,
                Consent.person_id == Booking.person_id,
                Consent.withdrawn_at.is_(None),
            ),
        )
        .where(
            Bookable.ends_at > now, Bookable.kind != MEAL,
            Booking.state.in_((State.CONFIRMED, State.OFFERED, State.WAITING)),
            Booking.id.not_in(select(DrawWish.booking_id).where(DrawWish.booking_id.is_not(None))),
        )
        .order_by(coming, Booking.id)
    )  # fmt: skip
    return list(rows)


def _fact(row: Any, now: datetime) -> tuple[str, str]:
    title = f"《{row.title}》"
    whose = "" if row.relation is None else f"{_relative(row)}{row.person_name}的"
    if row.state == State.OFFERED:
        return "offered", f"{whose}{title}有一个待确认的名额"
    if row.transfer_from_id is not None:
        return "changing", f"想换到另一个{title}班，候补第{row.position}位"
    if row.kind == ROOM:
        return _reserved(row, now)
    if row.party_id is not None and row.relation is not None:
        how = f"候补第{row.position}位" if row.state == State.WAITING else "已报名"
        return "together", f"和{_relative(row)}{row.person_name}一起报{title}，{how}"
    if row.state == State.WAITING:
        return "waiting", f"{whose}{title}候补第{row.position}位"
    if row.relation is not None:
        kind = "child" if row.relation == Relation.CHILD else "parent"
        return kind, f"为{_relative(row)}{row.person_name}报了{title}"
    if row.coming and clock.today(row.coming) == clock.today(now):
        return "today", f"已报名{title}，今天{clock.local(row.coming):%H:%M}上课"
    return "enrolled", f"已报名{title}"


def _reserved(row: Any, now: datetime) -> tuple[str, str]:
    whose = "" if row.relation is None else f"为{_relative(row)}{row.person_name}"
    if clock.today(row.starts_at) == clock.today(now) and row.starts_at >= now:
        return "door", f"{whose}约了{row.title}，今天{clock.local(row.starts_at):%H:%M}开始"
    return "enrolled", f"{whose}约过{row.title}"


def _relative(row: Any) -> str:
    if row.relation == Relation.PARENT:
        return "母亲" if row.gender == Gender.FEMALE else "父亲"
    return {Relation.CHILD: "孩子", Relation.SPOUSE: "爱人"}.get(row.relation, "")


def _groups(session: Session) -> Iterator[tuple[int, str]]:
    """Accounts whose owners lead a registered group, in words."""
    rows = session.execute(
        select(Account.id, Group.name)
        .join(GroupMember, GroupMember.person_id == Account.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.leads.is_(True), Group.ended_at.is_(None))
        .order_by(Group.id)
    )
    return ((row.id, f"{row.name}的负责人") for row in rows)


def _meals(session: Session) -> Iterator[tuple[int, str]]:
    """Accounts that order meals for their family week after week, in words."""
    rows = session.execute(
        select(StandingOrder.account_id, _attending.name)
        .join(Account, Account.id == StandingOrder.account_id)
        .join(_attending, _attending.id == StandingOrder.person_id)
        .where(StandingOrder.ended_at.is_(None), Account.person_id != StandingOrder.person_id)
        .order_by(StandingOrder.id)
    )
    return ((row.account_id, f"为{row.name}设了固定订餐") for row in rows)


def _draws(session: Session) -> Iterator[tuple[int, str, str]]:
    """Account, kind and words of each application: drawn or not, or not yet."""
    rows = session.execute(
        select(
            DrawApplication.account_id, Draw.title, Draw.drawn_at, _attending.name,
            (Account.person_id == DrawApplication.person_id).label("own"),
            func.max(case((DrawWish.got == Outcome.WON, Bookable.title))).label("won"),
        )
        .join_from(DrawApplication, Draw, Draw.id == DrawApplication.draw_id)
        .join(DrawWish, DrawWish.application_id == DrawApplication.id)
        .join(Bookable, Bookable.id == DrawWish.run_id)
        .join(Account, Account.id == DrawApplication.account_id)
        .join(_attending, _attending.id == DrawApplication.person_id)
        .group_by(DrawApplication.id, Draw.id, Account.id, _attending.id)
        .order_by(DrawApplication.id)
    )  # fmt: skip
    for row in rows:
        whose = "" if row.own else f"为{row.name}"
        if row.drawn_at is None:
            yield row.account_id, "applied", f"{whose}报了“{row.title}”，等结果"
        elif row.won is None:
            yield row.account_id, "lost", f"{whose}报了“{row.title}”，没有摇中"
        else:
            yield row.account_id, "won", f"{whose}报了“{row.title}”，摇中《{row.won}》"


def _asked(session: Session) -> list[int]:
    """Accounts whose owner somebody asks to act for."""
    return list(
        session.scalars(
            select(Identity.account_id)
            .join(Consent, Consent.asked_phone_hash == Identity.subject)
            .where(
                Identity.kind == IdentityKind.PHONE, Consent.given_at.is_(None),
                Consent.withdrawn_at.is_(None),
            )
        )
    )  # fmt: skip
