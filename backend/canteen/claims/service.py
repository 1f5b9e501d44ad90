"""Claims as the accountant makes them: drafted, their flags decided, frozen for good."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from backend import bulk, clock
from backend.booking.models import Booking
from backend.canteen.claims import document, drafting, flags, proposing
from backend.canteen.claims.eaten import Scope
from backend.canteen.claims.errors import (
    AlreadyFrozen,
    ClaimOverlaps,
    NotJudged,
    OnePerMeal,
    PeriodNotOver,
)
from backend.canteen.claims.models import (
    MealClaim,
    MealClaimDay,
    MealClaimLine,
    MealJudgement,
)
from backend.canteen.claims.proposing import SETTLE, Group
from backend.canteen.models import Canteen
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.people.models import Person
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff

LONGEST = timedelta(days=366)

_claim, _day, _line = table_of(MealClaim), table_of(MealClaimDay), table_of(MealClaimLine)
_judgement, _place, _canteen = table_of(MealJudgement), table_of(Place), table_of(Canteen)
_staff = table_of(Staff)
_COLUMNS = ("seq", "booking_id", "person_id", "canteen_id", "day", "meal", "version_id", "why",
            "fen")  # fmt: skip


def make(
    session: Session, me: SignedInStaff, first: date, last: date, keys: Collection[str],
    now: datetime,
) -> list[int]:  # fmt: skip
    """Drafts of the claims that are named as `propose` names them; their ids.

    Raises Invalid, ClaimOverlaps.
    """
    check_period(first, last)
    wanted = [one for one in proposing.groups(session, me, first, last) if one.key in keys]
    if not wanted:
        raise Invalid({"keys": [_("请至少勾选一张结算单。")]})
    _hold_canteens(session, {one for each in wanted for one in each.scope.canteen_ids})
    return [_make(session, me, one, now) for one in wanted]


def check_period(first: date, last: date) -> None:
    """Raises Invalid."""
    if last < first:
        raise Invalid({"last": [_("结束日期不能早于开始日期。")]})
    if last - first > LONGEST:
        raise Invalid({"last": [_("一张结算单最长一年。")]})


def _make(session: Session, me: SignedInStaff, one: Group, now: datetime) -> int:
    scope = one.scope
    if (other := proposing.overlapping(session, scope)) is not None:
        raise ClaimOverlaps(claim=other)
    claim_id = int(
        session.scalars(
            insert(_claim)
            .values(
                payer=scope.payer, place_id=one.place_id, first_day=scope.first,
                last_day=scope.last, made_at=now, made_by_id=me.staff_id,
            )
            .returning(_claim.c.id)
        ).one()
    )  # fmt: skip
    days = [scope.first + timedelta(days=n) for n in range((scope.last - scope.first).days + 1)]
    rows = [(canteen_id, day) for canteen_id in scope.canteen_ids for day in days]
    same = {"payer": scope.payer, "claim_id": claim_id}
    bulk.insert_each(session, _day, ("canteen_id", "day"), rows, same)
    after = {"payer": scope.payer, "first": scope.first.isoformat(), "last": scope.last.isoformat()}
    _record(session, me, "claim.create", claim_id, one.place_id, after=after)
    return claim_id


def discard(session: Session, me: SignedInStaff, claim_id: int) -> None:
    """A draft goes; its days can be claimed again. Raises NotFound, AlreadyFrozen."""
    claim = access_draft(session, me, claim_id)
    session.execute(delete(_day).where(_day.c.claim_id == claim_id))
    session.execute(delete(_claim).where(_claim.c.id == claim_id))
    before = {"payer": claim.payer, "first": claim.first_day.isoformat(),
              "last": claim.last_day.isoformat()}  # fmt: skip
    _record(session, me, "claim.discard", claim_id, claim.place_id, before)


def judge(
    session: Session, me: SignedInStaff, claim_id: int, booking_id: int, *, claims: bool,
    reason: str, now: datetime,
) -> None:  # fmt: skip
    """A meal with flags is claimed of every layer, or of none; the last word counts.

    Raises NotFound, AlreadyFrozen, OnePerMeal.
    """
    claim = access_draft(session, me, claim_id)
    _hold_eater(session, booking_id)
    found = {one.row.booking_id: one for one in flags.read(session, scope_of(session, claim))}
    if booking_id not in found:
        raise NotFound()
    if claims:
        _check_alone(session, booking_id)
    values = {"claims": claims, "flags": list(found[booking_id].flags), "reason": reason,
              "staff_id": me.staff_id, "at": now}  # fmt: skip
    mine = _judgement.c.booking_id == booking_id
    was = session.execute(select(_judgement.c.claims).where(mine)).first()
    if was is None:
        session.execute(insert(_judgement).values(booking_id=booking_id, **values))
    else:
        session.execute(update(_judgement).where(mine).values(values))
    shown = {"booking_id": booking_id, "claims": claims, "reason": reason}
    before = None if was is None else {"claims": was.claims}
    _record(session, me, "claim.judge", claim_id, claim.place_id, before, shown)


def freeze(session: Session, me: SignedInStaff, claim_id: int, now: datetime) -> None:
    """The claim as it stands now, for good. Raises NotFound, AlreadyFrozen, PeriodNotOver.

    Also raises NotJudged.
    """
    claim = access_draft(session, me, claim_id)
    scope = scope_of(session, claim)
    if clock.today(now) <= scope.last:
        raise PeriodNotOver(day=scope.last)
    _hold_canteens(session, scope.canteen_ids)
    draft = drafting.read(session, scope)
    if draft.open:
        raise NotJudged(meals=draft.open)
    rows = [
        (seq, one.booking_id, one.person_id, one.canteen_id, one.day, one.meal, one.version_id,
         str(one.why), one.fen)
        for seq, one in enumerate(draft.lines, 1)
    ]  # fmt: skip
    bulk.insert_each(session, _line, _COLUMNS, rows, {"claim_id": claim_id})
    values: dict[str, Any] = {
        "head": document.head_of(session, claim, scope), "meals": draft.meals,
        "corrections": draft.corrections, "fen": draft.fen,
    }  # fmt: skip
    values["sha256"] = document.digest(session, claim_id, values["head"])
    session.execute(
        update(_claim)
        .where(_claim.c.id == claim_id)
        .values(frozen_at=now, frozen_by_id=me.staff_id, **values)
    )
    told = {name: values[name] for name in ("meals", "corrections", "fen", "sha256")}
    _record(session, me, "claim.freeze", claim_id, claim.place_id, after=told)


def access(session: Session, me: SignedInStaff, claim_id: int, *, locked: bool = False) -> AnyRow:
    """A claim in reach. Raises NotFound."""
    found = (
        select(*_claim.c, _place.c.name.label("place_name"), _staff.c.name.label("frozen_by"))
        .join(_place, _place.c.id == _claim.c.place_id)
        .outerjoin(_staff, _staff.c.id == _claim.c.frozen_by_id)
        .where(_claim.c.id == claim_id, me.covers(SETTLE, _place.c.path))
    )
    row = session.execute(found.with_for_update(of=_claim) if locked else found).first()
    if row is None:
        raise NotFound()
    return row


def access_draft(session: Session, me: SignedInStaff, claim_id: int) -> AnyRow:
    """A draft in reach, locked. Raises NotFound, AlreadyFrozen."""
    row = access(session, me, claim_id, locked=True)
    if row.frozen_at is not None:
        raise AlreadyFrozen()
    return row


def access_frozen(session: Session, me: SignedInStaff, claim_id: int) -> AnyRow:
    """A frozen claim in reach. Raises NotFound."""
    row = access(session, me, claim_id)
    if row.frozen_at is None:
        raise NotFound()
    return row


def scope_of(session: Session, claim: AnyRow) -> Scope:
    """What a claim is about."""
    canteens = select(_day.c.canteen_id).where(_day.c.claim_id == claim.id).distinct()
    ids = tuple(sorted(session.scalars(canteens)))
    return Scope(claim.payer, ids, claim.first_day, claim.last_day)


def _hold_canteens(session: Session, canteen_ids: Collection[int]) -> None:
    """Claims on the same canteens are made and frozen one after another."""
    session.execute(
        select(_canteen.c.id)
        .where(_canteen.c.id.in_(canteen_ids))
        .order_by(_canteen.c.id)
        .with_for_update(key_share=True)
    )


def _hold_eater(session: Session, booking_id: int) -> None:
    eater = select(Booking.person_id).where(Booking.id == booking_id).scalar_subquery()
    session.execute(select(Person.id).where(Person.id == eater).with_for_update())


def _check_alone(session: Session, booking_id: int) -> None:
    """Another order for the same meal is left out, or nobody has claimed it yet."""
    others = {row.booking_id: row for row in flags.siblings(session, booking_id)}
    asked = select(_line.c.booking_id).where(_line.c.booking_id.in_(others))
    by_order = asked.group_by(_line.c.booking_id).having(func.sum(_line.c.fen) > 0)
    claimed = set(session.scalars(by_order))
    for ident, row in others.items():
        if row.claims or (row.claims is None and ident in claimed):
            raise OnePerMeal(canteen=row.canteen_name)


def _record(
    session: Session, me: SignedInStaff, action: str, claim_id: int, place_id: int,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, action, "meal_claim", claim_id, before, after, place_id=place_id
    )
