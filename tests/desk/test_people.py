"""The people desk through its pages: find, register, correct, show a phone."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend.db import db
from backend.people.models import Person
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def wang(app, cast: SimpleNamespace) -> Console:
    """The community's worker at the console."""
    return Console(app).as_(cast.wang)


def audits(action: str) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def found(console: Console, text: str) -> str:
    response = console.get("/people", query_string={"q": text})
    assert response.status_code == 200
    return text_of(response)


def test_by_name_phone_and_its_last_four_digits(wang: Console, cast, make: Make) -> None:
    make.person("赵桂兰", phone="13812345678", home_place_id=cast.estate.id)
    for text in ("赵桂兰", "桂兰", " 赵 桂兰 ", "13812345678", "138 1234 5678", "+8613812345678"):
        page = found(wang, text)
        assert "赵桂兰" in page, text
        assert "138****5678" in page
        assert "13812345678" not in page.replace(text, "")
    assert "赵桂兰" in found(wang, "5678")
    assert "没有找到" in found(wang, "5679")
    assert "没有找到" in found(wang, "13812345679")
    for odd in ("%", "_", "\\", "'", "😀", "x" * 300):
        assert "赵桂兰" not in found(wang, odd)


def test_only_whom_the_place_may_see(wang: Console, cast, make: Make) -> None:
    make.person("赵春住这里", home_place_id=cast.estate.id)
    make.person("赵夏没登记")
    booked = make.resident("赵秋来上课", home_place_id=cast.estate_there.id)
    make.person("赵冬住别处", home_place_id=cast.estate_there.id)
    run = make.run()
    enrol_at_desk(make, cast, run, booked.person)
    page = found(wang, "赵")
    assert all(name in page for name in ("赵春住这里", "赵夏没登记", "赵秋来上课"))
    assert "赵冬住别处" not in page


def enrol_at_desk(make: Make, cast, run, person: Person, **given) -> int:
    from backend.db import transactional
    from backend.night_school.service import Enrolment, enrol_at_desk

    asked = Enrolment(run_id=run.id, person_id=person.id, **given)
    booked = transactional(enrol_at_desk)(db.session(), cast.wang.id, asked, make.now)
    return booked.booking_id


def test_other_places_people_are_not_found(wang: Console, cast, make: Make) -> None:
    theirs = make.person("钱阿姨", phone="13900000001", home_place_id=cast.estate_there.id)
    for path in ("", "/change", "/consent", "/book"):
        assert wang.get(f"/people/{theirs.id}{path}").status_code == 404, path
    form = {"name": "x", "phone": "13800000000", "relation": "parent", "present": "true",
            "run_id": "1", "reason": "x"}  # fmt: skip
    for path in ("/phone", "/change", "/consent", "/book", "/consents/1/witness",
                 "/consents/1/withdraw", "/bookings/1/cancel", "/bookings/1/accept"):  # fmt: skip
        assert wang.post(f"/people/{theirs.id}{path}", form).status_code == 404, path
    assert not db.session.scalars(select(AuditEntry)).all()
    assert wang.get("/people/99999999999999999999").status_code == 404


def test_a_teacher_has_no_people_desk(app, cast, make: Make) -> None:
    person = make.person(home_place_id=cast.estate.id)
    chen = Console(app).as_(cast.chen)
    for path in ("/people", f"/people/{person.id}", "/people/new", "/duplicates", "/calls"):
        assert chen.get(path).status_code == 403, path
    assert chen.post(f"/people/{person.id}/phone").status_code == 403


def test_the_list_takes_the_same_reads_for_many(wang: Console, cast, make, statements) -> None:
    make.person("赵一", home_place_id=cast.estate.id)
    statements.clear()
    found(wang, "赵")
    few = len(statements)
    for _more in range(30):
        make.person("赵二", home_place_id=cast.estate.id)
    statements.clear()
    found(wang, "赵")
    assert len(statements) == few


def test_somebody_without_a_phone_is_registered(wang: Console, cast, make: Make) -> None:
    form = {"name": " 孙大爷 ", "birth_date": "1948-03-02", "gender": "male",
            "home_place_id": cast.estate.id, "address": "3号楼201", "note": "听力不好"}  # fmt: skip
    response = wang.post("/people/new", form)
    person = db.session.scalars(select(Person)).one()
    assert response.location == f"/admin/people/{person.id}"
    assert (person.name, person.birth_date, person.phone, person.address) == (
        "孙大爷", date(1948, 3, 2), None, "3号楼201")  # fmt: skip
    (entry,) = audits("person.register")
    assert entry.place_id == cast.estate.id
    assert "3号楼201" not in str(entry.after)
    page = text_of(wang.get(f"/people/{person.id}"))
    assert "78 岁" in page
    assert "无手机" in page


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ({"name": ""}, "name", "请填写"),
        ({"name": "   "}, "name", "请填写"),
        ({"name": "王" * 300}, "name", "1 到 40"),
        ({"name": "王\x00"}, "name", "控制字符"),
        ({"birth_date": "1948-02-30"}, "birth_date", "正确的日期"),
        ({"birth_date": "2035-01-01"}, "birth_date", "真实的出生日期"),
        ({"birth_date": "1800-01-01"}, "birth_date", "真实的出生日期"),
        ({"phone": "12345"}, "phone", "11 位手机号码"),
        ({"phone": "1381234567٨"}, "phone", "11 位手机号码"),
        ({"gender": "cat"}, "gender", "列出的一项"),
        ({"home_place_id": "-1"}, "home_place_id", "整数"),
        ({"home_place_id": "9" * 30}, "home_place_id", "整数"),
        ({"home_place_id": "there"}, "home_place_id", "您辖区内"),
        ({"home_place_id": "community"}, "home_place_id", "您辖区内"),
    ],
)
def test_what_makes_no_sense_is_shown_at_its_field(wang, cast, form, field, told) -> None:
    known = {"there": cast.estate_there.id, "community": cast.here.id}
    form = {name: known.get(value, value) for name, value in form.items()}
    response = wang.post("/people/new", {"name": "孙大爷"} | form)
    assert response.status_code == 422
    assert told in text_of(response)
    assert f'is-invalid" id="{field}"' in response.text
    assert not db.session.scalars(select(Person)).all()


def test_whoever_may_be_known_is_looked_at_first(wang: Console, cast, make: Make) -> None:
    known = make.person("孙大爷", birth_date=date(1948, 3, 2), home_place_id=cast.estate.id)
    form = {"name": "孙大爷", "birth_date": "1948-03-02"}
    response = wang.post("/people/new", form)
    assert response.status_code == 409
    assert f'href="/admin/people/{known.id}"' in response.text
    assert len(db.session.scalars(select(Person)).all()) == 1
    assert wang.post("/people/new", form | {"knows_others": "true"}).status_code == 302
    assert len(db.session.scalars(select(Person)).all()) == 2


def test_a_card_is_corrected_and_the_audit_keeps_both(wang: Console, cast, make: Make) -> None:
    person = make.person("孙大爷", phone="13812345678", home_place_id=cast.estate.id)
    form = {"name": "孙大业", "birth_date": "1960-02-01", "home_place_id": cast.estate.id,
            "phone": "１３９-8765 4321", "note": "住三楼"}  # fmt: skip
    assert wang.post(f"/people/{person.id}/change", form).status_code == 302
    row = fresh(person)
    assert (row.name, row.phone, row.note) == ("孙大业", "13987654321", "住三楼")
    assert "孙大业" in found(wang, "4321")
    (entry,) = audits("person.change")
    assert entry.before == {"name": "孙大爷", "note": None, "phone": "138****5678"}
    assert entry.after == {"name": "孙大业", "note": "住三楼", "phone": "139****4321"}
    assert wang.post(f"/people/{person.id}/change", form | {"phone": ""}).status_code == 302
    assert fresh(person).phone == "13987654321"
    assert len(audits("person.change")) == 1  # nothing changed, nothing recorded
    none = form | {"phone": "", "without_phone": "true"}
    assert wang.post(f"/people/{person.id}/change", none).status_code == 302
    assert (fresh(person).phone, fresh(person).phone_hash) == (None, None)


def test_a_home_elsewhere_stays_as_it_is(wang: Console, cast, make: Make) -> None:
    person = make.person("孙大爷", home_place_id=cast.estate_there.id)
    enrol_at_desk(make, cast, make.run(), person)
    page = wang.get(f"/people/{person.id}/change")
    assert f'value="{cast.estate_there.id}" selected' in page.text
    form = {"name": "孙大业", "home_place_id": cast.estate_there.id}
    assert wang.post(f"/people/{person.id}/change", form).status_code == 302
    assert (fresh(person).name, fresh(person).home_place_id) == ("孙大业", cast.estate_there.id)


def test_a_phone_is_shown_once_and_that_is_audited(wang: Console, cast, make: Make) -> None:
    person = make.person("孙大爷", phone="13812345678", home_place_id=cast.estate.id)
    assert "13812345678" not in wang.get(f"/people/{person.id}").text
    shown = wang.post(f"/people/{person.id}/phone", headers={"HX-Request": "true"})
    assert "13812345678" in shown.text
    assert "<html" not in shown.text
    assert "13812345678" in wang.post(f"/people/{person.id}/phone").text
    assert "13812345678" not in wang.get(f"/people/{person.id}").text
    entries = audits("person.show_phone")
    assert [(e.staff_id, e.subject_id) for e in entries] == [(cast.wang.id, person.id)] * 2
    without = make.person("无手机", home_place_id=cast.estate.id)
    assert wang.post(f"/people/{without.id}/phone").status_code == 404


def test_a_merged_card_leads_to_the_one_that_stays(wang: Console, cast, make: Make) -> None:
    kept = make.person("孙大爷", home_place_id=cast.estate.id)
    gone = make.person("孙大爷", merged_into_id=kept.id)
    assert wang.get(f"/people/{gone.id}").location == f"/admin/people/{kept.id}"
    assert wang.get(f"/people/{gone.id}/change").status_code == 404
    assert f"people/{gone.id}" not in wang.get("/people?q=孙大爷").text
