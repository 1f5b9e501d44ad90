"""A daughter applies with her father for a class that is drawn, changes her mind, and withdraws."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.draws.models import DrawApplication, DrawWish
from backend.night_school.models import CourseRun, Term
from tests.client.demo import Demo, phone, serious_faults, settle, sign_in, visit
from tests.client.family import FATHER, Family, family
from tests.factories import Make

pytestmark = pytest.mark.browser


def drawn(demo: Demo) -> tuple[Family, int, list[str]]:
    """A family, a draw that takes applications, and the two classes in it."""
    home = family(demo, places=1, opens_at=clock.now() + timedelta(days=2))
    with demo.app.app_context():
        make = Make(clock.now())
        first = db.session.get_one(CourseRun, home.run_id)
        make.once("term", lambda: db.session.get_one(Term, first.term_id))
        second = make.run(
            course=make.course("八段锦晨练"), term_id=first.term_id,
            opens_at=make.now + timedelta(days=2), lead=timedelta(days=5),
        )  # fmt: skip
        draw = make.draw(first, second, title="春季热门班摇号")
        return home, draw.id, [first.title, second.title]


def wishes(demo: Demo, draw_id: int) -> dict[int, list[int]]:
    with demo.app.app_context():
        rows = db.session.execute(
            select(DrawApplication.person_id, DrawWish.run_id)
            .join(DrawWish, DrawWish.application_id == DrawApplication.id)
            .where(DrawApplication.draw_id == draw_id)
            .order_by(DrawApplication.id, DrawWish.rank)
        )
        found: dict[int, list[int]] = {}
        for row in rows:
            found.setdefault(row.person_id, []).append(row.run_id)
        return found


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_applying_together_in_an_order_of_ones_own(
    demo: Demo, browser: Browser, large: bool
) -> None:
    home, draw_id, titles = drawn(demo)
    with phone(browser, large=large) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"night_school/pages/class?id={home.run_id}")
        tap(page, "去登记志愿")
        expect(page.get_by_text("早登记、晚登记都一样").first).to_be_visible()
        tap(page, "登记志愿")
        page.get_by_role("checkbox", name=FATHER).click()
        page.get_by_role("switch", name="我们要一起上").click()
        tap(page, f"添加{titles[1]}")
        tap(page, f"把{titles[1]}往前挪")
        settle(page)
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        tap(page, "提交登记")
        expect(page.get_by_text("我的摇号登记").first).to_be_visible()
        expect(page.get_by_text("全家一起").first).to_be_visible()
        made = wishes(demo, draw_id)
        assert set(made) == {home.person_id, home.father_id}
        assert all(those[1] == home.run_id for those in made.values())

        visit(page, demo, "pages/bookings")
        expect(page.get_by_text("已登记：春季热门班摇号").first).to_be_visible()
        visit(page, demo, f"night_school/pages/draw?id={draw_id}")
        tap(page, "撤回登记")
        expect(page.get_by_text(re.compile("确定撤回.*的登记吗")).first).to_be_visible()
        tap(page, "确定撤回")
        expect(page.get_by_text("登记已撤回。").first).to_be_visible()
        assert len(wishes(demo, draw_id)) == 1
