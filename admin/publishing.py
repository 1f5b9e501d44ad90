"""Publishing a class: now, at a moment, or not yet after all."""

from typing import Any

from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import class_page, posted_original, to_class, with_class
from admin.doors import staff
from admin.schemas.planning import ScheduleForm
from backend import clock
from backend.db import db
from backend.night_school import publishing
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.post("/classes/<id:run_id>/publish")
@staff(writes=True, needs=MANAGE, page=class_page)
def publish_class(run_id: int, me: SignedInStaff) -> Any:
    """Residents see it from now on."""
    publishing.publish(db.session(), me, run_id, clock.now(), posted_original(run_id))
    return to_class(_("班级已发布，居民现在可以看到。"), run_id)


@pages.get("/classes/<id:run_id>/schedule")
@staff(needs=MANAGE)
def schedule_page(run_id: int, me: SignedInStaff) -> Any:
    """From when residents are to see it."""
    return with_class("admin/classes/schedule.html", me, run_id)


@pages.post("/classes/<id:run_id>/schedule")
@staff(writes=True, needs=MANAGE, form=ScheduleForm, page=schedule_page)
def schedule_class(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Residents see it from that moment on."""
    original = posted_original(run_id)
    publishing.schedule(db.session(), me, run_id, now=clock.now(), original=original, **asked)
    return to_class(_("已定好发布时间，到时自动发布。"), run_id)


@pages.post("/classes/<id:run_id>/unschedule")
@staff(writes=True, needs=MANAGE, page=class_page)
def unschedule_class(run_id: int, me: SignedInStaff) -> Any:
    """A draft again."""
    publishing.unschedule(db.session(), me, run_id, clock.now(), posted_original(run_id))
    return to_class(_("已撤回定时发布，班级回到未发布。"), run_id)
