"""Fees of a class: owed from signing up, marked by staff, moved with a change of class."""

import io

import openpyxl
import pytest
from sqlalchemy import event, select

from backend.commands.check import audit
from backend.db import db, transaction
from backend.night_school import transfers
from backend.night_school.fees import queries
from backend.night_school.models import CourseRun
from backend.night_school.transfers import Transfer
from backend.people.deleting import Deletion
from backend.people.own_data import gather
from backend.staff.models import AuditEntry
from tests.api import ApiClient
from tests.booking import verbs
from tests.console import Console, text_of
from tests.factories import Make, Signed

PAID = {"state": "paid", "method": "scan"}


class Priced:
    """A class for 80 yuan with 王秀英 in it, and the worker who marks who paid."""

    def __init__(self, console: Console, make: Make) -> None:
        self.make, self.run = make, make.run(price_fen=8000, capacity=2)
        self.wang = make.resident("王秀英", home_place_id=self.run.place_id)
        self.booking = self.book(self.run, self.wang)
        self.desk = console.as_(make.staff("worker"))

    def book(self, run: CourseRun, who: Signed) -> int:
        return verbs.book(run.id, who.person.id, account_id=who.account.id).booking_id

    def path(self, booking: int | None = None) -> str:
        return f"/classes/{self.run.id}/enrolments/{booking or self.booking}/fee"

    def mark(self, **form: str):
        return self.desk.post(self.path(), form)

    def fee(self, booking: int | None = None) -> tuple[int, str] | None:
        found = queries.of_booking(db.session(), booking or self.booking)
        return found and (found["amount_fen"], found["state"])

    def shown(self) -> str:
        return text_of(self.desk.get(f"/classes/{self.run.id}"))


@pytest.fixture
def priced(console: Console, make: Make) -> Priced:
    return Priced(console, make)


def test_it_is_owed_from_signing_up_and_marked(priced: Priced) -> None:
    assert priced.fee() == (8000, "unpaid")
    assert priced.path() in priced.desk.get(f"/classes/{priced.run.id}").text
    assert "待交 80 元" in priced.shown()
    assert "应交 80 元" in text_of(priced.desk.get(priced.path()))
    assert priced.mark(**PAID, note="收据 0123").status_code == 302
    assert priced.fee() == (8000, "paid")
    assert "已交 80 元" in priced.shown()
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.subject_id) == ("fee.mark", priced.booking)
    assert (note.before["state"], note.after["state"]) == ("unpaid", "paid")


def test_a_class_without_a_price_owes_nothing(console: Console, make: Make) -> None:
    run, who = make.run(), make.resident()
    booking = verbs.book(run.id, who.person.id, account_id=who.account.id).booking_id
    desk = console.as_(make.staff("worker"))
    assert "fee" not in desk.get(f"/classes/{run.id}").text.split("<main")[-1]
    path = f"/classes/{run.id}/enrolments/{booking}/fee"
    assert "这项报名不收费" in text_of(desk.get(path))
    assert desk.post(path, PAID).status_code == 404


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"state": "paid"}, 422),  # how?
        ({"state": "waived"}, 422),  # why?
        ({"state": "refunded", "note": "试试"}, 409),
        ({"state": "unpaid", "note": "试试"}, 409),  # it is
        ({"state": "gone"}, 422),
        ({}, 422),
    ],
)
def test_what_cannot_be_marked(priced: Priced, form: dict, status: int) -> None:
    assert priced.mark(**form).status_code == status
    assert priced.fee() == (8000, "unpaid")


def test_two_workers_do_not_mark_it_twice(priced: Priced) -> None:
    assert priced.mark(**PAID).status_code == 302
    second = priced.mark(state="waived", note="低保")
    assert second.status_code == 409
    assert "这笔费用的状态刚刚变了" in text_of(second)
    assert priced.fee() == (8000, "paid")


def test_whoever_paid_and_left_is_refunded(priced: Priced) -> None:
    priced.mark(**PAID)
    verbs.cancel(priced.booking)
    assert "王秀英已退课，待退 80 元" in priced.shown()
    asked = {"state": "refunded", "method": "scan", "note": "原路退回"}
    assert priced.mark(**asked).status_code == 302
    assert priced.fee() == (8000, "refunded")
    assert "待退" not in priced.shown()


def test_whoever_left_unpaid_owes_nothing(priced: Priced) -> None:
    verbs.cancel(priced.booking)
    assert priced.fee() is None


def test_waiting_costs_nothing_until_there_is_a_place(priced: Priced, make: Make) -> None:
    priced.book(priced.run, make.resident("李建国"))
    who = make.resident("张桂兰")
    waiting = verbs.book(priced.run.id, who.person.id, account_id=who.account.id, wait=True)
    assert priced.fee(waiting.booking_id) is None
    verbs.cancel(priced.booking)
    verbs.accept(waiting.booking_id)
    assert priced.fee(waiting.booking_id) == (8000, "unpaid")


def test_a_new_price_is_for_those_who_come_later(priced: Priced, make: Make) -> None:
    from backend.night_school.fees.service import freeze

    freeze(db.session(), priced.run.id)
    priced.run.price_fen = 9000
    db.session.commit()
    later = priced.book(priced.run, make.resident("李建国"))
    assert [priced.fee(), priced.fee(later)] == [(8000, "unpaid"), (9000, "unpaid")]


def test_what_was_paid_goes_along_to_another_class(
    priced: Priced, make: Make, api: ApiClient
) -> None:
    priced.mark(**PAID)
    other = make.run(price_fen=8000)
    answer = api.post(
        f"/bookings/{priced.booking}/transfer", {"run_id": other.id}, as_=priced.wang.token
    )
    assert priced.fee(answer.json["data"]["booking_id"]) == (8000, "paid")
    assert priced.fee() is None
    assert {one.check.name for one in audit(priced.run.ends_at - priced.run.starts_at)
            if one.rows} == set()  # fmt: skip


SHORT, OVER = {"state": "short", "due_fen": 2000}, {"state": "over", "refund_fen": 2000}


def change_to(priced: Priced, price: int) -> dict:
    """王秀英 changes to a class at another price; her fee there."""
    other = priced.make.run(price_fen=price)
    with transaction() as session:
        asked = Transfer(run_id=other.id)
        booked = transfers.transfer(session, priced.wang.me, priced.booking, asked, priced.make.now)
    priced.run, priced.booking = other, booked.booking_id
    return queries.of_booking(db.session(), booked.booking_id)


@pytest.mark.parametrize(
    ("price", "stands", "sums", "words", "settled", "then"),
    [
        (10000, SHORT, {"paid": 8000, "unpaid": 2000}, "王秀英换班，待补 20 元",
         PAID, (10000, "paid")),
        (10000, SHORT, {"paid": 8000, "unpaid": 2000}, "待补差价 20 元",
         {"state": "waived", "note": "低保"}, (8000, "paid")),
        (6000, OVER, {"paid": 6000, "to_refund": 2000}, "王秀英换班多交，待退 20 元",
         PAID | {"note": "原路退回"}, (6000, "paid")),
        (6000, OVER, {"paid": 6000, "to_refund": 2000}, "待退差价 20 元",
         {"state": "refunded", "note": "全退"}, (8000, "refunded")),
    ],
)  # fmt: skip
def test_a_difference_is_settled_by_staff(
    priced: Priced, price: int, stands: dict, sums: dict, words: str, settled: dict, then: tuple
) -> None:
    priced.mark(**PAID)
    fee = change_to(priced, price)
    assert {name: fee[name] for name in stands} == stands
    shown = queries.sums(queries.of_run(db.session(), priced.run.id))
    assert {name: fen for name, fen in shown.items() if fen} == sums
    assert words in priced.shown() + text_of(priced.desk.get(priced.path()))
    assert [one.rows for one in audit(priced.run.ends_at - priced.run.starts_at)
            if one.rows] == []  # fmt: skip
    assert priced.mark(**settled).status_code == 302
    assert priced.fee() == then


def test_giving_a_difference_back_says_how(priced: Priced) -> None:
    priced.mark(**PAID)
    change_to(priced, 6000)
    assert priced.mark(**PAID).status_code == 422
    assert priced.fee() == (6000, "over")


def test_a_difference_goes_along_to_a_third_class_and_is_refunded_whole(priced: Priced) -> None:
    priced.mark(**PAID)
    change_to(priced, 10000)
    assert change_to(priced, 9000)["due_fen"] == 1000
    assert change_to(priced, 8000)["state"] == "paid"
    change_to(priced, 10000)
    verbs.cancel(priced.booking)
    fee = queries.of_booking(db.session(), priced.booking)
    assert (fee["to_refund"], fee["refund_fen"], fee["due_fen"]) == (True, 8000, 0)


def test_what_was_paid_stays_behind_where_the_other_class_is_free(priced: Priced) -> None:
    priced.mark(**PAID)
    left = priced.booking
    assert change_to(priced, 0) is None
    assert queries.of_booking(db.session(), left)["refund_fen"] == 8000


def test_who_need_not_pay_need_not_pay_there_either(priced: Priced) -> None:
    priced.mark(state="waived", note="低保")
    fee = change_to(priced, 10000)
    assert (fee["amount_fen"], fee["state"], fee["due_fen"]) == (10000, "waived", 0)


def test_the_resident_sees_it(priced: Priced, api: ApiClient) -> None:
    def seen() -> dict | None:
        return api.get(f"/bookings/{priced.booking}", as_=priced.wang.token).json["data"]["fee"]

    assert seen() == {
        "amount_fen": 8000, "due_fen": 8000, "refund_fen": 0, "state": "unpaid",
        "marked_at": None, "to_refund": False,
    }  # fmt: skip
    priced.mark(**PAID, note="收据 0123")
    verbs.cancel(priced.booking)
    assert (seen()["state"], seen()["to_refund"]) == ("paid", True)
    told = str(gather(db.session(), priced.wang.me, priced.make.now))
    assert "80 元 已交费 收据 0123" in told


def test_the_card_and_the_spreadsheet_show_it(priced: Priced) -> None:
    page = priced.desk.get(f"/people/{priced.wang.person.id}")
    assert "费用 80 元 未交费" in text_of(page)
    assert priced.path() in page.text
    priced.mark(**PAID)
    packed = priced.desk.get(f"/classes/{priced.run.id}/roster.xlsx").data
    rows = list(openpyxl.load_workbook(io.BytesIO(packed)).active.iter_rows(values_only=True))
    assert ("应交（元）", "交费情况") in [row[-2:] for row in rows]
    assert rows[-1][-2:] == (80, "已交费 扫码")


def test_it_is_for_those_who_manage_the_class(console: Console, priced: Priced, make: Make) -> None:
    other = make.run(price_fen=100)
    elsewhere = f"/classes/{other.id}/enrolments/{priced.booking}/fee"
    assert priced.desk.post(elsewhere, PAID).status_code == 404
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert stranger.get(priced.path()).status_code == 404
    assert stranger.post(priced.path(), PAID).status_code == 404
    assert console.as_(make.staff("teacher")).post(priced.path(), PAID).status_code == 403
    assert priced.fee() == (8000, "unpaid")


def test_signing_up_for_a_priced_class_writes_nothing_more(make: Make, api: ApiClient) -> None:
    """As many statements as for one that is free."""
    counted = []
    for price in (0, 8000):
        run, who = make.run(price_fen=price), make.resident()
        statements: list[str] = []

        def note(_c: object, _cur: object, sql: str, *_: object, into=statements) -> None:
            into.append(sql)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            path = f"/night-school/runs/{run.id}/enrolments"
            answer = api.post(path, {"person_id": who.person.id}, as_=who.token)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert answer.status_code == 201
        counted.append(len(statements))
    assert counted[0] == counted[1]
    assert counted[0] > 0 or db.engine.dialect.name == "postgresql"


def test_what_staff_noted_goes_with_the_account(priced: Priced) -> None:
    from backend.night_school.deleting import words_go

    priced.mark(**PAID, note="收据 0123")
    done = Deletion(
        account_id=priced.wang.account.id, person_ids=[priced.wang.person.id], consent_ids=[],
        openids=[], now=priced.make.now,
    )  # fmt: skip
    words_go(db.session(), done)
    found = queries.of_booking(db.session(), priced.booking)
    assert (found["state"], found["note"]) == ("paid", None)
