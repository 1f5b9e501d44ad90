"""Who may sign up for a class: the form in which staff compose it, and the words it comes to."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import read
from admin.schemas.classes import RulesForm
from admin.uploads import dump_original, load_original
from backend import clock, config
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school.admission import composing, wording
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/<id:run_id>/rules")
@staff(needs=MANAGE)
def rules_page(run_id: int, me: SignedInStaff) -> Any:
    """The rules to fill in, and the sentences they come to."""
    session = db.session()
    run = reads.get_class(session, me, run_id)
    rules = composing.get_rules(session, run_id, clock.now())
    return render_template(
        "admin/classes/rules.html",
        run=run,
        rules=rules,
        sentences=wording.sentences(rules, clock.now()),
        places=composing.places_for(session, run_id),
        courses=composing.courses_for(session, run_id),
        longest=composing.LONGEST_PRIORITY,
        standing_limit=config.current().standing_limit,
        standing_half_life=config.current().standing_half_life,
        original=dump_original(f"rules/{run_id}", wording.form_shows(rules)),
    )


@pages.get("/classes/<id:run_id>/rules/words")
@staff(needs=MANAGE)
def rules_words(run_id: int, me: SignedInStaff) -> Any:
    """What residents would read if the form were saved as it is filled in now."""
    session = db.session()
    reads.get_class(session, me, run_id)
    asked = read(RulesForm, request.args)
    sentences, missing = wording.as_filled_in(session, run_id, asked, clock.now())
    return render_template(
        "admin/classes/_rule_sentences.html", sentences=sentences, missing=missing
    )


@pages.post("/classes/<id:run_id>/rules")
@staff(writes=True, needs=MANAGE, form=RulesForm, page=rules_page)
def set_rules(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Compose the rules anew."""
    session, now = db.session(), clock.now()
    wording.check_original(session, me, run_id, load_original(f"rules/{run_id}"), now)
    changed = composing.set_rules(session, me, run_id, asked, now)
    flash(_("报名条件已保存。") if changed else _("没有改动。"))
    return redirect(url_for("admin.rules_page", run_id=run_id))
