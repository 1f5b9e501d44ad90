"""Claims: the list, a new one with its preview, flags to decide, freezing, and what came after."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.claims import JudgeForm, MakeForm, PeriodQuery, VerifyQuery
from backend import clock
from backend.canteen.claims import book, document, proposing, queries, service
from backend.canteen.claims.proposing import SETTLE
from backend.canteen.claims.wording import FLAGS, WHY
from backend.canteen.pricing.wording import PAYERS
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/claims")
@staff(needs=SETTLE)
def claims(me: SignedInStaff) -> Any:
    """Drafts first, then what is frozen, the latest first."""
    found = queries.list_claims(db.session(), me)
    return render_template("admin/claims/list.html", found=found, payers=PAYERS)


@pages.get("/claims/new")
@staff(needs=SETTLE)
def claim_new(me: SignedInStaff) -> Any:
    """What could be claimed for a period, by layer."""
    asked = read(PeriodQuery, request.values)
    this_month = clock.today().replace(day=1)
    last = asked["last"] or this_month - timedelta(days=1)
    first = asked["first"] or last.replace(day=1)
    service.check_period(first, last)
    return render_template(
        "admin/claims/new.html", form=form_of({"first": first, "last": last}), payers=PAYERS,
        found=proposing.propose(db.session(), me, first, last), first=first, last=last,
    )  # fmt: skip


@pages.post("/claims/new")
@staff(writes=True, needs=SETTLE, form=MakeForm, page=claim_new)
def claim_make(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Drafts."""
    made = service.make(db.session(), me, **asked, now=clock.now())
    flash(_("已起草 %(n)s 张结算单，核对后定稿。", n=len(made)), "success")
    if len(made) == 1:
        return redirect(url_for("admin.claim", claim_id=made[0]))
    return redirect(url_for("admin.claims"))


@pages.get("/claims/<id:claim_id>")
@staff(needs=SETTLE)
def claim(claim_id: int, me: SignedInStaff) -> Any:
    """Sums, corrections, and what is to be decided."""
    session = db.session()
    found = queries.get_claim(session, me, claim_id)
    verify = read(VerifyQuery, request.args)["verify"] and found.row.frozen_at is not None
    return render_template(
        "admin/claims/claim.html", one=found.row, claim=found, payers=PAYERS, why=WHY,
        flags=FLAGS, form=form_of({}), shown=queries.SHOWN,
        is_over=clock.today() > found.row.last_day,
        matches=queries.matches(session, found.row) if verify else None,
    )  # fmt: skip


@pages.post("/claims/<id:claim_id>/judge")
@staff(writes=True, needs=SETTLE, form=JudgeForm, page=claim)
def claim_judge(claim_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """One meal is decided."""
    service.judge(db.session(), me, claim_id, **asked, now=clock.now())
    flash(_("已核定。"), "success")
    return redirect(url_for("admin.claim", claim_id=claim_id, _anchor="flags"))


@pages.post("/claims/<id:claim_id>/freeze")
@staff(writes=True, needs=SETTLE, page=claim)
def claim_freeze(claim_id: int, me: SignedInStaff) -> Any:
    """For good."""
    service.freeze(db.session(), me, claim_id, clock.now())
    flash(_("已定稿。以后的更正会列在下一张结算单里。"), "success")
    return redirect(url_for("admin.claim", claim_id=claim_id))


@pages.post("/claims/<id:claim_id>/discard")
@staff(writes=True, needs=SETTLE, page=claim)
def claim_discard(claim_id: int, me: SignedInStaff) -> Any:
    """The draft goes."""
    service.discard(db.session(), me, claim_id)
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("admin.claims"))


@pages.get("/claims/<id:claim_id>/since")
@staff(needs=SETTLE)
def claim_since(claim_id: int, me: SignedInStaff) -> Any:
    """What changed of the period since it was frozen."""
    row, later, coming = queries.since(db.session(), me, claim_id)
    return render_template(
        "admin/claims/since.html", one=row, later=later, coming=coming, payers=PAYERS, why=WHY
    )


@pages.get("/claims/<id:claim_id>/book.xlsx")
@staff(needs=SETTLE)
def claim_xlsx(claim_id: int, me: SignedInStaff) -> Any:
    """A frozen claim as a spreadsheet, row by row as it is read."""
    session = db.session()
    row = service.access_frozen(session, me, claim_id)
    return xlsx(book.name(row), stream_with_context(book.stream(session, row)))


@pages.get("/claims/<id:claim_id>/text.txt")
@staff(needs=SETTLE)
def claim_text(claim_id: int, me: SignedInStaff) -> Any:
    """The text whose SHA-256 the claim carries."""
    session = db.session()
    row = service.access_frozen(session, me, claim_id)
    pieces = stream_with_context(document.write(session, claim_id, row.head))
    response = Response(pieces, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="claim-{claim_id}.txt"'
    return response
