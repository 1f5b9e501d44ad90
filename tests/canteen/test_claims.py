"""Claims: only what was eaten, once; frozen for good; what changes later is in the next one."""

from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.claims import book, document, proposing, queries, service
from backend.canteen.claims.check import CHECKS
from backend.canteen.claims.errors import (
    AlreadyFrozen,
    ClaimOverlaps,
    NotJudged,
    OnePerMeal,
    PeriodNotOver,
)
from backend.canteen.claims.models import MealClaim, MealClaimDay, MealClaimLine, MealJudgement, Why
from backend.canteen.eaters.models import Departure, Leaving
from backend.checking import run
from backend.errors import Invalid, NotFound
from backend.people import deleting, merging
from tests.canteen.eaten import Eaten
from tests.console import me_of
from tests.factories import Make

FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
TENTH = date(2026, 2, 10)


@pytest.fixture
def here(make: Make, session, now) -> SimpleNamespace:
    """A canteen, a rule that city and street pay for, and their accountant."""
    eaten = Eaten(make, session)
    me = me_of(make.staff("accountant", name="沈会计"))
    return SimpleNamespace(
        eaten=eaten, me=me, version=make.subsidy(), wang=make.person(), li=make.person("李建国"),
        after=now + timedelta(days=60), canteen=eaten.canteen,
    )  # fmt: skip


@pytest.fixture
def claim(session, here):
    """Make the city's claim for a period; its id."""

    def make_one(period: tuple[date, date] = FEBRUARY, *, frozen: bool = True) -> int:
        keys = [f"city:{here.canteen.id}"]
        [ident] = service.make(session, here.me, *period, keys, here.after)
        if frozen:
            service.freeze(session, here.me, ident, here.after)
        session.commit()
        return ident

    return make_one


def lines(session, claim_id: int) -> list[tuple[int, str, int]]:
    rows = session.execute(
        select(MealClaimLine.booking_id, MealClaimLine.why, MealClaimLine.fen)
        .where(MealClaimLine.claim_id == claim_id)
        .order_by(MealClaimLine.seq)
    )
    return [tuple(row) for row in rows]


def wrong(session) -> set[str]:
    session.flush()
    return {found.check.name for found in run(session.connection(), CHECKS, None) if found.rows}


def sound(session) -> bool:
    return not wrong(session)


def test_only_what_was_eaten_is_claimed(session, here, claim) -> None:
    eaten = here.eaten.order(here.wang, here.version, TENTH)
    here.eaten.order(here.li, here.version, TENTH, eaten=False)
    undone = here.eaten.order(here.wang, here.version, date(2026, 2, 11))
    here.eaten.undo(undone)
    ended = here.eaten.order(here.wang, here.version, date(2026, 2, 12))
    here.eaten.cancel(ended)
    here.eaten.order(here.wang, here.version, date(2026, 3, 1))
    here.eaten.order(here.wang, here.version, date(2026, 2, 13), shares={(0, "street"): 99})
    ident = claim()
    assert lines(session, ident) == [(eaten, "meal", 200)]
    row = session.get_one(MealClaim, ident)
    assert (row.meals, row.corrections, row.fen) == (1, 0, 200)
    assert sound(session)


def test_each_body_is_asked_apart(session, here, make: Make) -> None:
    """The city once, each street for the canteens in it; what nobody owes is not proposed."""
    here.eaten.order(here.wang, here.version, TENTH)
    other = Eaten(make, session, make.canteen(make.place(name="滨江社区"), name="滨江食堂"))
    other.order(here.li, here.version, TENTH)
    far = make.place("community", make.place("street", name="东门街道"), name="东门社区")
    third = Eaten(make, session, make.canteen(far, name="东门食堂"))
    third.order(make.person("赵敏"), here.version, TENTH, shares={(0, "street"): 7})
    me = me_of(make.staff("manager", make.once("district", make.place), name="周慧"))
    found = proposing.propose(session, me, *FEBRUARY)
    told = [
        (one.group.scope.payer, one.group.body, len(one.group.canteens), one.draft.fen)
        for one in found
    ]
    assert told == [
        ("city", "", 3, 400), ("street", "和平街道", 2, 202), ("street", "东门街道", 1, 7),
    ]  # fmt: skip
    assert [one.draft.fen for one in proposing.propose(session, here.me, *FEBRUARY)] == [200, 101]


def test_a_frozen_claim_is_the_same_for_ever(session, here, claim, make: Make) -> None:
    for day in range(1, 8):
        here.eaten.order(here.wang, here.version, date(2026, 2, day))
    ident = claim()
    row = service.access_frozen(session, here.me, ident)
    text = b"".join(document.write(session, ident, row.head))
    assert sha256(text).hexdigest() == row.sha256
    first = b"".join(book.stream(session, row))
    here.eaten.order(here.li, here.version, TENTH)
    here.eaten.cancel(lines(session, ident)[0][0])
    here.wang.name, here.canteen.name = "王某", "改名食堂"
    session.commit()
    again = service.access_frozen(session, here.me, ident)
    assert b"".join(document.write(session, ident, again.head)) == text
    assert b"".join(book.stream(session, again)) == first
    assert queries.matches(session, again)
    about, sums, meals = load_workbook(BytesIO(first)).worksheets
    assert dict(about.values)["合计（元）"] == 14
    assert list(sums.values)[1] == ("春晖社区食堂", "长者助餐", 1, 7, 14, 0, 14)
    rows = list(meals.values)
    assert len(rows) == 8
    assert rows[1][1:4] == (meals["B2"].value, "午餐", "春晖社区食堂")
    assert f"{meals['B2'].value:%Y-%m-%d}" == "2026-02-01"
    assert "王秀英" not in first.decode("latin-1") + text.decode()


def test_no_database_lets_a_frozen_claim_change(session, here, claim) -> None:
    here.eaten.order(here.wang, here.version, TENTH)
    claim()
    for statement in (
        update(MealClaim).values(fen=1), delete(MealClaim), update(MealClaimLine).values(fen=1),
        delete(MealClaimLine), delete(MealClaimDay),
    ):  # fmt: skip
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(statement)


def test_what_changes_later_is_corrected_once_in_the_next(
    session, here, claim, make: Make, now
) -> None:
    undone, ended, refunded = (
        here.eaten.order(here.wang, here.version, date(2026, 2, day)) for day in (2, 3, 4)
    )
    late = here.eaten.order(here.li, here.version, TENTH, eaten=False)
    first = claim()
    here.eaten.undo(undone)
    here.eaten.undo(ended)
    here.eaten.cancel(ended)
    here.eaten.serve(late)
    paid = Credit(person_id=here.wang.id, kind=EntryKind.TOP_UP, fen=5000, key="t")
    ledger.credit(session, paid, Actor(), now)
    ledger.hold(session, here.wang.id, refunded, 1699, date(2026, 2, 4), now)
    ledger.charge(session, [refunded], now)
    [entry] = ledger_entries(session, refunded)
    ledger.reverse(session, entry, Actor(), now)
    here.eaten.order(here.wang, here.version, date(2026, 3, 2))
    row, later, coming = queries.since(session, here.me, first)
    assert (row.id, later) == (first, [])
    expected = [
        (undone, "undone", -200), (ended, "cancelled", -200), (refunded, "refunded", -200),
        (late, "late", 200),
    ]  # fmt: skip
    assert [(one["why"], one["fen"]) for one in coming] == [one[1:] for one in expected]
    second = claim(MARCH)
    assert lines(session, second)[:4] == expected
    assert [line[1:] for line in lines(session, second)[4:]] == [("meal", 200)]
    _row, later, coming = queries.since(session, here.me, first)
    assert (len(later), coming) == (4, [])
    here.eaten.serve(undone)
    third = claim((date(2026, 4, 1), date(2026, 4, 1)))
    assert lines(session, third) == [(undone, "late", 200)]
    assert session.scalar(select(func.sum(MealClaimLine.fen))) == 600
    assert sound(session)


def ledger_entries(session, booking_id: int) -> list[int]:
    return list(session.scalars(select(Entry.id).where(Entry.booking_id == booking_id)))


def test_a_day_is_claimed_once(session, here, claim) -> None:
    here.eaten.order(here.wang, here.version, TENTH)
    ident = claim(frozen=False)
    with pytest.raises(ClaimOverlaps):
        claim((TENTH, TENTH))
    service.discard(session, here.me, ident)
    ident = claim()
    with pytest.raises(ClaimOverlaps):
        claim((TENTH, date(2026, 3, 10)))
    for refused in (service.freeze, service.discard):
        given = (here.after,) if refused is service.freeze else ()
        with pytest.raises(AlreadyFrozen):
            refused(session, here.me, ident, *given)


def test_not_before_the_period_is_over(session, here, claim, now) -> None:
    here.eaten.order(here.wang, here.version, date(2026, 3, 10))
    ident = claim(MARCH, frozen=False)
    with pytest.raises(PeriodNotOver):
        service.freeze(session, here.me, ident, now)
    for period in ((MARCH[1], MARCH[0]), (date(2024, 1, 1), date(2026, 1, 1))):
        with pytest.raises(Invalid):
            claim(period)
    with pytest.raises(Invalid):
        service.make(session, here.me, *FEBRUARY, ["city:999"], now)


def test_nobody_elses_claims(session, here, claim, make: Make) -> None:
    here.eaten.order(here.wang, here.version, TENTH)
    ident = claim(frozen=False)
    far = me_of(make.staff("accountant", make.place(name="滨江社区"), name="何会计"))
    with pytest.raises(NotFound):
        service.freeze(session, far, ident, here.after)
    assert queries.list_claims(session, far) == []
    assert [row.id for row in queries.list_claims(session, here.me)] == [ident]


def flags_of(session, here, claim_id: int) -> dict[int, tuple[str, ...]]:
    found = queries.get_claim(session, here.me, claim_id).draft.flagged
    return {one.row.booking_id: one.flags for one in found}


def test_what_has_to_be_looked_at(session, here, claim, make: Make) -> None:
    """Each flag in turn; what is fine beside it has none."""
    alone = make.subsidy(name="独居补贴", categories=["living_alone"])
    near = make.subsidy(name="本社区补贴", home_place_id=here.canteen.place_id)
    died, moved, poor, there = (make.person(name) for name in ("老赵", "老钱", "老孙", "老周"))
    days = (TENTH, date(2026, 2, 11))
    for person, kind in ((died, Leaving.DECEASED), (moved, Leaving.MOVED)):
        make.add(
            Departure(
                person_id=person.id, kind=kind, left_on=days[1], noted_at=make.now,
                staff_id=here.eaten.staff_id,
            )
        )  # fmt: skip
    make.person_category(poor, starts_on=date(2026, 1, 1), ends_on=TENTH)
    there.home_place_id = make.place(name="滨江社区").id
    here.wang.home_place_id = here.canteen.place_id
    ids = {
        (person.name, day): here.eaten.order(person, version, day)
        for person, version in (
            (died, here.version), (moved, here.version), (poor, alone), (there, near),
            (here.wang, near),
        )
        for day in days
    }  # fmt: skip
    ident = claim(frozen=False)
    assert flags_of(session, here, ident) == {
        ids["老赵", days[1]]: ("deceased",), ids["老钱", days[1]]: ("moved",),
        ids["老孙", days[1]]: ("no_proof",), ids["老周", days[0]]: ("outside",),
        ids["老周", days[1]]: ("outside",),
    }  # fmt: skip
    with pytest.raises(NotJudged) as refused:
        service.freeze(session, here.me, ident, here.after)
    assert refused.value.data == {"meals": 5}
    for booking_id in flags_of(session, here, ident):
        claims = booking_id != ids["老周", days[0]]
        service.judge(session, here.me, ident, booking_id, claims=claims, reason="已核实",
                      now=here.after)  # fmt: skip
    with pytest.raises(NotFound):
        service.judge(session, here.me, ident, ids["王秀英", TENTH], claims=True, reason="x",
                      now=here.after)  # fmt: skip
    service.freeze(session, here.me, ident, here.after)
    assert len(lines(session, ident)) == 9
    here.eaten.order(here.wang, here.version, date(2026, 3, 2))
    later = claim(MARCH, frozen=False)
    draft = queries.get_claim(session, here.me, later).draft
    assert (draft.open, draft.corrections) == (0, 0), "what was left out stays out"


def test_a_death_told_late_takes_back_what_was_claimed(session, here, claim, make: Make) -> None:
    booked = here.eaten.order(here.wang, here.version, TENTH)
    here.eaten.order(here.li, here.version, date(2026, 3, 2))
    claim()
    gone = Departure(
        person_id=here.wang.id, kind=Leaving.DECEASED, left_on=date(2026, 2, 9), noted_at=make.now,
        staff_id=here.eaten.staff_id,
    )  # fmt: skip
    make.add(gone)
    second = claim(MARCH, frozen=False)
    assert flags_of(session, here, second) == {booked: ("deceased",)}
    with pytest.raises(NotJudged):
        service.freeze(session, here.me, second, here.after)
    service.judge(session, here.me, second, booked, claims=False, reason="已去世", now=here.after)
    service.freeze(session, here.me, second, here.after)
    assert (booked, Why.LEFT_OUT, -200) in lines(session, second)
    assert sound(session)


def test_one_meal_at_two_canteens_is_claimed_at_one(session, here, claim, make: Make) -> None:
    mine = here.eaten.order(here.wang, here.version, TENTH)
    other = Eaten(make, session, make.canteen(here.eaten.make.once("community", make.place),
                                              code="c-two", name="第二食堂"))  # fmt: skip
    theirs = other.order(here.wang, here.version, TENTH)
    ident = claim(frozen=False)
    assert flags_of(session, here, ident) == {
        mine: ("two_canteens",), theirs: ("two_canteens",),
    }  # fmt: skip

    def judge(booking_id: int, claims: bool) -> None:
        service.judge(session, here.me, ident, booking_id, claims=claims, reason="问过本人",
                      now=here.after)  # fmt: skip

    judge(mine, claims=True)
    with pytest.raises(OnePerMeal):
        judge(theirs, claims=True)
    judge(mine, claims=False)
    judge(theirs, claims=True)
    service.freeze(session, here.me, ident, here.after)
    assert lines(session, ident) == [(theirs, "meal", 200)]
    other.undo(theirs)
    here.eaten.order(here.li, here.version, date(2026, 3, 2))
    second = claim(MARCH)
    assert lines(session, second)[:2] == [(mine, "late", 200), (theirs, "undone", -200)]
    assert sound(session)


def test_two_entries_merged_after_the_freeze(session, here, claim, make: Make, now) -> None:
    """Each ate at another canteen: one human had the meal twice, and somebody has to look."""
    mine = here.eaten.order(here.wang, here.version, TENTH)
    other = Eaten(make, session, make.canteen(make.once("community", make.place), code="c-two"))
    twin = make.person("王秀英")
    theirs = other.order(twin, here.version, TENTH)
    here.eaten.order(here.li, here.version, date(2026, 3, 2))
    claim()
    merging.merge(session, twin.id, here.wang.id, now)
    second = claim(MARCH, frozen=False)
    assert set(flags_of(session, here, second)) == {mine, theirs}
    for booking_id, claims in ((theirs, False), (mine, True)):
        service.judge(session, here.me, second, booking_id, claims=claims, reason="同一人",
                      now=here.after)  # fmt: skip
    service.freeze(session, here.me, second, here.after)
    assert (theirs, "left_out", -200) in lines(session, second)
    assert sound(session)


def test_what_the_audit_finds(session, here, claim, make: Make) -> None:
    """Rows that no verb writes."""
    booked = here.eaten.order(here.wang, here.version, TENTH)
    late = here.eaten.order(here.li, here.version, date(2026, 3, 2))
    first, draft = claim(), claim(MARCH, frozen=False)
    other = Eaten(make, session, make.canteen(make.once("community", make.place), code="c-two"))
    twice = other.order(here.wang, here.version, TENTH)
    assert sound(session)
    plain = {"person_id": here.wang.id, "canteen_id": here.canteen.id, "meal": "lunch",
             "day": TENTH, "why": "late", "fen": -201}  # fmt: skip
    for name, rows in {
        "claims-are-their-lines": [MealClaimLine(claim_id=first, seq=3, booking_id=late, **plain)],
        "claims-never-ask-twice": [
            MealClaimLine(claim_id=draft, seq=1, booking_id=booked, **plain)
        ],
        "claims-have-their-days": [
            MealClaimLine(claim_id=first, seq=2, booking_id=late,
                          **plain | {"why": "meal", "day": date(2026, 3, 2), "fen": 1})
        ],
        "one-claim-per-meal": [
            MealJudgement(booking_id=one, claims=True, flags=["two_canteens"], reason="x",
                          staff_id=here.eaten.staff_id, at=make.now)
            for one in (booked, twice)
        ],
    }.items():  # fmt: skip
        with session.begin_nested() as broken:
            session.add_all(rows)
            assert name in wrong(session)
            broken.rollback()
    assert sound(session)


def test_deleting_leaves_the_claim_without_words(session, here, claim, make: Make, now) -> None:
    """A person's facts go; lines, sums and the text stay, and nothing is taken back."""
    resident = make.resident("赵敏", phone="13800000009")
    booked = here.eaten.order(resident.person, here.version, TENTH)
    here.eaten.order(here.wang, here.version, TENTH)
    make.add(
        Departure(
            person_id=resident.person.id, kind=Leaving.MOVED, left_on=TENTH, noted_at=now,
            staff_id=here.eaten.staff_id,
        )
    )  # fmt: skip
    ident = claim(frozen=False)
    service.judge(session, here.me, ident, booked, claims=True, reason="赵敏当天还在", now=now)
    service.freeze(session, here.me, ident, here.after)
    deleting.delete_account(session, resident.me, here.after)
    session.expire_all()
    row = service.access_frozen(session, here.me, ident)
    assert queries.matches(session, row)
    assert session.scalar(select(MealJudgement.reason)) == ""
    assert len(lines(session, ident)) == 2
    assert queries.since(session, here.me, ident)[1:] == ([], [])
    assert sound(session)
