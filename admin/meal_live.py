"""The live picture of a meal, on one page that renews itself."""

from typing import Any

from flask import render_template

from admin.blueprint import pages
from admin.doors import staff
from backend import clock
from backend.canteen.delivery.queries import DISPATCH
from backend.canteen.welfare import wording
from backend.canteen.wording import MEALS
from backend.db import db
from backend.desk import meal_live
from backend.staff.access import SignedInStaff


@pages.get("/canteens/meals/<id:meal_service_id>/live")
@staff(needs=DISPATCH)
def meal_now(meal_service_id: int, me: SignedInStaff) -> Any:
    """Out, delivered, failed, looked for, collected, left."""
    now = clock.now()
    return render_template(
        "admin/canteens/live.html", **meal_live.get_live(db.session(), me, meal_service_id, now),
        meals=MEALS, rungs=wording.RUNGS, at=now,
    )  # fmt: skip
