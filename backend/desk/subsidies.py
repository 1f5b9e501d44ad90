"""Why somebody's meal costs what it does, for whoever is asked at the desk."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen import plans
from backend.canteen.models import Canteen
from backend.canteen.pricing import why
from backend.canteen.pricing.engine import Wanted
from backend.canteen.pricing.rules import Serving
from backend.desk.reach import access_person
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

SEE = Permission.ORDER_MEALS


def why_this_price(
    session: Session, me: SignedInStaff, person_id: int, *, canteen_id: int | None, day: date,
    meal: str, mode: str | None, fen: int,
) -> dict[str, Any]:  # fmt: skip
    """The order of that meal, or one dish for `fen`, with every rule tried on it.

    Without a canteen the first in reach. Raises NotFound.
    """
    access_person(session, me, Permission.SEE_PEOPLE, person_id)
    canteens = plans.list_canteens(session, me)
    chosen = canteen_id or next((one["id"] for one in canteens), None)
    found = {"canteens": canteens, "canteen_id": chosen, "order": None, "lines": []}
    if chosen is None:
        return found | {"told": None, "mode": mode}
    path = session.scalar(
        select(Place.path)
        .join(Canteen, Canteen.place_id == Place.id)
        .where(Canteen.id == chosen, me.covers(SEE, Place.path))
    )
    if path is None:
        raise NotFound()
    order = why.order_of(session, chosen, person_id, day, meal)
    lines = why.lines_of(session, order.booking_id) if order else []
    wanted = why.wanted_of(lines) or [Wanted(0, 1, fen)]
    how = mode or (order.mode if order else "dine_in")
    told = why.explain(
        session, path, person_id, Serving(day=day, meal=meal, mode=how), wanted,
        order.booking_id if order else None,
    )  # fmt: skip
    return found | {"order": order, "lines": lines, "told": told, "mode": how}
