"""Why a waiting list is not moving, as a table."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from backend import clock
from backend.night_school import standstill

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=clock.LOCAL)


def at(hours: float) -> str:
    return clock.rfc3339(NOON + timedelta(hours=hours))


def waits(together: int = 1) -> dict[str, object]:
    return {"state": "waiting", "together": together}


def asked(hours: float) -> dict[str, object]:
    return {"state": "offered", "offer_until": at(hours), "together": 1}


@pytest.mark.parametrize(
    ("run", "waiting", "said"),
    [
        ({}, [], []),
        ({}, [asked(3)], []),
        ({}, [waits()], ["名额已满。有人退出"]),
        ({"taken": 29}, [waits(2)], ["空着 1 个名额，不够排在最前面的 2 位"]),
        ({}, [asked(9), asked(3), waits()], ["2 位居民正在确认，最早今天下午 15:00 到期"]),
        ({"taken": 28}, [asked(3), waits(3)], ["空着 2 个名额", "1 位居民正在确认"]),
        (
            {"taken": 27, "kept_left": 3},
            [waits()],
            ["空着的名额里有 3 个留给 60 岁及以上的居民，留到明天"],
        ),
        ({"promote_until": at(0)}, [waits()], ["候补通知已在今天中午 12:00 截止"]),
        ({"promote_until": None, "starts_at": at(-1)}, [waits()], ["候补通知已在今天上午 11:00"]),
        ({"cancelled": True, "promote_until": at(-1)}, [waits()], ["班级已经取消"]),
        ({"opens_at": at(24)}, [waits()], ["明天中午 12:00 才开始报名", "名额已满"]),
    ],
)
def test_what_is_said(app: Flask, run: dict, waiting: list, said: list[str]) -> None:
    plain = {
        "cancelled": False, "capacity": 30, "overbooked": 0, "taken": 30, "kept_left": 0,
        "kept_from_age": 60, "kept_place": None, "kept_until": at(24), "opens_at": at(-24),
        "promote_until": at(72), "starts_at": at(72),
    }  # fmt: skip
    with app.test_request_context():
        found = standstill.reasons(plain | run, waiting, NOON)
    assert [sentence.startswith(start) for sentence, start in zip(found, said, strict=True)] == [
        True
    ] * len(said), found


@pytest.mark.parametrize(
    ("run", "waiting", "may"),
    [
        ({}, [], False),
        ({}, [waits()], False),  # full
        ({"taken": 29}, [waits()], True),
        ({"taken": 29}, [asked(3)], False),
        ({"taken": 29}, [waits(2)], False),
        ({"taken": 28}, [waits(2)], True),
        ({"overbooked": 1}, [waits()], True),
        ({"capacity": None}, [waits()], True),
        ({"taken": 27, "kept_left": 3}, [waits()], True),  # whoever of the group waits
        ({"kept_left": 3}, [waits()], False),
        ({"taken": 29, "promote_until": at(0)}, [waits()], False),
        ({"taken": 29, "cancelled": True}, [waits()], False),
    ],
)
def test_the_next_can_be_asked_by_hand_only_where_somebody_can_be(run, waiting, may) -> None:
    plain = {
        "cancelled": False, "capacity": 30, "overbooked": 0, "taken": 30, "kept_left": 0,
        "promote_until": at(72), "starts_at": at(72),
    }  # fmt: skip
    assert standstill.may_move(plain | run, waiting, NOON) is may
