"""What residents wish for, counted by community; from the count to a market day in one tap."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.market import WishesQuery
from backend import clock
from backend.db import db
from backend.market.fitting import RUN
from backend.market.wishing import counting
from backend.market.wishing.counting import Community
from backend.staff.access import SignedInStaff


@pages.get("/market/wishes")
@staff(needs=RUN)
def market_wishes(me: SignedInStaff) -> Any:
    """By community and service, with when it was there last."""
    found = counting.list_wishes(db.session(), me, clock.now())
    return render_template("admin/market/wishes.html", found=found)


@pages.get("/market/wishes.xlsx")
@staff(needs=RUN)
def market_wishes_xlsx(me: SignedInStaff) -> Any:
    """The same as a spreadsheet."""
    found = counting.list_wishes(db.session(), me, clock.now())
    return xlsx(_("集市愿望"), counting.sheet(found))


@pages.get("/market/wished")
@staff(needs=RUN)
def market_wished(me: SignedInStaff) -> Any:
    """What is wished for at the place chosen in a form."""
    asked = read(WishesQuery, request.args)
    wished = wished_at(db.session(), me, asked["place_id"])
    return render_template("admin/market/_wished.html", wished=wished)


def wished_at(session: Session, me: SignedInStaff, place_id: int | None) -> list[Community]:
    """What is wished for in the community of a place; nothing where none is chosen yet."""
    return [] if place_id is None else counting.list_wishes(session, me, clock.now(), place_id)
