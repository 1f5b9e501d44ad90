"""Monthly markets in the console: set up from a market, changed, made by hand, ended."""

from backend.db import db
from backend.market.repeating.models import MarketTemplate
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
