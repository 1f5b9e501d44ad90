"""Standing orders in the console: made and paused on the telephone, and how the runs went."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.repeating import working
from backend.canteen.repeating.models import StandingMeal
from backend.db import db
from backend.staff.models import AuditEntry
from tests.canteen.standing import MONDAY, menus
from tests.console import me_of, text_of


@pytest.fixture
def someone(make):
    return make.staff("worker")


@pytest.fixture
def worker(console, someone):
    return console.as_(someone)


@pytest.fixture
def kitchen(make) -> SimpleNamespace:
    """A canteen with two dishes."""
    canteen = make.once("canteen", make.canteen)
    fish = make.dish(name="清蒸鲈鱼", list_fen=1800, allergens=["fish"])
    return SimpleNamespace(id=canteen.id, canteen=canteen, tofu=make.dish(), fish=fish)


@pytest.fixture
def week(make, someone, kitchen, now):
    return menus(make, db.session(), me_of(someone), kitchen, now)


def test_a_standing_order_is_made_paused_and_ended_on_the_telephone(
    console, someone, worker, make, kitchen, week, now
) -> None:
    zhang = make.person("张爱华", home_place_id=make.place("estate").id)
    path = f"/people/{zhang.id}/standing-orders"
    assert path in worker.get(f"/people/{zhang.id}").text
    assert "没有固定订餐" in text_of(worker.get(path))
    form = worker.get(f"{path}/new").text  # the only canteen at once
    assert f'name="canteen_id" value="{kitchen.id}"' in form
    asked = {"canteen_id": kitchen.id, "meal": "lunch", "weekdays": ["0", "1"], "mode": "dine_in",
             "since": "2026-03-11", "portions": "1", "otherwise": "set"}  # fmt: skip
    wrong = worker.post(f"{path}/new", {**asked, "weekdays": []})
    assert (wrong.status_code, "请至少选一天。" in text_of(wrong)) == (422, True)
    done = text_of(worker.post(f"{path}/new", asked, follow_redirects=True))
    assert "已办好，现在订上 0 餐" in done
    assert "3月16日 周一 午餐没有订上：餐卡余额不够。" in done
    report = text_of(worker.get(f"/canteens/{kitchen.id}/standing-orders"))
    assert "张爱华 3月16日 周一 午餐 · 餐卡余额不够" in report
    wish = Credit(person_id=zhang.id, kind=EntryKind.TOP_UP, fen=10000, key="t")
    ledger.credit(db.session(), wish, Actor(), now)
    db.session.commit()
    again = text_of(worker.post(f"{path}/try-again", follow_redirects=True))
    assert "现在订上 2 餐" in again
    rests = {"from_day": "2026-03-16", "why": "hospital"}
    paused = text_of(worker.post(f"{path}/pause", rests, follow_redirects=True))
    assert "退了 2 餐" in paused
    assert "住院 3月16日 周一 – 恢复前" in paused
    resumed = worker.post(f"{path}/resume", {"from_day": "2026-03-17"}, follow_redirects=True)
    assert "现在订上 1 餐" in text_of(resumed)
    standing_id = db.session.scalars(select(StandingMeal.standing_order_id)).first()
    skipped = worker.post(
        f"{path}/{standing_id}/skip", {"day": "2026-03-17"}, follow_redirects=True
    )
    assert "3月17日 周二不订了。" in text_of(skipped)
    back = worker.post(
        f"{path}/{standing_id}/put-back", {"day": "2026-03-17"}, follow_redirects=True
    )
    assert "现在订上 1 餐" in text_of(back)
    with clock.frozen(clock.at_minute(MONDAY, 16 * 60)):
        late = console.as_(someone).post(f"{path}/{standing_id}/skip", {"day": "2026-03-17"})
        assert (late.status_code, "已经截止" in text_of(late)) == (409, True)
    assert "退了 1 餐" in text_of(worker.post(f"{path}/{standing_id}/end", follow_redirects=True))
    verbs = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.startswith("standing_order."))
    ).all()
    assert [verb.partition(".")[2] for verb in verbs] == [
        "set_up", "try_again", "pause", "resume", "skip", "put_back", "end",
    ]  # fmt: skip


def test_far_fewer_than_last_week_are_shown_to_staff(
    console, someone, worker, make, kitchen, week, now
) -> None:
    people = [make.person(f"居民{number}") for number in range(4)]
    for number, one in enumerate(people):
        wish = Credit(person_id=one.id, kind=EntryKind.TOP_UP, fen=90000, key=f"t{number}")
        ledger.credit(db.session(), wish, Actor(), now)
    db.session.commit()
    asked = {"canteen_id": kitchen.id, "meal": "lunch", "weekdays": ["0"], "mode": "dine_in",
             "since": "2026-03-11", "portions": "1", "otherwise": "set"}  # fmt: skip
    for one in people:
        worker.post(f"/people/{one.id}/standing-orders/new", asked)
    worker.post(f"/canteens/{kitchen.id}/copy", {"day": "2026-03-23", "source": "2026-03-16"})
    worker.post(f"/canteens/{kitchen.id}/publish", {"day": "2026-03-23"})
    with clock.frozen(now + timedelta(days=7)):
        worker = console.as_(someone)
        for page in ("/", f"/canteens/{kitchen.id}/standing-orders"):
            shown = text_of(worker.get(page))
            wanted = "3月23日 周一 午餐 只有 0 份；上周同一天订上、这周还要吃的有 4 份"
            assert wanted in shown, page
        rests = {"from_day": "2026-03-23", "why": "hospital"}
        worker.post(f"/people/{people[0].id}/standing-orders/pause", rests)
        assert "这周还要吃的有 3 份" in text_of(worker.get("/"))
        worker.post(f"/people/{people[1].id}/standing-orders/pause", rests)
        assert "比上周少很多" not in text_of(worker.get("/"))  # two: too few to be a fault
        for one in people[:2]:
            worker.post(f"/people/{one.id}/standing-orders/resume", {"from_day": "2026-03-23"})
        assert working.run(kitchen.id, clock.now(), lambda: False) == 2
        shown = text_of(worker.get(f"/canteens/{kitchen.id}/standing-orders"))
    assert "比上周少很多" not in shown
    assert "2 人，订上 2 餐" in shown


def test_those_of_others_are_not_found(console, make, kitchen, week) -> None:
    zhang = make.person("张爱华", home_place_id=make.place("estate").id)
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    path = f"/people/{zhang.id}/standing-orders"
    for page in (path, f"{path}/new", f"/canteens/{kitchen.id}/standing-orders"):
        assert elsewhere.get(page).status_code == 404
    rests = {"from_day": "2026-03-16", "why": "hospital"}
    assert elsewhere.post(f"{path}/pause", rests).status_code == 404
    assert elsewhere.post(f"{path}/999/end").status_code == 404
