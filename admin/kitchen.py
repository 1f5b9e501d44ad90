"""The kitchen's pages: the meals ahead, a meal's production sheet, its papers to print."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.kitchen import ReplaceForm
from backend import clock
from backend.canteen.eaters.wording import TEXTURES
from backend.canteen.kitchen import labels, papers, printing, queries, replacing, wording
from backend.canteen.kitchen.models import PaperKind
from backend.canteen.kitchen.queries import COOK
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.errors import NotFound
from backend.money import in_yuan
from backend.staff.access import SignedInStaff


@pages.context_processor
def kitchen_words() -> dict[str, Any]:
    """What a portion needs, and where its label says it goes."""
    return {
        "kitchen_needs": wording.needs, "kitchen_mark": wording.mark,
        "label_stop": labels.stop_of,
    }  # fmt: skip


@pages.get("/kitchen")
@staff(needs=COOK)
def kitchen(me: SignedInStaff) -> Any:
    """The meals of the coming days: what is ordered, what can be cooked from."""
    now = clock.now()
    return render_template(
        "admin/kitchen/list.html", found=queries.list_meals(db.session(), me, now), meals=MEALS,
        at=now,
    )  # fmt: skip


@pages.get("/kitchen/past")
@staff(needs=COOK)
def kitchen_past(me: SignedInStaff) -> Any:
    """The meals of the last two weeks, to look up what was cooked."""
    now = clock.now()
    return render_template(
        "admin/kitchen/list.html", found=queries.list_past(db.session(), me, now), meals=MEALS,
        at=now, past=True,
    )  # fmt: skip


@pages.get("/kitchen/<id:meal_service_id>")
@staff(needs=COOK)
def kitchen_sheet(meal_service_id: int, me: SignedInStaff) -> Any:
    """The production sheet: by dish, special diets, what changed since orders were closed."""
    session = db.session()
    found = queries.get_sheet(session, me, meal_service_id, clock.now())
    return render_template(
        "admin/kitchen/sheet.html", **found, meals=MEALS, modes=MODES, textures=TEXTURES,
        replaced={one.menu_item_id: one for one in replacing.of_meal(session, meal_service_id)},
        ended=replacing.ended_of_meal(session, meal_service_id),
        outdated=printing.outdated(session, meal_service_id),
    )  # fmt: skip


@pages.get("/kitchen/<id:meal_service_id>/sheet.pdf")
@staff(needs=COOK)
def kitchen_sheet_paper(meal_service_id: int, me: SignedInStaff) -> Any:
    """The sheet as it was frozen, on A4."""
    session = db.session()
    meal = queries.find_meal(session, me, meal_service_id)
    pdf = papers.read(session, meal.id, PaperKind.SHEET)
    if pdf is None:
        raise NotFound()
    return _pdf(pdf, f"{meal.day:%Y%m%d}-{meal.meal}-sheet.pdf")


@pages.post("/kitchen/<id:meal_service_id>/labels.pdf")
@staff(writes=True, needs=COOK)
def kitchen_labels(meal_service_id: int, me: SignedInStaff) -> Any:
    """A label for each portion, as orders and stops stand."""
    pdf = printing.print_all(db.session(), me, meal_service_id, clock.now())
    return _pdf(pdf, f"labels-{meal_service_id}.pdf")


@pages.post("/kitchen/<id:meal_service_id>/changed-labels.pdf")
@staff(writes=True, needs=COOK)
def kitchen_changed_labels(meal_service_id: int, me: SignedInStaff) -> Any:
    """Those that say something else than the ones in hand."""
    pdf = printing.print_changed(db.session(), me, meal_service_id)
    return _pdf(pdf, f"changed-labels-{meal_service_id}.pdf")


@pages.get("/kitchen/<id:meal_service_id>/dishes/<id:menu_item_id>/replace")
@staff(needs=COOK)
def kitchen_replace_page(meal_service_id: int, menu_item_id: int, me: SignedInStaff) -> Any:
    """What could be cooked instead, what comes back to people, and whom it does not suit."""
    meal, item, found = replacing.choices(db.session(), me, meal_service_id, menu_item_id)
    return render_template(
        "admin/kitchen/replace.html", meal=meal, item=item, found=found, meals=MEALS,
        form=form_of({}), over=meal.ends_at <= clock.now(),
    )  # fmt: skip


@pages.post("/kitchen/<id:meal_service_id>/dishes/<id:menu_item_id>/replace")
@staff(writes=True, needs=COOK, form=ReplaceForm, page=kitchen_replace_page)
def kitchen_replace(
    meal_service_id: int, menu_item_id: int, me: SignedInStaff, asked: dict[str, Any]
) -> Any:
    """Cooked instead, once."""
    credited = replacing.replace(
        db.session(), me, meal_service_id, menu_item_id, **asked, now=clock.now()
    )
    told = _("已换菜，差价共退 %(yuan)s 元。", yuan=in_yuan(credited))
    flash(told, "success")
    return redirect(url_for("admin.kitchen_sheet", meal_service_id=meal_service_id))


def _pdf(pdf: bytes, name: str) -> Response:
    response = make_response(pdf)
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
