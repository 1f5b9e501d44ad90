"""The audit, for managers: who did what at their places."""

from typing import Any

from flask import render_template, request

from admin import audit_words
from admin.blueprint import pages
from admin.doors import staff
from admin.forms import read
from admin.schemas.audit import AuditFilter
from backend.db import db
from backend.staff import audit_queries
from backend.staff.access import Permission, SignedInStaff


@pages.get("/audit")
@staff(needs=Permission.SEE_AUDIT)
def audit_list(me: SignedInStaff) -> Any:
    """A page of entries, the newest first."""
    asked = read(AuditFilter, request.args)
    session = db.session()
    narrowed = {key: value for key, value in request.args.items() if key != "cursor" and value}
    return render_template(
        "admin/audit/list.html", page=audit_queries.list_entries(session, me, asked),
        authors=audit_queries.list_authors(session, me), asked=asked, narrowed=narrowed,
        in_words=audit_words,
    )  # fmt: skip
