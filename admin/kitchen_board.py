"""The board at the pass, on a tablet: what is cooked, packed, still missing."""

from typing import Any

from flask import redirect, render_template, url_for

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.kitchen import TapForm
from backend import clock
from backend.booking.codes import new_code
from backend.canteen.kitchen import board
from backend.canteen.kitchen.queries import COOK
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/kitchen/<id:meal_service_id>/board")
@staff(needs=COOK)
def kitchen_board(meal_service_id: int, me: SignedInStaff) -> Any:
    """A tile for each count, with big buttons."""
    found = board.get_board(db.session(), me, meal_service_id)
    return render_template(
        "admin/kitchen/board.html", **found, meals=MEALS, modes=MODES, at=clock.now(),
        problem=form_of().problem, new_key=new_code,
    )  # fmt: skip


@pages.post("/kitchen/<id:meal_service_id>/board")
@staff(writes=True, needs=COOK, form=TapForm, page=kitchen_board)
def kitchen_tap(meal_service_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Counted, once."""
    board.tap(db.session(), me, meal_service_id, **asked, now=clock.now())
    return redirect(url_for("admin.kitchen_board", meal_service_id=meal_service_id))
