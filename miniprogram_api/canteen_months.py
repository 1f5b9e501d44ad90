"""What canteens' months came to (收支公示): for everybody, without any name."""

from typing import Any

from flask import Response

from backend import spreadsheets
from backend.canteen.public_months import papers, service
from backend.db import db, reading
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, public
from miniprogram_api.schemas.canteen_account import MonthQuery
from miniprogram_api.schemas.canteen_months import MonthsSchema

blueprint = Blueprint(
    "canteen_months", __name__, url_prefix="/canteens", description="食堂收支公示"
)  # fmt: skip

WHY = "it hangs on the notice board, and names no person"


@blueprint.get("/months")
@public(why=WHY)
@blueprint.arguments(MonthQuery, location="query")
@blueprint.answers(MonthsSchema)
@blueprint.refuses(404)
def get_canteen_month(asked: dict[str, Any]) -> Response:
    """What was published of a month, without `month` of the latest one; 404 for any other."""
    month = asked.get("month")
    return cached(("canteen-month", month), lambda: service.list_public(db.session(), month))


@blueprint.get("/months.pdf")
@public(why=WHY)
@blueprint.arguments(MonthQuery, location="query")
@blueprint.answers_file("application/pdf")
@blueprint.refuses(404)
def get_canteen_month_pdf(asked: dict[str, Any]) -> Response:
    """The same as a page for the notice board."""
    sheet = service.get_public(reading(), asked.get("month"))
    return _file(papers.draw(sheet), sheet, "application/pdf", "pdf")


@blueprint.get("/months.xlsx")
@public(why=WHY)
@blueprint.arguments(MonthQuery, location="query")
@blueprint.answers_file(spreadsheets.MIMETYPE)
@blueprint.refuses(404)
def get_canteen_month_xlsx(asked: dict[str, Any]) -> Response:
    """The same as a spreadsheet."""
    sheet = service.get_public(reading(), asked.get("month"))
    return _file(papers.write(sheet), sheet, spreadsheets.MIMETYPE, "xlsx")


def _file(packed: bytes, sheet: dict[str, Any], mimetype: str, ending: str) -> Response:
    response = Response(packed, mimetype=mimetype)
    name = f"canteens-{sheet['month']:%Y-%m}.{ending}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
