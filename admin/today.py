"""The first page: what happens today at my places, and what waits for somebody."""

from typing import Any

from flask import redirect, render_template, url_for

from admin.blueprint import pages
from admin.doors import staff
from admin.navigation import first_page
from backend import clock
from backend.db import db
from backend.desk.today import get_desk
from backend.night_school.classes import lessons_today
from backend.staff.access import SignedInStaff


@pages.get("/")
@staff()
def today(me: SignedInStaff) -> Any:
    """Today at my places; a canteen's clerk begins with the canteen."""
    if page := first_page():
        return redirect(url_for(page))
    session, now = db.session(), clock.now()
    return render_template(
        "admin/today.html", lessons=lessons_today(session, me, now), desk=get_desk(session, me, now)
    )
