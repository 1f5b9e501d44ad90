"""Monthly markets in the console: set up from a market, changed, made by hand, ended."""

from backend.db import db
from backend.market.repeating.models import MarketTemplate
from tests.admin.test_market_moving import seen_on
from tests.console import Console, text_of
from tests.factories import Make


def test_a_market_is_held_every_month(console: Console, make: Make, now) -> None:
    worker = console.as_(make.staff("worker"))
    place = make.once("community", make.place)
    day = make.market_day(place)
    assert "还没有每月照办的集市" in text_of(worker.get("/market/templates"))
    path, second = f"/market/{day.id}/template", {"on": "weekday", "week": "2", "weekday": "5"}
    assert 'value="2" selected' in worker.get(path).text
    early = worker.post(path, second)
    assert (early.status_code, "请先加摊位" in text_of(early)) == (409, True)
    barber = make.provider()
    make.stall(day, make.service(), barber)
    assert worker.post(path, {"on": "date"}).status_code == 422
    made = text_of(worker.post(path, second, follow_redirects=True))
    for words in ("每月第 2 个星期六", "2026年4月11日 周六", "现在就建", "理发 09:00–11:00"):
        assert words in made
    [template] = db.session.scalars(db.select(MarketTemplate)).all()
    path = f"/market/templates/{template.id}"
    draft = worker.post(f"{path}/make", {"day": "2026-04-11"}, follow_redirects=True)
    assert "草稿已建好" in text_of(draft)
    assert "居民还看不到" in text_of(draft)
    again = worker.post(f"{path}/make", {"day": "2026-04-11"})
    assert (again.status_code, "这个月已经建过了" in text_of(again)) == (409, True)
    form = {"on": "date", "day_of_month": "20", "title": "春季集市", "spot": "东门"}
    assert 'value="三月幸福集市"' in worker.get(f"{path}/change").text
    changed = text_of(worker.post(f"{path}/change", form, follow_redirects=True))
    assert ("春季集市" in changed, "每月 20 日" in changed) == (True, True)
    assert "每月 20 日" in text_of(worker.get("/market/templates"))
    ended = worker.post(f"{path}/end", {}, follow_redirects=True)
    assert ("已停" in text_of(ended), "现在就建" in text_of(ended)) == (True, False)
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/end", {}).status_code == 404


def test_the_stalls_of_a_monthly_market_change(console: Console, make: Make, now) -> None:
    worker = console.as_(make.staff("worker"))
    day, service = make.market_day(), make.service()
    make.stall(day, service, make.provider())
    other = make.provider("张师傅")
    worker.post(f"/market/{day.id}/template", {"on": "weekday", "week": "2", "weekday": "5"})
    [template] = db.session.scalars(db.select(MarketTemplate)).all()
    path = f"/market/templates/{template.id}/stalls"
    form = {
        "service_id": service.id, "provider_ids": [other.id], "opens": "08:30", "closes": "10:00",
        "slot_minutes": 15, "at_once": 1, "walk_up_percent": 50,
    }  # fmt: skip
    assert 'value="09:00"' in worker.get(f"{path}/new").text
    assert worker.post(f"{path}/new", form | {"closes": "08:00"}).status_code == 422
    added = text_of(worker.post(f"{path}/new", form, follow_redirects=True))
    assert "理发 08:30–10:00 张师傅 理发 09:00–11:00" in added
    page = worker.get(f"{path}/1")
    assert 'value="08:30"' in page.text
    later = form | {"closes": "12:00", "seen": seen_on(page)}
    changed = worker.post(f"{path}/1", later, follow_redirects=True)
    assert "理发 08:30–12:00" in text_of(changed)
    stale = worker.post(f"{path}/1", later)
    assert (stale.status_code, "请重新核对" in text_of(stale)) == (409, True)
    gone = worker.post(
        f"{path}/2/remove", {"seen": seen_on(worker.get(f"{path}/2"))}, follow_redirects=True
    )
    assert "09:00–11:00" not in text_of(gone)
    last = worker.post(f"{path}/1/remove", {"seen": seen_on(worker.get(f"{path}/1"))})
    assert (last.status_code, worker.get(f"{path}/2").status_code) == (409, 404)
    made = worker.post(
        f"/market/templates/{template.id}/make", {"day": "2026-04-11"}, follow_redirects=True
    )
    assert "08:30–12:00" in text_of(made)
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert stranger.post(f"{path}/1", later).status_code == 404
