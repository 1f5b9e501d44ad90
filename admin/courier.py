"""The courier's phone: runs to claim, one's own stop by stop, and the ticks it sends."""

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from admin import words
from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.refusals import by_script, told
from admin.rush import Verb, ticks
from admin.schemas.courier import BoxesForm, TickForm
from backend import clock
from backend.canteen.carrying import claiming, mine, photos
from backend.canteen.carrying.claiming import CARRY
from backend.canteen.carrying.ticking import Tick
from backend.canteen.delivery.models import StopState
from backend.canteen.delivery.wording import SKILLS
from backend.db import db
from backend.staff.access import SignedInStaff

LARGEST_PHOTO = 12 * 1024 * 1024
"""What a tick may weigh: phones make photos small before, a page without scripts does not."""


@pages.get("/courier")
@staff(needs=CARRY)
def courier(me: SignedInStaff) -> Any:
    """Today's runs: mine, and those that nobody has."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/courier/index.html", mine=mine.list_mine(session, me, now),
        claimable=mine.list_claimable(session, me, now), skills=SKILLS, meals=words.MEALS,
    )  # fmt: skip


@pages.get("/courier.json")
@staff(needs=CARRY)
def courier_json(me: SignedInStaff) -> Any:
    """Who is signed in, a token, and my runs of today, for the phone to keep."""
    now = clock.now()
    return jsonify(
        server_now=clock.rfc3339(now), me={"id": me.staff_id, "name": me.name},
        csrf=generate_csrf(), runs=mine.list_mine(db.session(), me, now),
    )  # fmt: skip


@pages.get("/courier/runs/<id:run_id>")
@staff(needs=CARRY)
def courier_run(run_id: int, me: SignedInStaff) -> Any:
    """One of mine, stop by stop."""
    run = mine.get_mine(db.session(), me, run_id, clock.now())
    return render_template(
        "admin/courier/run.html", run=run, meals=words.MEALS,
        problem=form_of().problem, new_key=uuid.uuid4,
    )  # fmt: skip


@pages.post("/courier/runs/<id:run_id>/claim")
@staff(writes=True, needs=CARRY, page=courier)
def claim_run(run_id: int, me: SignedInStaff) -> Any:
    """It is mine."""
    claiming.claim(db.session(), me, run_id, clock.now())
    return redirect(url_for("admin.courier_run", run_id=run_id))


@pages.post("/courier/runs/<id:run_id>/give-back")
@staff(writes=True, needs=CARRY, page=courier_run)
def give_back_run(run_id: int, me: SignedInStaff) -> Any:
    """Somebody else may have it."""
    claiming.give_back(db.session(), me, run_id, clock.now())
    flash(_("已退回，别人可以领这一趟了。"), "success")
    return redirect(url_for("admin.courier"))


@pages.post("/courier/runs/<id:run_id>/leave")
@staff(writes=True, needs=CARRY, form=BoxesForm, page=courier_run)
def leave_with_run(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Out."""
    claiming.leave(db.session(), me, run_id, asked["boxes"], clock.now())
    return redirect(url_for("admin.courier_run", run_id=run_id))


@pages.post("/courier/runs/<id:run_id>/back")
@staff(writes=True, needs=CARRY, form=BoxesForm, page=courier_run)
def back_from_run(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Back, and closed."""
    claiming.back(db.session(), me, run_id, asked["boxes"], clock.now())
    flash(_("辛苦了，这一趟已交回。"), "success")
    return redirect(url_for("admin.courier"))


def tick_refused(run_id: int, me: SignedInStaff | None = None) -> Any:
    """A phone is told why; a person sees the run again."""
    refusal = form_of().refusal
    return told(refusal) if by_script() and refusal else courier_run(run_id=run_id)


@pages.post("/courier/runs/<id:run_id>/stops/<id:stop_id>")
@ticks(form=TickForm, page=tick_refused, largest=LARGEST_PHOTO)
def tick_stop(run_id: int, stop_id: int, asked: dict[str, Any], tick: Verb) -> Any:
    """A tick, once; a phone is told how the stop stands, a person sees the run again."""
    at = clock.now() - max(asked.pop("ago") or timedelta(0), timedelta(0))
    became = tick(run_id, stop_id, Tick(**asked, at=at, photo=_photo()))
    is_gone = became.state == StopState.GONE
    sentence = str(_("这一份已经退订或在窗口取走，不用送，请带回食堂。")) if is_gone else None
    if by_script():
        return jsonify(stop=became.shown(), sentence=sentence)
    if sentence:
        flash(sentence, "warning")
    return redirect(url_for("admin.courier_run", run_id=run_id, _anchor=f"stop-{stop_id}"))


def _photo() -> bytes | None:
    file = request.files.get("photo")
    packed = b"" if file is None else file.read()
    if file is not None:
        file.close()
    return photos.prepare(packed) if packed else None
