"""Rooms out of use: fill in which and why, look whom it hits, confirm, list, give back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.room_blocks import BlockForm
from admin.schemas.venues import BookQuery
from backend import clock
from backend.db import db
from backend.desk import room_blocks, rooms
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues.blocks import service as blocks
from backend.venues.blocks.service import Wanted

RUN = rooms.RUN
STAYS = tuple(f"{kind}-" for kind in blocks.STAYS)
"""How the tokens begin of what a block goes around."""


@pages.get("/venues/<id:venue_id>/blocks")
@staff(needs=RUN)
def venue_blocks(venue_id: int, me: SignedInStaff) -> Any:
    """What is out of use now, and what will be."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/room_blocks/list.html", venue=rooms.get_venue(session, me, venue_id),
        found=room_blocks.list_blocks(session, me, venue_id, now), at=now,
    )  # fmt: skip


@pages.get("/venues/<id:venue_id>/blocks/new")
@staff(needs=RUN)
def block_form(venue_id: int, me: SignedInStaff) -> Any:
    """Which rooms, from when to when, and why."""
    session = db.session()
    day = read(BookQuery, request.args)["day"] or clock.today()
    stands = request.args.to_dict() | {"day": day, "room_ids": request.args.getlist("room_ids")}
    return render_template(
        "admin/room_blocks/new.html", venue=rooms.get_venue(session, me, venue_id),
        rooms=rooms.rooms_of(session, venue_id), form=form_of(stands),
    )  # fmt: skip


@pages.post("/venues/<id:venue_id>/blocks/look")
@staff(writes=True, needs=RUN, form=BlockForm, page=block_form)
def block_look(venue_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Whom it hits, before anything is done; on request with their numbers."""
    session, now = db.session(), clock.now()
    shown, phones = asked.pop("shown"), asked.pop("phones")
    plan = blocks.plan(session, me, Wanted(venue_id=venue_id, **asked), now)
    numbers = {}
    if phones:
        numbers = room_blocks.reveal_phones(session, me, plan.venue, plan.hits)
    else:
        audit.unchanged(session)
    return render_template(
        "admin/room_blocks/look.html", plan=plan, asked=asked, shown=shown, numbers=numbers,
        others=room_blocks.name_others(session, me, plan), counted=room_blocks.count(plan.hits),
        typed=_typed(), again=_again(), problem=form_of().problem,
    )  # fmt: skip


@pages.post("/venues/<id:venue_id>/blocks")
@staff(writes=True, needs=RUN, form=BlockForm, page=block_look)
def block_make(venue_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Out of use; exactly those on the list are told."""
    shown, _phones = asked.pop("shown"), asked.pop("phones")
    wanted = Wanted(venue_id=venue_id, **asked)
    block_id = blocks.make(db.session(), me, wanted, shown, clock.now())
    told = any(not one.startswith(STAYS) for one in shown)
    flash(_("已停用，并通知了名单上的居民。") if told else _("已停用。"), "success")
    return redirect(url_for("admin.room_block", block_id=block_id))


@pages.get("/venues/blocks/<id:block_id>")
@staff(needs=RUN)
def room_block(block_id: int, me: SignedInStaff) -> Any:
    """One with its rooms, and whom it hit."""
    session = db.session()
    one = room_blocks.get_block(session, me, block_id, clock.now())
    return render_template(
        "admin/room_blocks/block.html",
        one=one,
        hits=room_blocks.list_hits(session, block_id),
        others=room_blocks.list_around(session, me, one),
    )


@pages.post("/venues/blocks/<id:block_id>/remove")
@staff(writes=True, needs=RUN, page=room_block)
def block_remove(block_id: int, me: SignedInStaff) -> Any:
    """The rooms can be reserved again."""
    venue_id = blocks.remove(db.session(), me, block_id, clock.now())
    flash(_("已恢复使用，居民可以预约了。"), "success")
    return redirect(url_for("admin.venue_blocks", venue_id=venue_id))


def _typed() -> list[tuple[str, str]]:
    """What was filled in, for the confirmation and for the way back."""
    names = ("whole", "room_ids", "day", "start", "until_day", "end", "reason", "note")
    return [(name, one) for name in names for one in request.form.getlist(name) if one]


def _again() -> dict[str, list[str]]:
    """The same for the link back to the form."""
    return {name: request.form.getlist(name) for name, _one in _typed()}
