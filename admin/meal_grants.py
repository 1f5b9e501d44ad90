"""A grant for many: everybody of an age or a category, ticked by name."""

from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.meal_accounts import GrantsForm, ReceiversQuery
from backend import clock
from backend.canteen.accounts.cash import Grant
from backend.canteen.accounts.till import KEEP
from backend.canteen.eaters.wording import CATEGORIES
from backend.db import db
from backend.desk import meal_accounts as desk
from backend.desk import meal_grants
from backend.staff.access import SignedInStaff


@pages.get("/meal-accounts/grants")
@staff(needs=KEEP)
def meal_grants_page(me: SignedInStaff) -> Any:
    """Who is meant, and the grant."""
    asked, today = read(ReceiversQuery, request.values), clock.today(clock.now())
    return render_template(
        "admin/meal_accounts/grants.html", asked=asked, categories=CATEGORIES,
        found=meal_grants.list_receivers(db.session(), me, **asked, today=today),
        key=token_urlsafe(16), form=form_of({"expires_on": date(today.year, 12, 31)}),
    )  # fmt: skip


@pages.post("/meal-accounts/grants")
@staff(writes=True, needs=KEEP, form=GrantsForm, page=meal_grants_page)
def meal_grants_give(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Everybody ticked gets it, once."""
    people = asked.pop("person_ids")
    reached = desk.give(db.session(), me, people, Grant(**asked), clock.now())
    flash(_("补助发给了 %(n)s 位居民。", n=reached), "success")
    return redirect(url_for("admin.meal_accounts"))
