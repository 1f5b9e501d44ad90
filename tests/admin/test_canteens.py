"""Menus in the console: a week planned dish by dish, copied and shown."""

import pytest
from sqlalchemy import select

from backend.canteen.models import Canteen, MenuItem
from backend.db import db
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker"))


@pytest.fixture
def canteen(make: Make) -> Canteen:
    return make.once("canteen", make.canteen)


def menu_form(*dishes, day="2026-03-16", **given):
    return {"day": day, "meal": "lunch"} | {f"on_{dish.id}": "1" for dish in dishes} | given


def test_a_week_is_planned_and_shown(worker: Console, make: Make, canteen) -> None:
    tofu, fish = make.dish(canteen), make.dish(canteen, name="清蒸鲈鱼", list_fen=1800)
    path = f"/canteens/{canteen.id}"
    assert worker.get("/canteens").location.endswith(path)
    week = text_of(worker.get(f"{path}?day=2026-03-18"))
    assert "3月16日 周一" in week
    assert "排菜单" in week
    form = worker.get(f"{path}/menu?day=2026-03-16&meal=lunch").text
    assert f'name="on_{tofu.id}"' in form
    asked = menu_form(tofu, fish, **{f"portions_{fish.id}": "20", f"less_{tofu.id}": "0.5"})
    done = text_of(worker.post(f"{path}/menu", asked, follow_redirects=True))
    for words in (
        "菜单已保存。",
        "红烧豆腐 7.50 元",
        "清蒸鲈鱼 18 元 已订 0/20 份",
        "居民还看不到",
    ):
        assert words in done
    stands = worker.get(f"{path}/menu?day=2026-03-16&meal=lunch").text
    assert f'name="less_{tofu.id}" value="0.50"' in stands
    shown = worker.post(f"{path}/publish", {"day": "2026-03-16"}, follow_redirects=True)
    assert "发布了 1 餐。" in text_of(shown)
    assert "3月13日 周五 16:00 截止订餐" in text_of(shown)
    copied = worker.post(
        f"{path}/copy", {"day": "2026-03-23", "source": "2026-03-16"}, follow_redirects=True
    )
    assert "照搬了 1 餐，请核对。" in text_of(copied)
    again = worker.post(
        f"{path}/copy", {"day": "2026-03-23", "source": "2026-03-16"}, follow_redirects=True
    )
    assert "3月23日 周一 午餐没有办：这一餐已经有菜单。" in text_of(again)


def test_wrong_amounts_are_told_at_their_field(worker: Console, make: Make, canteen) -> None:
    tofu = make.dish(canteen)
    path = f"/canteens/{canteen.id}/menu"
    for field, typed in (("price", "9.999"), ("price", "NaN"), ("price", "９"), ("price", "-5"),
                         ("price", "1e9"), ("portions", "-1"), ("portions", "x")):  # fmt: skip
        answer = worker.post(path, menu_form(tofu, **{f"{field}_{tofu.id}": typed}))
        assert (answer.status_code, "field-error" in answer.text) == (422, True), typed
        assert f'value="{typed}"' in answer.text
    zero = worker.post(path, menu_form(tofu, **{f"price_{tofu.id}": "0"}))
    assert (zero.status_code, "价格要大于零" in text_of(zero)) == (422, True)
    assert db.session.scalars(select(MenuItem)).all() == []
    closed = worker.post(path, menu_form(tofu, day="2026-03-14"))
    assert (closed.status_code, "这一天不供餐" in text_of(closed)) == (409, True)
    assert worker.get(f"{path}?day=x&meal=lunch").status_code == 422


def test_a_canteen_of_others_is_not_found(console: Console, make: Make, canteen) -> None:
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    assert "还没有食堂" in text_of(elsewhere.get("/canteens"))
    for path in ("", "/menu?day=2026-03-16&meal=lunch"):
        assert elsewhere.get(f"/canteens/{canteen.id}{path}").status_code == 404
    for path in ("menu", "copy", "publish"):
        given = {"day": "2026-03-16", "source": "2026-03-16", "meal": "lunch"}
        assert elsewhere.post(f"/canteens/{canteen.id}/{path}", given).status_code == 404
    teacher = console.as_(make.staff("teacher", name="陈国栋"))
    assert teacher.get("/canteens").status_code == 403
