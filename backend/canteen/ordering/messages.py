"""What is told about ordered meals, in Chinese as a community office writes it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import visits
from backend.booking.models import Bookable, Booking, State
from backend.canteen.delivery.models import DeliveryStop, Waits
from backend.canteen.eaters.models import Texture
from backend.canteen.kitchen import lines
from backend.canteen.kitchen import wording as kitchen_wording
from backend.canteen.models import KIND, Canteen, Meal, MealService, Mode
from backend.canteen.ordering.mine import dishes_of
from backend.canteen.ordering.models import MealOrder
from backend.canteen.wording import MEALS, MODES
from backend.db import AnyRow, table_of
from backend.money import in_yuan
from backend.people.models import Person
from backend.reminders import moments, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template

PAGE = "canteen/pages/meal?id={}"

_service = table_of(MealService)
# A `phrase` field takes Chinese characters only, whatever the language.
_BOOKED = "订餐成功"


class Told:
    """An order's row, its dishes in words as they are cooked, and `cooked`: by dish of the menu.

    `also`: other orders that are told in the same message.
    """

    def __init__(
        self, row: AnyRow, dishes: Sequence[Mapping[str, Any]], cooked: Mapping[int, str],
        also: Sequence[AnyRow],
    ) -> None:  # fmt: skip
        self.row = row
        self.cooked = cooked
        self.also = also
        self.ends_at = max(one.ends_at for one in (row, *also))
        self.dishes = _("、").join(
            _(
                "%(dish)s %(portions)s 份",
                dish=one["instead"] or one["name"],
                portions=one["portions"],
            )
            for one in dishes
        )


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about meals, in two reads to four."""
    rows = session.execute(
        select(
            Reminder.id, Booking.id.label("booking_id"), Booking.person_id, Booking.state,
            Booking.starts_at, Booking.ends_at, Booking.short_code,
            Person.name.label("person_name"), _service.c.day,
            Bookable.closes_at, Bookable.cancelled_at, Bookable.place_id, _service.c.meal,
            Canteen.name.label("canteen_name"), MealOrder.mode, MealOrder.pays_fen,
            MealOrder.revision, DeliveryStop.waits,
        )
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(_service, _service.c.id == Booking.bookable_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(DeliveryStop, DeliveryStop.booking_id == Booking.id)
        .where(Reminder.id.in_([due.id for due in dues]))
    ).all()  # fmt: skip
    dishes = dishes_of(session, [row.booking_id for row in rows])
    items = {due.facts["item"] for due in dues if "item" in due.facts}
    cooked = lines.cooked(session, items) if items else {}
    also = _also(session, dues)
    return {
        row.id: Told(row, dishes.get(row.booking_id, ()), cooked, also.get(row.id, ()))
        for row in rows
    }


def _also(session: Session, dues: Sequence[Due]) -> Mapping[int, Sequence[AnyRow]]:
    """The other orders of those reminders that tell of several, by reminder, as they are named."""
    wanted = {due.id: due.facts["also"] for due in dues if "also" in due.facts}
    if not wanted:
        return {}
    rows = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.state, Booking.starts_at, Booking.ends_at,
            Person.name.label("person_name"), _service.c.meal,
        )
        .join(_service, _service.c.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.id.in_([one for ids in wanted.values() for one in ids]))
    )  # fmt: skip
    by_id = {row.id: row for row in rows}
    return {ident: [by_id[one] for one in ids if one in by_id] for ident, ids in wanted.items()}


def word(due: Due, facts: Told, now: datetime) -> Message | None:
    """One reminder's sentence; None when it is over or things have changed since."""
    say = _WORDS.get(due.kind)
    return None if say is None or now >= facts.ends_at else say(due, facts, now)


def _booked(due: Due, facts: Told, now: datetime) -> Message | None:
    """What was ordered, as it is now: of an order that was amended only the last is told."""
    row = facts.row
    revision = due.facts.get("revision", 1)
    if row.state != State.CONFIRMED or revision != row.revision:
        return None
    body = _(
        "%(about)s%(done)s：%(dishes)s，%(mode)s，共 %(pays)s 元，从餐卡里扣。",
        about=_about(due, facts, now), done=_("改好了") if revision > 1 else _("订好了"),
        dishes=facts.dishes, mode=MODES[Mode(row.mode)], pays=in_yuan(row.pays_fen),
    )  # fmt: skip
    if fee_fen := due.facts.get("fee_fen"):
        body += _("送餐费 %(yuan)s 元已经退回餐卡。", yuan=in_yuan(fee_fen))
    if row.closes_at > now:
        until = moments.spoken(row.closes_at, now)
        body += _("要改要退，请在%(until)s 前办理。", until=until)
    title = _("订餐已更改") if revision > 1 else _("订餐成功")
    if due.kind == Kind.CHANGED:
        return _message(
            due, facts, title, body, Template.CHANGED, thing2=title,
            time3=moments.field(row.starts_at), thing4=_("点开看改了什么"),
        )  # fmt: skip
    return _message(
        due, facts, title, body, Template.BOOKED, time2=moments.field(row.starts_at),
        thing3=row.canteen_name, phrase4=_BOOKED, thing5=_("不吃了请尽早退订"),
    )  # fmt: skip


def _changed(due: Due, facts: Told, now: datetime) -> Message | None:
    """Something about the meal is not as it was ordered: by staff, or in the kitchen."""
    if facts.row.state != State.CONFIRMED or _is_outdated(due, facts):
        return None
    if "clash" in due.facts:
        return _clashes(due, facts, now)
    if "few" in due.facts:
        return _too_few(due, facts, now)
    if "enough" in due.facts:
        return _enough(due, facts, now)
    return _replaced(due, facts, now) if "was" in due.facts else _booked(due, facts, now)


def _is_outdated(due: Due, facts: Told) -> bool:
    """Whether it is about a dish that was to be cooked and is not any more."""
    item = due.facts.get("item")
    about = due.facts.get("clash") or due.facts.get("dish")
    return item is not None and facts.cooked.get(item) != about


def _replaced(due: Due, facts: Told, now: datetime) -> Message:
    """Another dish is cooked; who had paid more has the difference back by now."""
    said = {
        "about": _about(due, facts, now), "was": due.facts["was"], "dish": due.facts["dish"],
        "reason": str(due.facts["reason"]).rstrip("。.！! "), "before": due.facts.get("before"),
    }  # fmt: skip
    if said["was"] == said["dish"]:
        body = _("%(about)s，还是做%(dish)s，不换成%(before)s了。原因：%(reason)s。", **said)
    elif said["before"]:
        body = _(
            "%(about)s，%(was)s改换成%(dish)s，不做%(before)s了。原因：%(reason)s。"
            "价格低的，差价已经退回餐卡。", **said,
        )  # fmt: skip
    else:
        body = _(
            "%(about)s，%(was)s换成%(dish)s。原因：%(reason)s。价格低的，差价已经退回餐卡。", **said
        )
    return _message(
        due, facts, _("换了一道菜"), body, Template.CHANGED, thing2=_("换了一道菜"),
        time3=moments.field(facts.row.starts_at), thing4=_("点开看换了什么"),
    )  # fmt: skip


def _clashes(due: Due, facts: Told, now: datetime) -> Message:
    """For whoever rings: what is wrong with which dish."""
    needs = kitchen_wording.needs(Texture.NORMAL, due.facts["marks"])
    body = _(
        "%(about)s：%(dish)s可能不合适（%(needs)s）。要换一道菜，还是退掉？",
        about=_about(due, facts, now), dish=due.facts["clash"], needs=needs,
    )  # fmt: skip
    return _message(
        due, facts, _("有一道菜可能不合适"), body, Template.CHANGED,
        thing2=_("有一道菜可能不合适"), time3=moments.field(facts.row.starts_at),
        thing4=_("请和食堂联系"),
    )  # fmt: skip


def _too_few(due: Due, facts: Told, now: datetime) -> Message | None:
    """Nobody brings it for so few, until it is decided what becomes of it."""
    row = facts.row
    if row.waits != Waits.TOO_FEW or row.mode != Mode.DELIVERY:
        return None
    body = _(
        "%(about)s：您小区这一餐订送餐的不到 %(least)s 份，送餐车不过去。可以改到食堂自取，"
        "也可以退餐，钱都退回餐卡。食堂会打电话和您商量。",
        about=_about(due, facts, now), least=due.facts["few"],
    )  # fmt: skip
    return _message(
        due, facts, _("这一餐不能送到小区"), body, Template.CHANGED,
        thing2=_("这一餐不能送到小区"), time3=moments.field(row.starts_at),
        thing4=_("可以自取，也可以退餐"),
    )  # fmt: skip


def _enough(due: Due, facts: Told, now: datetime) -> Message | None:
    """Others have ordered there: it is brought after all."""
    row = facts.row
    if row.waits is not None or row.mode != Mode.DELIVERY:
        return None
    body = _(
        "%(about)s：您小区订送餐的人数够了，照常送到%(point)s，不用自取，也不用退餐。",
        about=_about(due, facts, now), point=due.facts["enough"],
    )  # fmt: skip
    return _message(
        due, facts, _("这一餐照常送到小区"), body, Template.CHANGED,
        thing2=_("这一餐照常送到小区"), time3=moments.field(row.starts_at),
        thing4=_("请到取餐点等候"),
    )  # fmt: skip


def _soon(due: Due, facts: Told, now: datetime) -> Message | None:
    """An hour before a meal that one goes to, or that is brought."""
    row = facts.row
    if row.state != State.CONFIRMED or row.starts_at != due.occasion_at or now >= row.starts_at:
        return None
    body = _("%(about)s：%(dishes)s。", about=_about(due, facts, now), dishes=facts.dishes)
    if row.mode == Mode.DELIVERY:
        body += _("会送到家，请留人接餐，把取餐码 %(code)s 报给送餐员。", code=row.short_code)
    else:
        body += _(
            "请到%(canteen)s，报取餐码 %(code)s。", canteen=row.canteen_name, code=row.short_code
        )
    return _message(
        due, facts, _("快开饭了"), body, Template.LESSON, time2=moments.field(row.starts_at),
        thing3=row.canteen_name, thing4=MODES[Mode(row.mode)],
    )  # fmt: skip


def _cancelled(due: Due, facts: Told, now: datetime) -> Message | None:
    row = facts.row
    if row.state != State.CANCELLED:
        return None
    about = _about(due, facts, now)
    if facts.also:
        body = _called_off(due, facts, now)
    elif row.cancelled_at is not None:
        body = _("%(about)s：很抱歉，这一餐停了，餐费已经退回餐卡。", about=about)
    else:
        body = _("%(about)s退订了，餐费已经退回餐卡。", about=about)
    if reason := due.facts.get("reason"):
        body += _("原因：%(reason)s。", reason=str(reason).rstrip("。.！! "))
    return _message(
        due, facts, _("订餐已退"), body, Template.CHANGED, thing2=_("订餐已退"),
        time3=moments.field(row.starts_at), thing4=_("餐费已退回餐卡"),
    )  # fmt: skip


def _called_off(due: Due, facts: Told, now: datetime) -> str:
    """Several orders of one canteen and day, those for each person together."""
    row = facts.row
    meals: dict[int, list[AnyRow]] = {}
    for one in (row, *facts.also):
        if one.ends_at > now:
            meals.setdefault(one.person_id, []).append(one)
    said = []
    for person_id, theirs in meals.items():
        names = _("、").join(str(MEALS[Meal(one.meal)]) for one in theirs)
        own = due.own and person_id == due.person_id
        said.append(
            str(_("您的%(meals)s", meals=names)) if own
            else str(_("为%(person)s订的%(meals)s", person=theirs[0].person_name, meals=names))
        )  # fmt: skip
    return str(
        _(
            "%(to)s您好，很抱歉，%(canteen)s %(day)s的这几份餐停了：%(meals)s。餐费已经退回餐卡。",
            to=due.to, canteen=row.canteen_name, day=moments.day(row.day),
            meals=_("，").join(said),
        )
    )  # fmt: skip


def _about(due: Due, facts: Told, now: datetime) -> str:
    row = facts.row
    when, meal = moments.spoken(row.starts_at, now), MEALS[Meal(row.meal)]
    if due.own:
        return str(_("%(to)s您好，您%(when)s 的%(meal)s", to=due.to, when=when, meal=meal))
    return str(
        _(
            "%(to)s您好，您为%(person)s订的%(when)s 的%(meal)s",
            to=due.to, person=row.person_name, when=when, meal=meal,
        )
    )  # fmt: skip


def _message(
    due: Due, facts: Told, title: str, body: str, template: Template, **fields: str
) -> Message:
    row = facts.row
    said = {"thing1": MEALS[Meal(row.meal)]} | fields
    return Message(
        title=title, body=body, template=template, page=PAGE.format(due.booking_id),
        fields={name: str(one) for name, one in said.items()},
        place_id=row.place_id, deadline=row.starts_at,
    )  # fmt: skip


_WORDS: Mapping[str, Callable[[Due, Told, datetime], Message | None]] = {
    Kind.BOOKED: _booked,
    Kind.CHANGED: _changed,
    Kind.CANCELLED: _cancelled,
    Kind.VISIT_SOON: _soon,
}

wording.register(KIND, read, word)
visits.remind_of(KIND, Kind.VISIT_SOON)
