"""The public result of a market day: what was done for how many, and no person's name."""

from datetime import datetime, timedelta

import pytest

from backend import clock
from backend.db import db
from backend.market.models import Stage, Ticket
from tests.console import Console, text_of

EVENING = datetime(2026, 3, 14, 20, tzinfo=clock.LOCAL)


@pytest.fixture
def held(make, planner):
    """Three haircuts by two of a shop, a number given back, and advice nobody came for; one who
    should have sharpened knives did not come.
    """
    make.once("community", make.place)
    day = make.market_day(opened_at=make.now, books_from=make.now)
    shop = make.provider("春晖理发店", kind="barber")
    two = [make.provider(name, organisation_id=shop.id) for name in ("李师傅", "小王")]
    hair = make.stall(day, make.service("理发"), *two)
    make.stall(day, make.service("法律咨询"), make.provider("冯律师"))
    sharpener = make.provider("老张磨刀店", kind="firm")
    make.stall(day, make.service("磨刀"), sharpener, closed_at=EVENING - timedelta(days=1))
    for number in range(1, 5):
        taken = EVENING.replace(hour=9) + number * timedelta(minutes=9)
        stage = Stage.LEFT if number == 4 else Stage.SERVED
        make.add(
            Ticket(
                stall_id=hair.id, number=number, stage=stage, taken_at=taken, ended_at=taken,
                called_at=None if number == 4 else taken, desk=1, note="王秀英，换了电池",
            )
        )  # fmt: skip
    hair.last_number = 4
    db.session.commit()
    return day


def test_everybody_reads_what_a_day_came_to(api, held) -> None:
    path = f"/market/days/{held.id}"
    with clock.frozen(EVENING.replace(hour=10)):
        assert api.get(f"{path}/result").status_code == 404
        assert api.get(f"{path}/result.pdf").status_code == 404
    with clock.frozen(EVENING):
        found = api.get(f"{path}/result").get_json()["data"]
        paper = api.get(f"{path}/result.pdf")
        assert api.get("/market/days/999999/result").status_code == 404
    assert (found["served"], found["organisations"], found["people"]) == (3, ["春晖理发店"], 3)
    assert found["services"] == [
        {"service": "理发", "served": 3}, {"service": "法律咨询", "served": 0},
    ]  # fmt: skip
    assert (found["title"], found["day"]) == ("三月幸福集市", "2026-03-14")
    assert not {"李师傅", "小王", "冯律师", "王秀英"} & set(str(found).split("'"))
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize("hidden", [{"cancelled_at": EVENING}, {"opened_at": None}])
def test_no_result_of_what_was_not_held(api, held, hidden) -> None:
    for name, value in hidden.items():
        setattr(held, name, value)
    db.session.commit()
    with clock.frozen(EVENING):
        assert api.get(f"/market/days/{held.id}/result").status_code == 404


def test_the_day_says_when_it_is_over(api, console: Console, make, held) -> None:
    path = f"/market/days/{held.id}"
    assert api.get(path).get_json()["data"]["over"] is False
    someone = make.staff("worker")
    assert "服务公示" not in text_of(console.as_(someone).get(f"/market/{held.id}"))
    with clock.frozen(EVENING):
        assert api.get(f"{path}?later").get_json()["data"]["over"] is True
        page = console.as_(someone).get(f"/market/{held.id}")
        assert f"/mp/v1/market/days/{held.id}/result.pdf" in page.text
