"""Markets in figures: people served, waits and who did not come, counted by hand."""

from collections import Counter
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from backend import clock
from backend.db import db
from backend.market import planning, service, working
from backend.market.hours import reading
from backend.market.models import Stage, Ticket
from backend.market.service import Wanted
from backend.market.statistics import report
from backend.market.statistics.figures import quantile
from backend.market.visits import deciding
from backend.market.visits.models import Outcome
from backend.places.models import Place
from tests.console import Console, me_of, text_of
from tests.factories import Make
from tests.market.test_visits import ask

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 15, 12, tzinfo=clock.LOCAL)


def at(hour: int, minute: int = 0, day: int = 14) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=clock.LOCAL)


@pytest.mark.parametrize(
    ("waits", "half", "most"),
    [
        ([], None, None), ([7], 7, 7), ([1, 2], 1, 2), ([1, 2, 30], 2, 30),
        (list(range(1, 11)), 5, 9), (list(range(1, 12)), 6, 10), ([0] * 9 + [50], 0, 0),
    ],
)  # fmt: skip
def test_median_and_nine_of_ten(waits: list[int], half: int, most: int) -> None:
    assert (quantile(Counter(waits), 0.5), quantile(Counter(waits), 0.9)) == (half, most)


@pytest.mark.parametrize(
    ("breaks", "first_call", "closed", "wanted"),
    [
        ([], 540, None, [(540, 660)]),
        ([], 530, None, [(540, 660)]),  # called before the opening: the opening counts
        ([], 555, None, [(555, 660)]),
        ([], 540, 600, [(540, 600)]),
        ([], 540, 700, [(540, 660)]),  # the stall was shut in the console later
        ([], None, None, []),  # nobody was called
        ([], 640, 600, []),
        ([[600, 615]], 540, None, [(540, 600), (615, 660)]),
        ([[600, 615]], 605, None, [(615, 660)]),
        ([[600, 615]], 540, 605, [(540, 600)]),
        ([[630, 640], [600, 615]], 545, 650, [(545, 600), (615, 630), (640, 650)]),
    ],
)
def test_when_a_stall_worked(breaks, first_call, closed, wanted) -> None:
    assert working.spans((540, 660), breaks, first_call, closed) == wanted


def number(make: Make, stall, n: int, stage: str, taken: datetime, **given) -> None:
    make.add(Ticket(stall_id=stall.id, number=n, stage=stage, taken_at=taken, **given))
    stall.last_number = n


def served(make: Make, stall, n: int, taken: datetime, waited: int, **given) -> None:
    start = given.get("due_at") or taken
    called = start + waited * MINUTE
    ended = called + 5 * MINUTE
    number(make, stall, n, Stage.SERVED, taken, called_at=called, ended_at=ended, desk=1, **given)


@pytest.fixture
def held(make: Make, planner):
    """Two stalls on Saturday: haircuts with two of a shop, knives by a volunteer with a friend."""
    place = make.once("community", make.place)
    day = make.market_day(place, opened_at=make.now, books_from=make.now)
    shop = make.provider("春晖理发店", kind="barber")
    two = [make.provider(name, organisation_id=shop.id) for name in ("李师傅", "小王")]
    team = make.provider("红马甲志愿队", kind="volunteers")
    hair = make.stall(day, make.service("理发"), *two)  # 9 to 11, a break of 15 minutes
    knives = make.stall(
        day, make.service("磨刀"), make.provider("吴建设", organisation_id=team.id), two[0],
        breaks=[], closed_at=at(10),
    )  # fmt: skip
    served(make, hair, 1, at(8, 40), 30)  # called at 9:10
    served(make, hair, 2, at(9), 10)
    served(make, hair, 3, at(9, 30), 0, due_at=at(10, 30))
    served(make, hair, 4, at(9, 31), 99, skipped_at=2)  # was not there when called first
    number(make, hair, 5, Stage.NO_SHOW, at(9, 40), called_at=at(10), desk=1)
    number(make, hair, 6, Stage.LEFT, at(9, 41))
    served(make, knives, 1, at(9), 4)
    number(make, knives, 2, Stage.CLOSED, at(9, 50))
    db.session.commit()
    return day


def lines(found: report.Report, code: str) -> dict[str, dict]:
    table = next(one for one in found.tables if one.code == code)
    return {line.name: line.shown for line in table.lines}


def test_a_day_by_service_provider_and_hour(session, planner, held) -> None:
    found = report.read(session, planner, {"market_day_id": held.id}, NOON)
    total = found.total.shown
    assert {name: total[name] for name in ("days", "stalls", "numbers", "served")} == {
        "days": 1, "stalls": 2, "numbers": 8, "served": 5,
    }  # fmt: skip
    assert (total["no_show"], total["left"], total["closed"]) == (1, 1, 1)
    assert (total["wait_median"], total["wait_p90"]) == (4, 30)  # of 0, 4, 10, 30
    # 9:10 to 11 without the break, and 9:04 to 10
    assert total["hours"] == round((110 - 15 + 56) / 60, 1)
    services = lines(found, "services")
    assert [(name, one["served"]) for name, one in services.items()] == [("理发", 4), ("磨刀", 1)]
    assert services["磨刀"]["wait_p90"] == 4
    providers = lines(found, "providers")
    assert [(name, one["served"]) for name, one in providers.items()] == [
        ("春晖理发店", 5), ("红马甲志愿队", 1),
    ]  # fmt: skip
    assert (providers["春晖理发店"]["stalls"], providers["春晖理发店"]["wait_median"]) == (2, 4)
    hours = lines(found, "hours")
    assert {name: one["served"] for name, one in hours.items()} == {
        "09:00–10:00": 3, "10:00–11:00": 1, "11:00–12:00": 1,
    }  # fmt: skip
    assert [one.code for one in found.tables] == ["services", "providers", "hours"]


def test_who_booked_and_did_not_come(session, planner, make, market, now) -> None:
    stall_id = planning.add_stall(
        session, planner, market.day.id, market.plan(walk_up_percent=0), now
    )
    planning.open_day(session, planner, market.day.id, None, now)
    for name, hour in (("王秀英", 9), ("钱多多", 10)):
        who = make.resident(name)
        asked = Wanted(stall_id=stall_id, person_id=who.person.id, starts_at=at(hour))
        service.book(session, who.me, asked, now)
    asked = {"market_day_id": market.day.id}
    assert report.read(session, planner, asked, at(9, 30)).total.shown["missed"] == 1
    assert report.read(session, planner, asked, NOON).total.shown["missed"] == 2


def test_visits_at_home_count(session, planner, make, market, now) -> None:
    plan = market.plan(
        at_home=True, from_minute=840, until_minute=960, slot_minutes=40, walk_up_percent=0
    )
    stall_id = planning.add_stall(session, planner, market.day.id, plan, now)
    planning.open_day(session, planner, market.day.id, None, now)
    evening = at(18)
    for name, start, outcome in (
        ("王秀英", at(14, 40), Outcome.DONE), ("钱多多", at(15, 20), Outcome.NOBODY),
    ):  # fmt: skip
        visit = ask(session, stall_id, make.resident(name), start, now)
        deciding.approve(session, planner, visit, now, checked=True)
        minutes = 30 if outcome == Outcome.DONE else None
        deciding.end(session, planner, visit, outcome, minutes, None, evening)
    total = report.read(session, planner, {"market_day_id": market.day.id}, evening).total.shown
    assert (total["served"], total["booked"], total["missed"]) == (1, 1, 1)
    asked = {"since": date(2026, 3, 14), "until": date(2026, 3, 14)}
    [barber] = reading.read(session, planner, asked, evening).people
    assert [turn.spans for turn in barber.turns] == [[(880, 960)]]  # from the first visit on


def test_a_street_by_community_month_and_market(session, make, held, statements) -> None:
    place = make.once("community", make.place)
    street = session.get(Place, place.parent_id)
    other = make.place(parent=street, name="桃园社区")
    far = make.market_day(other, day=date(2026, 2, 28), opened_at=make.now, books_from=make.now)
    served(make, make.stall(far, make.service("量血压"), make.provider("严护士")), 1, at(9), 1)
    make.market_day(other, day=date(2026, 3, 1))  # residents never saw it
    gone = make.market_day(other, day=date(2026, 3, 2), opened_at=make.now, cancelled_at=make.now)
    make.stall(gone)
    me = me_of(make.staff("manager", place=street, name="街道"))
    asked = {"since": date(2026, 2, 1), "until": NOON.date()}
    statements.clear()
    found = report.read(session, me, asked, NOON)
    assert len(statements) == 8
    assert found.total.shown["served"] == 6
    assert {name: one["served"] for name, one in lines(found, "communities").items()} == {
        place.name: 5, "桃园社区": 1,
    }  # fmt: skip
    assert list(lines(found, "months")) == ["2026-02", "2026-03"]
    assert [one["served"] for one in lines(found, "days").values()] == [5, 1]
    for number_ in range(3):  # as many reads for more of them
        day = date(2026, 3, 3 + number_)
        make.stall(make.market_day(other, day=day, opened_at=make.now), None)
    statements.clear()
    report.read(session, me, asked, NOON)
    assert len(statements) == 8


def test_page_and_spreadsheet(console: Console, make: Make, held) -> None:
    someone = make.staff("worker")
    with clock.frozen(NOON):
        worker = console.as_(someone)
        page = worker.get(f"/market/statistics?market_day_id={held.id}")
        text = text_of(page)
        assert "服务人次 5 其中预约 0，现场取号 5" in text
        assert "等候中位数（分钟） 4 九成不超过 30 分钟" in text
        assert 'data-chart="services"' in page.text
        listed = worker.get("/market/statistics?period=month")
        assert f"market_day_id={held.id}" in listed.text
        answer = worker.get(f"/market/statistics.xlsx?market_day_id={held.id}")
    book = load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["合计", "服务", "服务单位", "时段", "口径说明"]
    heading, total = book["合计"].iter_rows(values_only=True)
    said = dict(zip(heading, total, strict=True))
    assert (said["服务人次"], said["等候中位数（分钟）"], said["没有轮到"]) == (5, 4, 1)
    assert len(list(book["时段"].iter_rows())) == 4


def test_what_is_asked_for_and_reach(console: Console, make: Make, held) -> None:
    worker = console.as_(make.staff("worker"))
    for asked, status in (
        ("place_id=999999", 404), ("market_day_id=999999", 404), ("period=decade", 422),
        ("since=2026-03-02&until=2026-03-01", 422), ("period=last-year", 200), ("", 200),
    ):  # fmt: skip
        assert worker.get(f"/market/statistics?{asked}").status_code == status, asked
    elsewhere = make.staff("worker", place=make.place(parent=make.place()), name="外区")
    other = console.as_(elsewhere)
    for path in ("/market/statistics", "/market/statistics.xlsx"):
        assert other.get(f"{path}?market_day_id={held.id}").status_code == 404
