"""A preview: all dates of a plan with every clash, before anything is written."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backend import clock
from backend.errors import Invalid
from backend.night_school.clashes import Clash, ClashKind, Planned, against
from backend.night_school.planning.dates import BEYOND, Meeting, Outcome, meetings
from backend.night_school.planning.plan import Frame, Plan, frame_of
from backend.night_school.taken import Busy, Taken, read_taken
from backend.places.holidays import ServingCalendar, calendar, is_known
from backend.staff.access import SignedInStaff


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The dates of a plan as they would be written now."""

    plan: Plan
    frame: Frame
    meetings: list[Meeting]
    unannounced: int | None = None

    @property
    def lessons(self) -> list[Meeting]:
        return [one for one in self.meetings if one.outcome is Outcome.LESSON]

    @property
    def clashing(self) -> list[Meeting]:
        """The lessons that cannot be held as planned."""
        return [one for one in self.lessons if one.clashes]

    @property
    def short(self) -> int:
        """How many of the lessons asked for find no date, not even past the term's end."""
        if self.plan.lessons is None:
            return 0
        skipped = [one for one in self.meetings if one.outcome is Outcome.SKIPPED and one.beyond]
        return self.plan.lessons - len(self.lessons) - len(skipped)

    @property
    def fits(self) -> bool:
        """Whether it can be written as it stands."""
        return bool(self.lessons) and not self.clashing and not self.short

    def is_new(self, meeting: Meeting, seen: Collection[str] | None) -> bool:
        """Whether the date differs from what the clerk was shown."""
        return (
            seen is not None and meeting.outcome is not Outcome.SKIPPED and meeting.mark not in seen
        )

    def occupy(self, taken: Taken) -> None:
        """Its lessons are taken for whatever is planned in the same go after it."""
        for one in self.lessons:
            mark = f"planned-{self.plan.course_id}-{one.key}"
            use = Busy(mark, one.starts_at, one.ends_at, self.frame.title, self.frame.place_name)
            taken.add(self.plan.room_id, self.plan.teacher_id, use)

    def differs(self, seen: Collection[str] | None) -> bool:
        """Whether anything in it was not shown before."""
        return any(self.is_new(one, seen) for one in self.meetings)


@dataclass(frozen=True, slots=True)
class Known:
    """What plans are held against: the calendar, and what is taken already."""

    calendar: ServingCalendar
    taken: Taken


def preview(
    session: Session, me: SignedInStaff, plan: Plan, now: datetime,
    skipped: Collection[str] = (),
) -> Preview:  # fmt: skip
    """One plan by itself. Raises NotFound, Invalid."""
    frame = frame_of(session, me, plan, now)
    return preview_in(session, known_for(session, [(plan, frame)], now), plan, frame, now, skipped)


def known_for(session: Session, plans: Iterable[tuple[Plan, Frame]], now: datetime) -> Known:
    """What is known of the days and hours of all these plans; a handful of reads."""
    plans = list(plans)
    first = min(frame.term_starts_on for _plan, frame in plans)
    last = max(frame.term_ends_on for _plan, frame in plans) + BEYOND
    rooms = {plan.room_id for plan, _frame in plans if plan.room_id is not None}
    teachers = {plan.teacher_id for plan, _frame in plans if plan.teacher_id is not None}
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    taken = read_taken(session, start, end, now, rooms=rooms, teachers=teachers)
    return Known(calendar(session, first, last), taken)


def preview_in(
    session: Session, known: Known, plan: Plan, frame: Frame, now: datetime,
    skipped: Collection[str] = (),
) -> Preview:  # fmt: skip
    """One plan held against what is known.

    Raises Invalid where there is no day for it, or sign-up would end before it begins.
    """
    found = [
        _with_clashes(one, plan, frame, known.taken)
        for one in meetings(plan, frame, known.calendar, skipped, now)
    ]
    lessons = [one for one in found if one.outcome is Outcome.LESSON]
    if not lessons:
        raise Invalid({"hours": [_("这个学期里没有能上课的日子，请换时间或学期。")]})
    if plan.opens_at >= (plan.closes_at or lessons[0].starts_at):
        raise Invalid({"closes_at": [_("报名截止要晚于报名开始。")]})
    last = clock.local(lessons[-1].starts_at).date()
    unannounced = None if is_known(session, last) else last.year
    return Preview(plan=plan, frame=frame, meetings=found, unannounced=unannounced)


def _with_clashes(one: Meeting, plan: Plan, frame: Frame, taken: Taken) -> Meeting:
    """The date with all that stands in its way; a skipped one still shows why it was."""
    if one.outcome is Outcome.PASSED:
        return one
    planned = Planned(
        number=one.number or 0, starts_at=one.starts_at, ends_at=one.ends_at,
        room_id=plan.room_id, teacher_id=plan.teacher_id,
    )  # fmt: skip
    found = against(taken, planned)
    if one.beyond:
        sentence = _("超出学期（%(end)s 结束）", end=frame.term_ends_on)
        term = Clash(
            number=planned.number, kind=ClashKind.TERM, mark="term", sentence=sentence,
            starts_at=one.starts_at,
        )  # fmt: skip
        found.insert(0, term)
    return replace(one, clashes=tuple(found))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LOCAL)
