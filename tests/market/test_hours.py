"""Hours of those who served: from calls and closings, by the minute, put right with a reason."""

from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.market.hours import reading
from backend.market.hours.models import StallHours
from backend.market.models import Stage, Ticket
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make
from tests.market.test_check import broken

NOON = datetime(2026, 3, 14, 12, tzinfo=clock.LOCAL)
DAY = {"since": date(2026, 3, 14), "until": date(2026, 3, 14)}
ASKED = "since=2026-03-14&until=2026-03-14"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def held(make: Make, planner):
    """Knives from 9 to 11, first called at 9:07; phones closed at 10:10; nobody came to a third."""
    make.once("community", make.place)
    day = make.market_day(opened_at=make.now, books_from=make.now)
    team = make.provider("红马甲志愿队", kind="volunteers")
    wu, zheng = (make.provider(name, organisation_id=team.id) for name in ("吴建设", "郑爱华"))
    knives = make.stall(day, make.service("磨刀"), wu)
    phones = make.stall(day, make.service("手机帮扶"), zheng, breaks=[], closed_at=at(10, 10))
    idle = make.stall(day, make.service("咨询"), make.provider("冯律师"), from_minute=600)
    for stall, called in ((knives, at(9, 7)), (phones, at(8, 55))):
        make.add(
            Ticket(
                stall_id=stall.id, number=1, stage=Stage.SERVED, taken_at=at(8, 50),
                called_at=called, ended_at=at(9, 20), desk=1,
            )
        )  # fmt: skip
        stall.last_number = 1
    db.session.commit()
    return {"knives": knives, "phones": phones, "idle": idle, "wu": wu, "zheng": zheng}


def minutes(session, me, now=NOON) -> dict[str, int]:
    return {one.name: one.minutes for one in reading.read(session, me, DAY, now).people}


def test_hours_follow_from_calls_and_closing(session, planner, held, statements) -> None:
    statements.clear()
    # 9:07 to 11:00 without the break of a quarter; 9:00 to 10:10; nobody called: nothing shown
    assert minutes(session, planner) == {"吴建设": 113 - 15, "郑爱华": 70, "冯律师": 0}
    assert len(statements) == 2
    assert minutes(session, planner, at(9, 37))["吴建设"] == 30  # as far as the day has gone
    found = reading.read(session, planner, DAY, NOON)
    assert {name: len(people) for name, people in found.organisations.items()} == {
        "红马甲志愿队": 2, "冯律师": 1,
    }  # fmt: skip


def test_staff_put_hours_right(console: Console, make: Make, session, planner, held) -> None:
    path = f"/market/stalls/{held['knives'].id}/hours/{held['wu'].id}"
    with clock.frozen(NOON):
        worker = console.as_(make.staff("worker", name="林晓燕"))
        page = text_of(worker.get(path))
        assert "按叫号记录： 09:07–10:00 10:15–11:00" in page
        for form, wrong in (
            ({"since": "09:00", "until": "11:30"}, "更正原因"),
            ({"reason": "忘了叫号"}, "请填写这一项"),
            ({"since": "11:00", "until": "09:00", "reason": "忘了叫号"}, "结束要晚于开始"),
        ):
            answer = worker.post(path, form)
            assert (answer.status_code, wrong in text_of(answer)) == (422, True), form
        saved = worker.post(
            path, {"since": "09:00", "until": "11:30", "reason": "收摊后又磨了半小时"},
            follow_redirects=True,
        )  # fmt: skip
        assert "2 小时 30 分钟" in text_of(saved)
        assert "收摊后又磨了半小时（林晓燕）" in text_of(saved)
        assert minutes(session, planner)["吴建设"] == 150
        worker.post(path, {"absent": "1", "reason": "临时没有来"})
        assert minutes(session, planner)["吴建设"] == 0
        assert "没有到场" in text_of(
            worker.get(f"/market/hours?{ASKED}&provider_id={held['wu'].id}")
        )
        for _twice in range(2):
            worker.post(f"{path}/back")
        assert minutes(session, planner)["吴建设"] == 98
        assert session.scalars(select(StallHours)).all() == []
    kept = select(AuditEntry).where(AuditEntry.action == "stall.hours").order_by(AuditEntry.id)
    told = session.scalars(kept).all()
    assert [one.after.get("reason") for one in told] == ["收摊后又磨了半小时", "临时没有来", None]
    assert broken(session) == set()


def test_the_sheet_is_exact(console: Console, make: Make, held) -> None:
    with clock.frozen(NOON):
        worker = console.as_(make.staff("worker"))
        listed = text_of(worker.get(f"/market/hours?{ASKED}"))
        assert "红马甲志愿队 2 小时 48 分钟" in listed
        assert "1 次没有叫号记录" in listed
        answer = worker.get(f"/market/hours.xlsx?{ASKED}")
    book = load_workbook(BytesIO(answer.data))
    rows = {
        name: list(book[name].iter_rows(min_row=2, values_only=True)) for name in book.sheetnames
    }
    assert ("红马甲志愿队", "志愿队", 2, 2, 168, 2.8) in rows["按单位"]
    assert ("吴建设", "红马甲志愿队", 1, 98, 1.63) in rows["按人"]
    assert [row[6:8] for row in rows["明细"] if row[0] == "郑爱华"] == [("09:00–10:10", 70)]


def test_whose_hours(console: Console, make: Make, held) -> None:
    path = f"/market/stalls/{held['knives'].id}/hours"
    with clock.frozen(NOON):
        worker = console.as_(make.staff("worker"))
        assert worker.get(f"{path}/{held['zheng'].id}").status_code == 404  # not at this stall
        elsewhere = make.staff("worker", place=make.place(parent=make.place()), name="外区")
        other = console.as_(elsewhere)
        assert other.get(f"{path}/{held['wu'].id}").status_code == 404
        assert "吴建设" not in other.get(f"/market/hours?{ASKED}").text
    with clock.frozen(make.now):  # before the day there is nothing to put right
        worker = console.as_(make.staff("worker", name="早"))
        assert worker.get(f"{path}/{held['wu'].id}").status_code == 404
