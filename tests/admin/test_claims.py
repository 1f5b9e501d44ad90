"""The accountant's pages of claims."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from backend.canteen.claims.models import MealClaim
from backend.canteen.eaters.models import Departure
from backend.db import db
from backend.staff.models import AuditEntry
from tests.canteen.eaten import Eaten
from tests.console import Console, text_of
from tests.factories import Make

FEBRUARY = {"first": "2026-02-01", "last": "2026-02-28"}
DAY = date(2026, 2, 10)


@pytest.fixture
def accountant(console: Console, make: Make) -> Console:
    make.once("canteen", make.canteen)
    return console.as_(make.staff("accountant", name="沈会计"))


@pytest.fixture
def meals(accountant, make: Make) -> list[int]:
    """Two people ate; one of them had died by then, as staff noted."""
    eaten, version = Eaten(make, db.session()), make.subsidy()
    wang, li = make.person(), make.person("李建国")
    make.add(
        Departure(
            person_id=li.id, kind="deceased", left_on=date(2026, 2, 1), noted_at=make.now,
            staff_id=eaten.staff_id,
        )
    )  # fmt: skip
    return [eaten.order(person, version, DAY) for person in (wang, li)]


def test_from_the_month_to_the_frozen_claim(accountant: Console, make: Make, meals) -> None:
    assert "还没有结算单" in text_of(accountant.get("/claims"))
    page = accountant.get("/claims/new")  # the month before
    assert page.text.count('name="keys"') == 2
    for words in ("市级", "街道 · 和平街道", "春晖社区食堂 · 1 餐", "1 餐待核定"):
        assert words in text_of(page)
    canteen_id = make.once("canteen", make.canteen).id
    assert accountant.post("/claims/new", FEBRUARY).status_code == 422
    made = accountant.post("/claims/new", FEBRUARY | {"keys": f"city:{canteen_id}"})
    [ident] = db.session.scalars(select(MealClaim.id))
    here = f"/claims/{ident}"
    assert made.location.endswith(here)
    again = accountant.post("/claims/new", FEBRUARY | {"keys": f"city:{canteen_id}"})
    assert (again.status_code, f"第 {ident} 号结算单里" in text_of(again)) == (409, True)
    page = text_of(accountant.get(here))
    for words in ("合计 2 元", "本期 1 餐", "李建国 已去世", "补贴 3.01 元", "还有 1 餐要核定"):
        assert words in page
    assert accountant.post(f"{here}/freeze").status_code == 409
    decided = {"booking_id": meals[1], "claims": "false", "reason": ""}
    assert accountant.post(f"{here}/judge", decided).status_code == 422
    accountant.post(f"{here}/judge", decided | {"reason": "家属退回"})
    assert "不申报 家属退回" in text_of(accountant.get(here))
    for file in ("book.xlsx", "text.txt", "since"):
        assert accountant.get(f"{here}/{file}").status_code == 404, "a draft is no document"
    assert accountant.post(f"{here}/freeze").status_code == 302
    page = text_of(accountant.get(f"{here}?verify=true"))
    assert "重新生成的原文和定稿时一字不差" in page
    assert "沈会计" in page
    book = load_workbook(BytesIO(accountant.get(f"{here}/book.xlsx").data))
    assert book.sheetnames == ["结算单", "汇总", "明细"]
    assert accountant.get(f"{here}/text.txt").data.startswith(b'{"canteens"')
    Eaten(make, db.session()).undo(meals[0])
    page = text_of(accountant.get(f"{here}/since"))
    assert "王秀英 2月10日 周二 · 午餐 · 春晖社区食堂 · 扣回：取餐撤销 -2 元" in page
    assert accountant.post(f"{here}/discard").status_code == 409
    assert list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))) == [
        "claim.create", "claim.judge", "claim.freeze",
    ]  # fmt: skip


def test_a_draft_goes(accountant: Console, make: Make, meals) -> None:
    keys = [f"{payer}:{make.once('canteen', make.canteen).id}" for payer in ("city", "street")]
    accountant.post("/claims/new", FEBRUARY | {"keys": keys})
    first, second = db.session.scalars(select(MealClaim.id).order_by(MealClaim.id))
    accountant.post(f"/claims/{first}/discard")
    assert list(db.session.scalars(select(MealClaim.id))) == [second]
    assert "街道 · 春晖社区" in text_of(accountant.get("/claims"))


def test_whose_claims(accountant: Console, console: Console, make: Make, meals) -> None:
    accountant.post(
        "/claims/new", FEBRUARY | {"keys": f"city:{make.once('canteen', make.canteen).id}"}
    )
    [ident] = db.session.scalars(select(MealClaim.id))
    clerk = console.as_(make.staff("clerk", name="林芳"))
    assert clerk.get("/claims").status_code == 403
    far = console.as_(make.staff("accountant", make.place(name="滨江社区"), name="何会计"))
    for path in (f"/claims/{ident}", f"/claims/{ident}/book.xlsx", "/claims/999"):
        assert far.get(path).status_code == 404
    for path in ("freeze", "discard"):
        assert far.post(f"/claims/{ident}/{path}").status_code == 404
    assert accountant.get("/claims/new?first=2026-02-09&last=2026-02-01").status_code == 422


def test_who_is_not_here_any_more(console: Console, make: Make) -> None:
    worker, person = console.as_(make.staff("worker")), make.person()
    here = f"/people/{person.id}"
    for wrong in ({"left": "gone", "left_on": "2026-03-01"}, {"left": "moved"},
                  {"left": "moved", "left_on": "2099-01-01"}):  # fmt: skip
        assert worker.post(f"{here}/left", wrong).status_code == 422
    worker.post(f"{here}/left", {"left": "moved", "left_on": "2026-03-01"})
    worker.post(f"{here}/left", {"left": "deceased", "left_on": "2026-03-02"})
    page = text_of(worker.get(f"{here}/proofs"))
    assert "已去世" in page
    assert "2026-03-02 起的餐，会计结算时逐餐核定" in page
    assert worker.post(f"{here}/left/take-back").status_code == 302
    assert worker.post(f"{here}/left/take-back").status_code == 302
    assert db.session.scalars(select(Departure.kind)).all() == []
    actions = list(db.session.scalars(select(AuditEntry.action)))
    assert actions == ["person.left", "person.left", "person.not_left"]
