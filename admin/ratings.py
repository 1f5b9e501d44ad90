"""What people said about the lessons of a class."""

from typing import Any

from flask import render_template

from admin.blueprint import pages
from admin.doors import staff
from backend.db import db
from backend.night_school import classes
from backend.night_school.ratings import reading
from backend.staff.access import Permission, SignedInStaff


@pages.get("/classes/<id:run_id>/ratings")
@staff(needs=Permission.MANAGE_CLASSES)
def ratings(run_id: int, me: SignedInStaff) -> Any:
    """Averages per lesson, and the comments: not for teachers to read."""
    session = db.session()
    return render_template(
        "admin/classes/ratings.html",
        run=classes.get_class(session, me, run_id),
        lessons=reading.of_class(session, run_id),
        comments=reading.comments_of(session, run_id),
        fewest=reading.FEWEST,
    )
