"""What a room is made of: a hall put together from the rooms it can be divided into."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.venues import PartsForm
from backend import clock
from backend.db import db
from backend.desk import room_parts as parts
from backend.staff.access import SignedInStaff


@pages.get("/venues/rooms/<id:room_id>/parts")
@staff(needs=parts.EDIT)
def room_parts(room_id: int, me: SignedInStaff) -> Any:
    """The other rooms of the venue, those ticked that lie within it."""
    one, choices = parts.look(db.session(), me, room_id)
    return render_template("admin/venues/parts.html", room=one, choices=choices)


@pages.post("/venues/rooms/<id:room_id>/parts")
@staff(writes=True, needs=parts.EDIT, form=PartsForm, page=room_parts)
def put_room_together(room_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It is made of the rooms ticked."""
    parts.put_together(
        db.session(), me, room_id, asked["room_ids"], clock.now(), shown=asked["shown"]
    )
    flash(_("已保存，房间之间会自动避让。"), "success")
    return redirect(url_for("admin.room_week", room_id=room_id))
