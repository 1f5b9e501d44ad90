"""Why a waiting list is not moving, in sentences for staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from backend.night_school.admission import wording
from backend.reminders import moments


def reasons(
    run: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]], now: datetime
) -> list[str]:
    """What keeps the line of a class from moving, the reason that counts most first.

    `run` as `classes.get_class` and `waiting` as `roster.waiting_list` tell them. Empty where
    nobody waits.
    """
    line = [one for one in waiting if one["state"] == "waiting"]
    if not line:
        return []
    if run["cancelled"]:
        return [_("班级已经取消，不再通知候补居民。")]
    if (ends := _moment(run["promote_until"] or run["starts_at"])) <= now:
        return [
            _("候补通知已在%(when)s 截止，空出的名额不再通知。", when=moments.spoken(ends, now))
        ]
    found = []
    opens = _moment(run["opens_at"])
    if opens is not None and now < opens:
        when = moments.spoken(opens, now)
        found.append(_("%(when)s 才开始报名，现在候补的都是工作人员登记的。", when=when))
    offered = [one for one in waiting if one["state"] == "offered"]
    return [*found, *_held_up(run, line, offered, now)]


def may_move(
    run: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]], now: datetime
) -> bool:  # fmt: skip
    """Whether asking the next by hand could reach anybody: a place is free that fits the head."""
    line = [one for one in waiting if one["state"] == "waiting"]
    over = _moment(run["promote_until"] or run["starts_at"]) <= now
    if not line or run["cancelled"] or over:
        return False
    if run["capacity"] is None:
        return True
    free = int(run["capacity"] + run["overbooked"] - run["taken"])
    if run["kept_left"]:
        return free > 0  # who of the line may have those depends on the group
    return free >= int(line[0]["together"])


def _held_up(
    run: Mapping[str, Any], line: Sequence[Mapping[str, Any]],
    offered: Sequence[Mapping[str, Any]], now: datetime,
) -> list[str]:  # fmt: skip
    found = []
    kept = run["kept_left"]
    free = 0
    if run["capacity"] is not None:
        free = run["capacity"] + run["overbooked"] - run["taken"] - kept
    if kept:
        until = moments.spoken(_moment(run["kept_until"]), now)
        found.append(
            _(
                "空着的名额里有 %(kept)s 个留给%(group)s，留到%(until)s。",
                kept=kept, group=wording.group(run), until=until,
            )
        )  # fmt: skip
    if free > 0:
        found.append(
            _(
                "空着 %(free)s 个名额，不够排在最前面的 %(people)s 位同行的人。"
                "凑够了会一起通知；也可以先让后面的报名。",
                free=free, people=line[0]["together"],
            )
        )  # fmt: skip
    if offered:
        earliest = _moment(min(one["offer_until"] for one in offered))
        found.append(
            _(
                "%(count)s 位居民正在确认，最早%(when)s 到期；不要的名额会马上通知下一位。",
                count=len(offered), when=moments.spoken(earliest, now),
            )
        )  # fmt: skip
    return found or [_("名额已满。有人退出或增加名额时，马上通知排在最前面的居民。")]


def _moment(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None
