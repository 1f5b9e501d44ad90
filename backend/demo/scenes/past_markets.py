"""Last Saturday's market as it went: who came, how long they waited, who did not answer."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, update

from backend.db import table_of
from backend.demo.rows import dice
from backend.demo.scenes.ground import SATURDAY, Ground
from backend.market import planning
from backend.market.fitting import StallPlan
from backend.market.grid import MINUTE, moment
from backend.market.models import Stage, Stall, Ticket

_OPENS, _CLOSES = 9 * 60, 11 * 60
# service, who, minutes each takes, how many came
_STALLS = (
    ("义诊", "顾医生", 6, 19), ("理发", "李师傅", 11, 10), ("磨刀磨剪", "吴建设", 5, 22),
    ("小家电维修", "钱师傅", 15, 6), ("手机帮扶", "郑爱华", 12, 9),
)  # fmt: skip


def hold(
    ground: Ground, place_id: int, services: Mapping[str, int], people: Mapping[str, int]
) -> None:
    """Five stalls in the worker's own community; nobody had booked."""
    day = ground.weekend(-1) + timedelta(days=SATURDAY)
    before, me = moment(day, 0) - timedelta(days=3), ground.staff("worker")
    day_id = planning.plan_day(
        ground.session, me, place_id, day, "上周的幸福集市", "中心广场东侧", before
    )
    rolled = dice("last market")
    stall_ids = []
    for service, who, minutes, _came in _STALLS:
        plan = StallPlan(
            service_id=services[service], provider_ids=(people[who],), from_minute=_OPENS,
            until_minute=_CLOSES, slot_minutes=minutes, at_once=1, walk_up_percent=100,
        )  # fmt: skip
        stall_ids.append(planning.add_stall(ground.session, me, day_id, plan, before))
    planning.open_day(ground.session, me, day_id, None, before)
    for stall_id, (_service, _who, minutes, came) in zip(stall_ids, _STALLS, strict=True):
        rows = list(_line(rolled, stall_id, minutes, came))
        for row in rows:
            for name in ("taken_at", "called_at", "ended_at"):
                row[name] = None if row[name] is None else moment(day, 0) + row[name] * MINUTE
        ground.session.execute(insert(table_of(Ticket)), rows)
        ground.session.execute(
            update(Stall).where(Stall.id == stall_id).values(last_number=came, calls=came)
        )


def _line(rolled: Random, stall_id: int, minutes: int, came: int) -> Iterator[dict[str, Any]]:
    """One after the other, in minutes after midnight; some do not answer, some go home."""
    free = float(_OPENS)
    arrivals = sorted(rolled.uniform(_OPENS - 25, _CLOSES - 25) for _ in range(came))
    for number, taken in enumerate(arrivals, 1):
        row: dict[str, Any] = {
            "stall_id": stall_id, "number": number, "stage": Stage.LEFT, "taken_at": taken,
            "called_at": None, "ended_at": taken + 15, "desk": None,
        }  # fmt: skip
        if (luck := rolled.random()) > 0.06:
            called = max(free, taken)
            row["stage"] = Stage.SERVED if luck > 0.13 else Stage.NO_SHOW
            free = called + (max(2.0, rolled.gauss(minutes, minutes / 4)) if luck > 0.13 else 1)
            row |= {"called_at": called, "ended_at": free, "desk": 1}
        yield row
