"""Registered groups: the list, one with its members and reservations, registering and ending."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.groups import EndForm, GroupForm, LeaderQuery, MemberForm, NewGroupForm
from backend import clock
from backend.db import db
from backend.desk import groups, reservations
from backend.desk.rooms import RUN
from backend.staff.access import SignedInStaff
from backend.venues.groups.service import Registration


@pages.get("/venues/groups")
@staff(needs=RUN)
def room_groups(me: SignedInStaff) -> Any:
    """The groups of my places."""
    text = request.args.get("q", "").strip()[:20]
    found = groups.list_groups(db.session(), me, text, clock.now())
    return render_template("admin/groups/list.html", found=found, text=text)


@pages.get("/venues/groups/new")
@staff(needs=RUN)
def group_form(me: SignedInStaff) -> Any:
    """First who leads it, then what it is called."""
    session = db.session()
    text = request.args.get("q", "").strip()[:40]
    person_id = read(LeaderQuery, request.values)["person_id"]
    return render_template(
        "admin/groups/new.html", text=text, places=groups.places(session, me), form=form_of(),
        leader=reservations.get_candidate(session, me, person_id) if person_id else None,
        people=[] if person_id else groups.list_candidates(session, me, text),
    )  # fmt: skip


@pages.post("/venues/groups")
@staff(writes=True, needs=RUN, form=NewGroupForm, page=group_form)
def group_register(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The group is registered; its leader can reserve for it."""
    leader_id = asked.pop("person_id")
    wanted = Registration(**asked)
    group_id = groups.register(db.session(), me, wanted, leader_id, clock.now())
    return _to(group_id, _("登记好了。还可以添加能替团队预约的成员。"))


@pages.get("/venues/groups/<id:group_id>")
@staff(needs=RUN)
def room_group(group_id: int, me: SignedInStaff) -> Any:
    """Who is in it, what it has reserved."""
    session = db.session()
    one = groups.get_group(session, me, group_id, clock.now())
    text = request.args.get("q", "").strip()[:40]
    within = [member["person_id"] for member in one["members"]]
    return render_template(
        "admin/groups/group.html", one=one, text=text, form=form_of(),
        people=groups.list_candidates(session, me, text, within),
    )  # fmt: skip


@pages.get("/venues/groups/<id:group_id>/edit")
@staff(needs=RUN)
def group_edit(group_id: int, me: SignedInStaff) -> Any:
    """What is written down of it."""
    session = db.session()
    one = groups.get_group(session, me, group_id, clock.now())
    return render_template(
        "admin/groups/edit.html", one=one, places=groups.places(session, me), form=form_of(one)
    )


@pages.post("/venues/groups/<id:group_id>/edit")
@staff(writes=True, needs=RUN, form=GroupForm, page=group_edit)
def group_change(group_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Corrected, or registered for longer."""
    groups.change(db.session(), me, group_id, Registration(**asked), clock.now())
    return _to(group_id, _("已保存。"))


@pages.post("/venues/groups/<id:group_id>/members")
@staff(writes=True, needs=RUN, form=MemberForm, page=room_group)
def group_member(group_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """They may reserve for the group; or lead it, or no more."""
    groups.add(db.session(), me, group_id, now=clock.now(), **asked)
    return _to(group_id, _("已保存。"))


@pages.post("/venues/groups/<id:group_id>/members/<id:person_id>/remove")
@staff(writes=True, needs=RUN, page=room_group)
def group_remove(group_id: int, person_id: int, me: SignedInStaff) -> Any:
    """They reserve for it no more."""
    handed = groups.remove(db.session(), me, group_id, person_id, clock.now())
    said = _("已移出，%(n)s 个预约转到了负责人名下。", n=handed) if handed else _("已移出。")
    return _to(group_id, said)


@pages.get("/venues/groups/<id:group_id>/end")
@staff(needs=RUN)
def group_end_page(group_id: int, me: SignedInStaff) -> Any:
    """Why, and what is cancelled with it."""
    one = groups.get_group(db.session(), me, group_id, clock.now())
    return render_template("admin/groups/end.html", one=one)


@pages.post("/venues/groups/<id:group_id>/end")
@staff(writes=True, needs=RUN, form=EndForm, page=group_end_page)
def group_end(group_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It is no group any more."""
    cancelled = groups.end(db.session(), me, group_id, asked["reason"], clock.now())
    said = (
        _("已注销，取消了 %(n)s 个预约，并通知了预约的人。", n=cancelled)
        if cancelled
        else _("已注销。")
    )
    return _to(group_id, said)


def _to(group_id: int, sentence: str) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.room_group", group_id=group_id))
