"""The kitchen's pages: what is ordered, the sheet with what changed since, the papers."""

from datetime import timedelta

import pytest

from backend import scheduler
from backend.booking.models import Booking, State
from backend.canteen.kitchen import closing, papers
from backend.canteen.models import Mode
from backend.db import db
from tests.canteen.kitchens import CUTOFF, Cooked, cooked
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def lunch(make: Make, app) -> Cooked:
    meal = cooked(make, db.session())
    meal.dish("冬瓜虾仁汤", 500, allergens=["crustaceans"])
    meal.dish("清炒时蔬", 400)
    return meal


@pytest.fixture
def cook(console: Console, make: Make) -> Console:
    return console.as_(make.staff("cook", make.once("community", make.place)))


def test_a_meal_from_first_orders_to_paper(cook: Console, lunch: Cooked, make: Make) -> None:
    zhang, wang = make.person("张桂兰"), make.person("王秀英")
    lunch.diet(zhang, allergens=["crustaceans"], texture="minced")
    soup = lunch.order(zhang, {"冬瓜虾仁汤": 1}, Mode.DELIVERY)
    lunch.order(wang, {"冬瓜虾仁汤": 1, "清炒时蔬": 2}, Mode.PICK_UP)
    path = f"/kitchen/{lunch.id}"
    assert "2 人已订" in text_of(cook.get("/kitchen"))
    open_yet = text_of(cook.get(path))
    assert "还可以订到 3月11日 周三 16:00，下面的数会变。" in open_yet
    assert cook.get(f"{path}/sheet.pdf").status_code == 404
    lunch.stands().closes_at = make.now
    db.session.commit()
    assert "正在出单" in text_of(cook.get("/kitchen"))
    [job] = [one for one in scheduler.JOBS if one.name == "close meals"]
    job.work(lambda: False)
    assert "已截止，4 份" in text_of(cook.get("/kitchen"))
    sheet = text_of(cook.get(path))
    for words in (
        "2 人订餐，共 4 份", "过敏 虾蟹 · 切碎 小计 1 份", "冬瓜虾仁汤 1 份 张桂兰",
        "送餐地址待补（1）", "打印标签",
    ):  # fmt: skip
        assert words in sheet
    assert "截止后的变动" not in sheet
    for printed in (cook.get(f"{path}/sheet.pdf"), cook.post(f"{path}/labels.pdf")):
        assert printed.content_type == "application/pdf"
        assert printed.data.startswith(b"%PDF")
    db.session.get_one(Booking, soup.id).state = State.CANCELLED
    lunch.diet(wang, avoids=["时蔬"])
    changed = text_of(cook.get(path))
    assert "截止后的变动（2）" in changed
    assert "王秀英 · 清炒时蔬 原来没有要求 → 忌 时蔬 新的忌口" in changed
    assert "张桂兰 · 冬瓜虾仁汤 退了 -1" in changed
    assert "这两周没有做过餐" in text_of(cook.get("/kitchen/past"))
    lunch.stands().day = make.now.date() - timedelta(days=3)
    db.session.commit()
    past = cook.get("/kitchen/past")
    assert "做了 4 份" in text_of(past)
    assert f'{path}"' in past.text


def test_nobody_sees_another_kitchen(console: Console, lunch: Cooked, cast) -> None:
    closing.close(db.session(), lunch.id, CUTOFF)
    db.session.commit()
    elsewhere = console.as_(lunch.make.staff("cook", cast.there))
    assert "这几天没有要做的餐" in text_of(elsewhere.get("/kitchen"))
    for page in ("", "/sheet.pdf"):
        assert elsewhere.get(f"/kitchen/{lunch.id}{page}").status_code == 404
    for page in ("labels", "changed-labels"):
        assert elsewhere.post(f"/kitchen/{lunch.id}/{page}.pdf").status_code == 404
    assert console.as_(cast.chen).get("/kitchen").status_code == 403


def test_a_day_is_called_off(console: Console, lunch: Cooked, make: Make) -> None:
    lunch.order(make.person("张桂兰"), {"清炒时蔬": 1}, Mode.DELIVERY)
    worker = console.as_(make.staff("worker"))
    path = f"/canteens/{lunch.canteen.id}"
    assert f"{path}/cancel?day=2026-03-12" in worker.get(f"{path}?day=2026-03-12").text
    page = text_of(worker.get(f"{path}/cancel?day=2026-03-12"))
    assert "1 人订了，共 4 元" in page
    assert "张桂兰 送餐 · 4 元" in page
    asked = {"day": "2026-03-12", "meal": ""}
    refused = worker.post(f"{path}/cancel", asked)
    assert refused.status_code == 422
    done = worker.post(f"{path}/cancel", asked | {"reason": "台风停餐"}, follow_redirects=True)
    assert "已停餐，退了 1 份订单" in text_of(done)
    again = worker.post(f"{path}/cancel", asked | {"reason": "台风停餐"}, follow_redirects=True)
    assert "已停餐，没有要退的订单。" in text_of(again)
    assert "这一天没有要停的餐" in text_of(worker.get(f"{path}/cancel?day=2026-03-12"))


def test_a_dish_is_replaced(cook: Console, lunch: Cooked, make: Make) -> None:
    wang = make.person("王秀英")
    lunch.pays(wang, lunch.order(wang, {"冬瓜虾仁汤": 1}), 500)
    lunch.diet(wang, avoids=["香菜"])
    egg = make.dish(lunch.canteen, name="香菜蛋汤", list_fen=300, ingredients="鸡蛋、香菜")
    lunch.stands().closes_at = make.now
    closing.close(db.session(), lunch.id, make.now)
    db.session.commit()
    path = f"/kitchen/{lunch.id}"
    where = f"{path}/dishes/{lunch.items['冬瓜虾仁汤'].id}/replace"
    assert where in cook.get(path).text
    shown = text_of(cook.get(where))
    assert "差价共退 2 元 · 不合适的有 1 位，要打电话：王秀英" in shown
    assert cook.post(where, {"dish_id": egg.id}).status_code == 422
    asked = {"dish_id": egg.id, "cooked_id": lunch.items["冬瓜虾仁汤"].dish_id,
             "reason": "虾仁没有到货"}  # fmt: skip
    assert f'name="cooked_id" value="{asked["cooked_id"]}"' in cook.get(where).text
    drawn = papers.draw(db.session(), lunch.id)
    closing.keep_papers(db.session(), lunch.id, drawn, make.now)
    db.session.commit()
    assert cook.post(f"{path}/labels.pdf").data.startswith(b"%PDF")
    assert "要补打的标签" not in text_of(cook.get(path))
    done = text_of(cook.post(where, asked, follow_redirects=True))
    assert "已换菜，差价共退 2 元。" in done
    assert "换成香菜蛋汤（虾仁没有到货）" in done
    assert "新的忌口" in done
    assert "已经换过了" in text_of(cook.post(where, asked))
    assert "要补打的标签（1 张）" in done
    assert "王秀英 · 香菜蛋汤 标签上的内容变了" in done
    assert cook.post(f"{path}/changed-labels.pdf").data.startswith(b"%PDF")
    assert "要补打的标签" not in text_of(cook.get(path))
    worker = cook.as_(make.staff("worker"))
    assert "香菜蛋汤可能不合适（忌 香菜）。要换一道菜，还是退掉？" in text_of(worker.get("/calls"))
    clerk = cook.as_(make.staff("clerk"))
    assert "香菜蛋汤可能不合适" in text_of(clerk.get("/calls"))
    carrot = make.dish(lunch.canteen, name="胡萝卜汤", list_fen=300, allergens=[])
    db.session.commit()
    again = {"dish_id": carrot.id, "cooked_id": egg.id, "reason": "香菜也没有"}
    shown = text_of(cook.get(where))
    assert "把香菜蛋汤换成" in shown
    assert "冬瓜虾仁汤（菜单上原来的）" in shown
    done = text_of(cook.post(where, again, follow_redirects=True))
    assert "差价共退 0 元" in done
    assert "换过香菜蛋汤，不做了（虾仁没有到货） 换成胡萝卜汤（香菜也没有）" in done
    assert "香菜蛋汤" not in text_of(worker.get("/calls"))
