"""The people desk: find a resident, register one, and their card."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.refusals import by_htmx
from admin.schemas.people import ChangedPersonForm, NewPersonForm, WitnessForm
from backend import clock
from backend.db import db
from backend.desk import card, consents, diets, draws, find, proofs, register
from backend.staff.access import Permission, SignedInStaff
from backend.standing import desk as standing

SEE, CHANGE = Permission.SEE_PEOPLE, Permission.CHANGE_PEOPLE


def to_card(person_id: int) -> Any:
    """Back to the card after a post."""
    return redirect(url_for("admin.person", person_id=person_id))


@pages.get("/people")
@staff(needs=SEE)
def people(me: SignedInStaff) -> Any:
    """Find a resident by name, phone or its last four digits."""
    text = request.args.get("q", "").strip()[:40]
    found = find.find_people(db.session(), me, text)
    return render_template("admin/people/find.html", found=found, text=text, most=find.MOST_FOUND)


@pages.get("/people/new")
@staff(needs=CHANGE)
def person_new(me: SignedInStaff) -> Any:
    """The form for a new card."""
    return render_template(
        "admin/people/new.html", homes=register.list_homes(db.session(), me), known=_known(me)
    )


def _known(me: SignedInStaff) -> list[dict[str, Any]]:
    """The cards that a refused registration named."""
    form = g.get("form")
    ids = form.refusal.data.get("person_ids", []) if form and form.refusal else []
    return find.by_ids(db.session(), me, ids)


@pages.post("/people/new")
@staff(writes=True, needs=CHANGE, form=NewPersonForm, page=person_new)
def person_register(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A new card."""
    knows_others = asked.pop("knows_others")
    person_id = register.register(db.session(), me, asked, clock.now(), knows_others=knows_others)
    flash(_("已登记%(name)s。", name=asked["name"]), "success")
    return to_card(person_id)


@pages.get("/people/<id:person_id>")
@staff(needs=SEE)
def person(me: SignedInStaff, person_id: int) -> Any:
    """One resident's card."""
    if (kept_id := card.merged_into(db.session(), person_id)) is not None:
        return to_card(kept_id)
    return _card_page(me, person_id)


def _card_page(me: SignedInStaff, person_id: int, phone: str | None = None) -> Any:
    session = db.session()
    return render_template(
        "admin/people/card.html", one=card.get_card(session, me, person_id, clock.now()),
        history=card.get_history(session, me, person_id), phone=phone,
        standing=standing.on_card(session, me, person_id, clock.now()),
        draws=draws.list_draws(session, me, person_id, clock.now()),
        diet=diets.on_card(session, me, person_id), may_change=me.holds(CHANGE),
        proofs=proofs.on_card(session, me, person_id, clock.now()),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/phone")
@staff(writes=True, needs=Permission.SEE_PHONES)
def person_show_phone(me: SignedInStaff, person_id: int) -> Any:
    """The whole number, once; the audit keeps that it was looked at."""
    phone = register.reveal_phone(db.session(), me, person_id)
    if by_htmx():
        return render_template("admin/people/phone.html", phone=phone)
    return _card_page(me, person_id, phone)


@pages.get("/people/<id:person_id>/change")
@staff(needs=CHANGE)
def person_change_form(me: SignedInStaff, person_id: int) -> Any:
    """The form for corrections."""
    session = db.session()
    return render_template(
        "admin/people/change.html", one=card.get_card(session, me, person_id, clock.now()),
        homes=register.list_homes(session, me),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/change")
@staff(writes=True, needs=CHANGE, form=ChangedPersonForm, page=person_change_form)
def person_change(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """Correct a card."""
    register.change(db.session(), me, person_id, asked, clock.now())
    flash(_("已保存。"), "success")
    return to_card(person_id)


@pages.get("/people/<id:person_id>/consent")
@staff(needs=CHANGE)
def consent_form(me: SignedInStaff, person_id: int) -> Any:
    """The form for a consent given at the desk."""
    one = card.get_card(db.session(), me, person_id, clock.now())
    return render_template("admin/people/consent.html", one=one)


@pages.post("/people/<id:person_id>/consent")
@staff(writes=True, needs=CHANGE, form=WitnessForm, page=consent_form)
def consent_witness(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """The person consents before staff."""
    consents.witness(db.session(), me, person_id, asked["phone"], asked["relation"], clock.now())
    flash(_("已登记代办同意。"), "success")
    return to_card(person_id)


@pages.post("/people/<id:person_id>/consents/<id:consent_id>/witness")
@staff(writes=True, needs=CHANGE, page=person)
def consent_witness_asked(me: SignedInStaff, person_id: int, consent_id: int) -> Any:
    """The person says yes, before staff, to what was asked in the app."""
    consents.witness_asked(db.session(), me, person_id, consent_id, clock.now())
    flash(_("已登记代办同意。"), "success")
    return to_card(person_id)


@pages.post("/people/<id:person_id>/consents/<id:consent_id>/withdraw")
@staff(writes=True, needs=CHANGE, page=person)
def consent_withdraw(me: SignedInStaff, person_id: int, consent_id: int) -> Any:
    """The consent, or the request, ends."""
    consents.withdraw(db.session(), me, person_id, consent_id, clock.now())
    flash(_("代办关系已解除。"), "success")
    return to_card(person_id)
