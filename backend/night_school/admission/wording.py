"""The rules of a class in sentences, as the residents' client says them on the class's page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import format_datetime, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backend.booking import line
from backend.errors import Invalid
from backend.night_school.admission import composing
from backend.night_school.models import Audience
from backend.night_school.reach import access_class
from backend.staff import meanwhile
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original

_AUDIENCES = {
    Audience.EVERYONE: lazy_gettext("人人都可以来"),
    Audience.ADULTS: lazy_gettext("成年人"),
    Audience.SENIORS: lazy_gettext("中老年人"),
    Audience.CHILDREN: lazy_gettext("少年儿童"),
    Audience.FAMILIES: lazy_gettext("亲子家庭"),
}
_EVER = datetime.min.replace(tzinfo=UTC)
_MOMENT = lazy_gettext("M月d日 EEE HH:mm")  # a pattern of CLDR, as babel takes it


def sentences(rules: Mapping[str, Any], now: datetime) -> list[str]:
    """One sentence a rule, in the order in which one meets them; `rules` as `get_rules` gives.

    What is over by `now` is not said any more.
    """
    said = [_who(rules)]
    if rules["kept_for"]:
        said.append(_("只收住在%(place)s的居民，请先填好您住的小区。", place=rules["kept_for"]))
    if rules["priority_for"] and rules["priority_until"] > now:
        said.append(
            _(
                "%(when)s前先由%(place)s的居民报名，之后大家都可以报。",
                when=moment(rules["priority_until"]), place=rules["priority_for"],
            )
        )  # fmt: skip
    if rules["kept"]:
        said.append(
            _(
                "%(count)s 个名额先留给%(group)s，%(when)s 起剩下的大家都可以报。",
                count=rules["kept"], group=group(rules), when=moment(rules["kept_until"]),
            )
        )  # fmt: skip
    if rules["needs_course"]:
        course = rules["needs_course"]
        said.append(_("要先上过《%(course)s》，并且到课一半以上。", course=course))
    if rules["once_a_year"]:
        said.append(_("这门课每人一年只能报一次。"))
    if rules["most_per_person"]:
        said.append(_("每人每学期最多报 %(most)s 个班。", most=rules["most_per_person"]))
    if rules["most_missed"]:
        said.append(
            _(
                "近来报了名没来的次数折算超过 %(most)s 次的，先缓一缓再报，过一阵自然恢复。",
                most=rules["most_missed"],
            )
        )
    return said


def as_filled_in(
    session: Session, run_id: int, asked: Mapping[str, Any], now: datetime
) -> tuple[list[str], str | None]:
    """The sentences a form comes to while it is being filled in, or what it still lacks."""
    try:
        return sentences(composing.proposed(session, run_id, asked, now), now), None
    except Invalid as lacking:
        return [], " ".join(str(one) for said in lacking.errors.values() for one in said)


def group(rules: Mapping[str, Any]) -> str:
    """For whom places are kept: `kept_from_age` and `kept_place`, one of them or both."""
    age, place = rules["kept_from_age"], rules["kept_place"]
    if age is None:
        return str(_("%(place)s的居民", place=place))
    if place is None:
        return str(_(" %(age)s 岁及以上的居民", age=age))
    return str(_("%(place)s %(age)s 岁及以上的居民", place=place, age=age))


def moment(at: datetime) -> str:
    """A moment that reads the same on any day: 7月3日 周五 10:00."""
    return str(format_datetime(at, str(_MOMENT)))


def _who(rules: Mapping[str, Any]) -> str:
    who, low, high = _AUDIENCES[rules["audience"]], rules["min_age"], rules["max_age"]
    said = _("谁能报：%(who)s。", who=who)
    if low is not None and high is not None:
        said = _("谁能报：%(who)s，%(low)s 到 %(high)s 岁。", who=who, low=low, high=high)
    elif low is not None:
        said = _("谁能报：%(who)s，%(age)s 岁及以上。", who=who, age=low)
    elif high is not None:
        said = _("谁能报：%(who)s，%(age)s 岁及以下。", who=who, age=high)
    return str(said)


def form_shows(rules: Mapping[str, Any]) -> dict[str, str]:
    """What the form of a class's rules comes to, as one text."""
    return {"rules": str(_("；").join(str(one) for one in sentences(rules, _EVER)))}


def check_original(
    session: Session, me: SignedInStaff, run_id: int, original: Original | None, now: datetime
) -> None:
    """Whether the rules stand as the form showed them; the run's row is locked from here on.

    Raises NotFound, ChangedMeanwhile.
    """
    access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    line.lock(session, run_id)
    stands = form_shows(composing.get_rules(session, run_id, now))
    meanwhile.check(
        session, original, stands, {"rules": _("报名条件")}, [("course_run", run_id)]
    )  # fmt: skip
