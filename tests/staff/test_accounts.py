"""Staff accounts as managers see them: made, given roles, reset, handed over; and by whom not."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend.db import db
from backend.night_school.models import CourseRun, Teacher
from backend.staff import passwords
from backend.staff.models import AuditEntry, Role, Staff, StaffRole, StaffSession
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def zhou(app, cast: SimpleNamespace) -> Console:
    """The street's manager at the console."""
    return Console(app).as_(cast.zhou)


def roles_of(someone: Staff) -> set[tuple[str, int]]:
    rows = db.session.execute(
        select(StaffRole.role, StaffRole.place_id).where(StaffRole.staff_id == someone.id)
    )
    return {tuple(row) for row in rows}


def last_audit() -> AuditEntry:
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()


def test_the_list_shows_my_places_only(zhou: Console, cast) -> None:
    page = text_of(zhou.get("/staff"))
    assert "王敏" in page
    assert "陈老师" in page
    assert "林静" not in page
    assert "王敏" not in text_of(zhou.get("/staff?q=陈"))


def test_the_list_takes_the_same_reads_for_many(zhou: Console, cast, make, statements) -> None:
    statements.clear()
    zhou.get("/staff")
    few = len(statements)
    for _more in range(20):
        make.staff(place=cast.here)
    statements.clear()
    assert zhou.get("/staff").status_code == 200
    assert len(statements) == few


@pytest.mark.parametrize("who", ["wang", "chen"])
def test_others_than_managers_have_no_such_page(app, cast, who: str) -> None:
    browser = Console(app).as_(getattr(cast, who))
    assert browser.get("/staff").status_code == 403
    assert browser.get(f"/staff/{cast.chen.id}").status_code == 403
    assert browser.post("/staff/new", {}).status_code == 403
    assert "工作人员</span>" not in browser.get("/").text


def test_a_new_account_gets_a_one_time_password(zhou: Console, cast) -> None:
    form = {"username": "Li.Na", "name": "李娜", "role": "worker", "place_id": cast.here.id}
    response = zhou.post("/staff/new", form)
    assert response.status_code == 200
    someone = db.session.scalars(select(Staff).where(Staff.username == "li.na")).one()
    assert someone.must_change_password
    shown = text_of(response).split("一次性密码")[-1].split()[0]
    assert passwords.fits(shown, someone.password_hash)
    assert roles_of(someone) == {("worker", cast.here.id)}
    entry = last_audit()
    assert (entry.action, entry.staff_id, entry.subject_id) == (
        "staff.create", cast.zhou.id, someone.id)  # fmt: skip
    assert shown not in str(entry.after)
    assert entry.request_id


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"username": "x"}, "3-32 位"),
        ({"username": "李娜"}, "3-32 位"),
        ({"name": ""}, "请填写"),
        ({"name": "王" * 41}, "请填写 1 到 40"),
        ({"name": "王\x07敏"}, "控制字符"),
        ({"role": "emperor"}, "请选择列出的一项"),
        ({"place_id": "abc"}, "请选择一项"),
        ({"place_id": "99999999"}, "只能在您管理的范围内授权"),
        ({"place_id": "there"}, "只能在您管理的范围内授权"),
        ({"place_id": "district", "role": "manager"}, "只能在您管理的范围内授权"),
        ({"place_id": "street"}, "不能设在所选的层级"),
        ({"username": "taken.name"}, "已经有人使用"),
    ],
)
def test_nonsense_is_refused_and_shown(zhou: Console, cast, make: Make, form, told) -> None:
    make.staff(username="taken.name")
    form = {key: getattr(getattr(cast, value, None), "id", value) for key, value in form.items()}
    good = {"username": "li.na", "name": "李娜", "role": "worker", "place_id": cast.here.id}
    response = zhou.post("/staff/new", good | form)
    assert response.status_code in (409, 422)
    assert told in text_of(response)
    assert not db.session.scalars(select(Staff).where(Staff.username == "li.na")).all()


def test_roles_are_given_and_taken(zhou: Console, cast, make: Make) -> None:
    second = make.place(parent=cast.street, name="秋实社区")
    add = {"role": "worker", "place_id": second.id}
    assert zhou.post(f"/staff/{cast.wang.id}/roles", add).status_code == 302
    assert roles_of(cast.wang) == {("worker", cast.here.id), ("worker", second.id)}
    assert zhou.post(f"/staff/{cast.wang.id}/roles", add).status_code == 302  # twice is once
    role = db.session.scalars(select(StaffRole).where(StaffRole.place_id == second.id)).one()
    path = f"/staff/{cast.wang.id}/roles/{role.id}/withdraw"
    assert zhou.post(path).status_code == 302
    assert roles_of(cast.wang) == {("worker", cast.here.id)}
    assert last_audit().before == {"role": "worker", "place_id": second.id}
    assert zhou.post(path).status_code == 404


def test_nobody_is_given_more_than_the_manager_has(zhou: Console, cast) -> None:
    for place in (cast.district, cast.there):
        form = {"role": "manager", "place_id": place.id}
        assert zhou.post(f"/staff/{cast.wang.id}/roles", form).status_code == 409
    assert roles_of(cast.wang) == {("worker", cast.here.id)}


def test_the_last_role_is_not_taken(zhou: Console, cast) -> None:
    role = db.session.scalars(select(StaffRole).where(StaffRole.staff_id == cast.wang.id)).one()
    response = zhou.post(f"/staff/{cast.wang.id}/roles/{role.id}/withdraw")
    assert response.status_code == 409
    assert "最后一个岗位" in text_of(response)


def test_other_managers_staff_are_not_found(zhou: Console, cast) -> None:
    for path in ("", "/leave"):
        assert zhou.get(f"/staff/{cast.lin.id}{path}").status_code == 404
    form = {"role": "worker", "place_id": cast.here.id, "name": "x", "successor_id": cast.wang.id}
    for path in ("/roles", "/name", "/password", "/sign-ins/end", "/leave"):
        assert zhou.post(f"/staff/{cast.lin.id}{path}", form).status_code == 404, path
    assert zhou.get("/staff/99999999999999999999").status_code == 404


def test_whoever_also_works_elsewhere_is_only_half_in_hand(zhou: Console, cast, make: Make) -> None:
    make.add(StaffRole(staff_id=cast.wang.id, role="worker", place_id=cast.there.id))
    assert zhou.get(f"/staff/{cast.wang.id}").status_code == 200
    before = fresh(cast.wang).password_hash
    assert zhou.post(f"/staff/{cast.wang.id}/password").status_code == 404
    assert fresh(cast.wang).password_hash == before
    theirs = db.session.scalars(
        select(StaffRole.id).where(
            StaffRole.place_id == cast.there.id, StaffRole.staff_id == cast.wang.id
        )
    ).one()
    assert zhou.post(f"/staff/{cast.wang.id}/roles/{theirs}/withdraw").status_code == 404


def test_a_reset_ends_sign_ins_and_unlocks(app, zhou: Console, cast, make: Make) -> None:
    wang = Console(app).as_(cast.wang)
    row = fresh(cast.wang)
    row.failed_sign_ins, row.locked_until = 5, make.now + timedelta(minutes=10)
    db.session.commit()
    response = zhou.post(f"/staff/{cast.wang.id}/password")
    assert response.status_code == 200
    shown = text_of(response).split("一次性密码")[-1].split()[0]
    row = fresh(cast.wang)
    assert passwords.fits(shown, row.password_hash)
    assert (row.must_change_password, row.failed_sign_ins, row.locked_until) == (True, 0, None)
    assert wang.get("/").status_code == 302
    assert last_audit().action == "staff.reset_password"


def test_nobody_resets_or_ends_themselves(zhou: Console, cast) -> None:
    assert zhou.post(f"/staff/{cast.zhou.id}/password").status_code == 409
    form = {"successor_id": cast.wang.id}
    assert zhou.post(f"/staff/{cast.zhou.id}/leave", form).status_code == 409
    assert fresh(cast.zhou).left_at is None


def test_a_lost_tablet_is_signed_out(app, zhou: Console, cast) -> None:
    wang = Console(app).as_(cast.wang)
    assert wang.get("/").status_code == 200
    assert zhou.post(f"/staff/{cast.wang.id}/sign-ins/end").status_code == 302
    assert wang.get("/").status_code == 302


def test_leaving_hands_everything_over(app, zhou: Console, cast, make: Make) -> None:
    second = make.place(parent=cast.street, name="秋实社区")
    li = make.staff("worker", second, name="李娜")
    wang = Console(app).as_(cast.wang)
    response = zhou.post(f"/staff/{cast.wang.id}/leave", {"successor_id": li.id})
    assert response.status_code == 302
    assert fresh(cast.wang).left_at == make.now
    assert wang.get("/").status_code == 302
    live = select(StaffSession).where(
        StaffSession.staff_id == cast.wang.id, StaffSession.revoked_at.is_(None)
    )
    assert not db.session.scalars(live).all()
    assert roles_of(li) == {("worker", second.id), ("worker", cast.here.id)}
    assert last_audit().after["successor_id"] == li.id
    assert "王敏" not in text_of(zhou.get("/staff"))
    assert "王敏" in text_of(zhou.get("/staff?left=1"))
    again = zhou.post(f"/staff/{cast.wang.id}/leave", {"successor_id": li.id})
    assert again.status_code == 409


def test_a_teachers_open_classes_go_to_the_successor(zhou: Console, cast, make: Make) -> None:
    mine = make.teacher("陈老师", staff_id=cast.chen.id)
    coming = make.run(teacher_id=mine.id)
    over = make.run(teacher_id=mine.id, starts_at=make.now - timedelta(days=60))
    gu = make.staff("teacher", cast.here, name="顾老师")
    assert zhou.post(f"/staff/{cast.chen.id}/leave", {"successor_id": gu.id}).status_code == 302
    theirs = db.session.scalars(select(Teacher).where(Teacher.staff_id == gu.id)).one()
    assert theirs.name == "顾老师"
    runs = dict(
        tuple(row) for row in db.session.execute(select(CourseRun.id, CourseRun.teacher_id))
    )
    assert runs == {coming.id: theirs.id, over.id: mine.id}
    assert "class.hand_over" in db.session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize("successor", ["", "999999", "self", "gone", "lin"])
def test_a_successor_has_to_be_at_work_and_mine(
    zhou: Console, cast, make: Make, successor: str
) -> None:
    ids = {
        "self": cast.wang.id, "lin": cast.lin.id,
        "gone": make.staff(place=cast.here, left_at=make.now).id,
    }  # fmt: skip
    form = {"successor_id": ids.get(successor, successor)}
    response = zhou.post(f"/staff/{cast.wang.id}/leave", form)
    assert response.status_code in (404, 409, 422)
    assert fresh(cast.wang).left_at is None
    assert roles_of(cast.lin) == {(Role.WORKER, cast.there.id)}


def test_a_name_is_corrected(zhou: Console, cast) -> None:
    assert zhou.post(f"/staff/{cast.wang.id}/name", {"name": "王慜"}).status_code == 302
    assert fresh(cast.wang).name == "王慜"
    assert (last_audit().before, last_audit().after) == ({"name": "王敏"}, {"name": "王慜"})
