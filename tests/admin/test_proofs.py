"""Proven circumstances on a resident's page: noted, ended, and listed before they run out."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.canteen.eaters.models import PersonCategory
from backend.canteen.pricing.facts import eater_of
from backend.db import db
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make

PAPER = {"category": "low_income", "proof": "低保证 2026-0113", "starts_on": "2026-03-11"}


@pytest.fixture
def clerk(console: Console, make: Make) -> Console:
    return console.as_(make.staff("clerk", make.once("community", make.place)))


def test_a_paper_counts_while_it_holds(clerk: Console, make: Make) -> None:
    wang = make.person()
    path = f"/people/{wang.id}/proofs"
    assert "没有登记有效的证明" in text_of(clerk.get(f"/people/{wang.id}"))
    noted = clerk.post(path, PAPER | {"ends_on": "2026-04-01"}, follow_redirects=True)
    assert "低保、低收入 快到期 2026-03-11 – 2026-04-01 · 低保证 2026-0113" in text_of(noted)
    for day, counts in ((date(2026, 4, 1), True), (date(2026, 4, 2), False)):
        assert bool(eater_of(db.session(), wang.id, day).categories) is counts
    again = clerk.post(path, PAPER | {"starts_on": "2026-04-01"})
    assert (again.status_code, "已经登记过" in text_of(again)) == (409, True)
    assert "低保、低收入" in text_of(clerk.get(f"/people/{wang.id}"))
    listed = text_of(clerk.get("/subsidies/proofs"))
    assert "王秀英 低保、低收入 · 低保证 2026-0113 2026-04-01 到期" in listed
    clerk.post(path, PAPER | {"starts_on": "2026-04-02"})
    assert "没有快到期的证明" in text_of(clerk.get("/subsidies/proofs"))
    [first, _next] = db.session.scalars(select(PersonCategory).order_by(PersonCategory.id))
    ended = clerk.post(f"{path}/{first.id}/end", follow_redirects=True)
    assert "今天起不再按这一身份补贴" in text_of(ended)
    assert eater_of(db.session(), wang.id, date(2026, 4, 1)).categories == set()
    assert clerk.post(f"{path}/{first.id}/end").status_code == 302
    rows = db.session.execute(select(AuditEntry.action, AuditEntry.after)).all()
    assert [row.action for row in rows] == ["category.note", "category.note", "category.end"]
    assert "0113" not in str(rows)


@pytest.mark.parametrize(
    ("field", "typed"),
    [("category", "rich"), ("proof", ""), ("starts_on", "x"), ("ends_on", "2026-03-10"),
     ("proof", "x" * 61)],
)  # fmt: skip
def test_what_is_typed_wrong_is_told(clerk: Console, make: Make, field, typed) -> None:
    answer = clerk.post(f"/people/{make.person().id}/proofs", PAPER | {field: typed})
    assert (answer.status_code, "field-error" in answer.text) == (422, True)
    assert db.session.scalars(select(PersonCategory)).all() == []


def test_papers_of_others_are_not_found(clerk: Console, console: Console, make: Make) -> None:
    other = make.place(name="滨江社区")
    li = make.person("李建国", home_place_id=make.place("estate", other).id)
    paper = make.person_category(li, ends_on=date(2026, 3, 20))
    path = f"/people/{li.id}/proofs"
    assert clerk.get(path).status_code == 404
    assert clerk.post(path, PAPER).status_code == 404
    assert clerk.post(f"{path}/{paper.id}/end").status_code == 404
    mine = make.person()
    assert clerk.post(f"/people/{mine.id}/proofs/{paper.id}/end").status_code == 404
    assert "李建国" not in text_of(clerk.get("/subsidies/proofs"))
    cook = console.as_(make.staff("cook", name="郑强"))
    assert cook.get(f"/people/{mine.id}/proofs").status_code == 403
