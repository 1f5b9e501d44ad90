"""The kitchen's pages: the meals ahead, a meal's production sheet, its papers to print."""

from typing import Any

from flask import Response, make_response, render_template

from admin.blueprint import pages
from admin.doors import staff
from backend import clock
from backend.canteen.eaters.wording import TEXTURES
from backend.canteen.kitchen import papers, queries, wording
from backend.canteen.kitchen.models import PaperKind
from backend.canteen.kitchen.queries import COOK
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.errors import NotFound
from backend.staff.access import SignedInStaff


@pages.context_processor
def kitchen_words() -> dict[str, Any]:
    """What a portion needs, in words."""
    return {"kitchen_needs": wording.needs, "kitchen_mark": wording.mark}


@pages.get("/kitchen")
@staff(needs=COOK)
def kitchen(me: SignedInStaff) -> Any:
    """The meals of the coming days: what is ordered, what can be cooked from."""
    now = clock.now()
    return render_template(
        "admin/kitchen/list.html", found=queries.list_meals(db.session(), me, now), meals=MEALS,
        at=now,
    )  # fmt: skip


@pages.get("/kitchen/<id:meal_service_id>")
@staff(needs=COOK)
def kitchen_sheet(meal_service_id: int, me: SignedInStaff) -> Any:
    """The production sheet: by dish, special diets, what changed since orders were closed."""
    found = queries.get_sheet(db.session(), me, meal_service_id, clock.now())
    return render_template(
        "admin/kitchen/sheet.html", **found, meals=MEALS, modes=MODES, textures=TEXTURES
    )


@pages.get("/kitchen/<id:meal_service_id>/sheet.pdf")
@staff(needs=COOK)
def kitchen_sheet_paper(meal_service_id: int, me: SignedInStaff) -> Any:
    """The sheet as it was frozen, on A4."""
    return _paper(meal_service_id, me, PaperKind.SHEET)


@pages.get("/kitchen/<id:meal_service_id>/labels.pdf")
@staff(needs=COOK)
def kitchen_labels(meal_service_id: int, me: SignedInStaff) -> Any:
    """A label for each portion."""
    return _paper(meal_service_id, me, PaperKind.LABELS)


def _paper(meal_service_id: int, me: SignedInStaff, kind: PaperKind) -> Response:
    session = db.session()
    meal = queries.find_meal(session, me, meal_service_id)
    pdf = papers.read(session, meal.id, kind)
    if pdf is None:
        raise NotFound()
    response = make_response(pdf)
    response.content_type = "application/pdf"
    name = f"{meal.day:%Y%m%d}-{meal.meal}-{kind}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
