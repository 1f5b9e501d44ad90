"""The first page: what happens today at my places."""

from typing import Any

from flask import render_template

from admin.blueprint import pages
from admin.doors import staff
from backend.staff.access import SignedInStaff


@pages.get("/")
@staff()
def today(me: SignedInStaff) -> Any:
    """Today at my places."""
    return render_template("admin/today.html")
