"""The accountant publishes a canteen's month; everybody reads it: JSON, page and spreadsheet."""

from io import BytesIO

from openpyxl import load_workbook
from sqlalchemy import select

from backend.db import db
from backend.staff.models import AuditEntry
from tests.canteen.eaten import three_lunches
from tests.console import Console, text_of
from tests.factories import Make


def test_the_accountants_page_and_everybodys(console: Console, api, make: Make) -> None:
    eaten = three_lunches(make, db.session())
    accountant = console.as_(make.staff("accountant", name="何会计"))
    place = {"canteen_id": eaten.canteen.id, "month": "2026-02-01"}
    here = "/claims/months"
    assert "没有填支出" in text_of(accountant.get(here))
    assert accountant.post(f"{here}/publish", place).status_code == 422
    for wrong in ("", "-5", "9.999", "1e9", "NaN", "９"):
        assert accountant.post(f"{here}/cost", place | {"cost": wrong}).status_code == 422
    accountant.post(f"{here}/cost", place | {"cost": "60.50", "note": "换了新锅"})
    accountant.post(f"{here}/publish", place)
    accountant.post(f"{here}/publish", place)
    page = text_of(accountant.get(here))
    for words in ("已公示", "用餐 2", "个人自付 50.97 元", "各级补贴 6.02 元", "结余 -3.51 元"):
        assert words in page
    assert accountant.post(f"{here}/cost", place | {"cost": "1"}).status_code == 422
    far = console.as_(make.staff("accountant", make.place(name="滨江社区"), name="远会计"))
    for verb in ("publish", "take-back"):
        assert far.post(f"{here}/{verb}", place).status_code == 404
    assert far.post(f"{here}/cost", place | {"cost": "1"}).status_code == 404
    sheet = api.get("/canteens/months").json["data"]
    assert (sheet["month"], sheet["months"]) == ("2026-02", ["2026-02"])
    assert sheet["canteens"][0]["note"] == "换了新锅"
    assert api.get("/canteens/months?month=2026-01").status_code == 404
    assert api.get("/canteens/months?month=2026-2").status_code == 422
    pdf = api.http.get("/mp/v1/canteens/months.pdf?month=2026-02")
    assert pdf.data.startswith(b"%PDF")
    book = load_workbook(BytesIO(api.http.get("/mp/v1/canteens/months.xlsx").data))
    assert list(book.worksheets[0].values)[1:] == [
        ("春晖社区食堂", 2, 50.97, 6.02, 60.5, -3.51, "换了新锅"),
        ("合计", 2, 50.97, 6.02, 60.5, -3.51, None),
    ]
    accountant.post(f"{here}/take-back", place)
    assert api.http.get("/mp/v1/canteens/months.pdf").status_code == 404
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert [one.removeprefix("canteen_month.") for one in actions] == [
        "cost", "publish", "take_back",
    ]  # fmt: skip
