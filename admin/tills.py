"""Tills of meal accounts: cash that is not counted yet, counting it, and what was counted."""

from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.papers import in_chinese, pdf
from admin.schemas.meal_accounts import CloseForm
from backend import clock
from backend.canteen.accounts import till, till_paper
from backend.canteen.accounts.till import KEEP
from backend.canteen.accounts.wording import SLIPS
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/meal-accounts/tills")
@staff(needs=KEEP)
def tills(me: SignedInStaff) -> Any:
    """Whose cash is to be counted, and the latest closes."""
    session = db.session()
    return render_template(
        "admin/meal_accounts/tills.html", tills=till.list_open(session, me),
        closes=till.list_closes(session, me),
    )  # fmt: skip


@pages.post("/meal-accounts/tills")
@staff(writes=True, needs=KEEP, form=CloseForm, page=tills)
def till_close(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Counted and closed; the slip to sign."""
    close_id = till.close(db.session(), me, **asked, now=clock.now())
    return redirect(url_for("admin.till_closed", close_id=close_id))


@pages.get("/meal-accounts/tills/<id:close_id>")
@staff(needs=KEEP)
def till_closed(close_id: int, me: SignedInStaff) -> Any:
    """One close with its receipts."""
    return render_template(
        "admin/meal_accounts/close.html",
        entries=SLIPS,
        close=till.get_close(db.session(), me, close_id),
    )


@pages.get("/meal-accounts/tills/<id:close_id>.pdf")
@staff(needs=KEEP)
@in_chinese
def till_closed_pdf(close_id: int, me: SignedInStaff) -> Any:
    """The slip to sign, on A4."""
    close = till.get_close(db.session(), me, close_id)
    name = _("结账单 %(day)s", day=f"{clock.local(close['at']):%Y-%m-%d}")
    return pdf(name, till_paper.draw(close))
