"""What staff find to do in the demo's scenes: fees, excuses, a tablet's entries, the term ahead."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.claims import queries as claims
from backend.canteen.delivery import hours, queries
from backend.canteen.guests.models import GuestSale
from backend.canteen.kitchen import lines as kitchen_lines
from backend.canteen.kitchen import sheet
from backend.canteen.kitchen.models import KitchenSheet
from backend.canteen.models import Canteen, Dish, MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.pricing import settlement
from backend.canteen.pricing.engine import Wanted, price
from backend.canteen.pricing.facts import rules_for
from backend.canteen.pricing.rules import Eater, Serving, Used
from backend.canteen.public_months.service import list_public
from backend.canteen.repeating.models import StandingOrder, StandingPause
from backend.canteen.welfare import queries as welfare
from backend.canteen.welfare.models import AbsentDay, GridWorker, WelfareCase
from backend.db import db
from backend.demo.catalogue import PICTURES
from backend.market.models import MarketDay, Stall
from backend.market.visits.models import HomeVisit
from backend.market.wishing.models import MarketWish
from backend.night_school import roster
from backend.night_school.excuses.models import Excuse
from backend.night_school.fees import queries as fees
from backend.night_school.models import CourseRun, Lesson, Term
from backend.night_school.teacher_links import service as teacher_links
from backend.night_school.teacher_links.models import TeacherLink
from backend.night_school.uploads.models import UploadedEntry
from backend.people.models import Account
from backend.places.models import CalendarDay, Closure, Place
from backend.reminders.models import Reminder
from backend.staff.models import AuditEntry, Staff
from backend.standing.models import Appeal
from backend.standing.queries import get_standing
from tests.conftest import NOON
from tests.console import me_of
from tests.demo.test_scenes import scene


def test_fees_stand_in_every_state(district) -> None:
    owed = fees.of_run(db.session(), scene("扎染"))
    assert Counter(one["state"] for one in owed.values()) == {
        "paid": 6, "unpaid": 3, "refunded": 1, "waived": 1,
    }  # fmt: skip
    assert fees.sums(owed)["to_refund"] == 9000


def test_one_left_late_and_one_waits_to_change(district) -> None:
    of_classes = select(BookingEvent).join(Booking).join(CourseRun)
    late = db.session.scalars(of_classes.where(BookingEvent.late_minutes > 0)).all()
    assert [one.state for one in late] == [State.CANCELLED]
    [waiting] = db.session.scalars(select(Booking).where(Booking.transfer_from_id.is_not(None)))
    left = db.session.get_one(Booking, waiting.transfer_from_id)
    assert (waiting.state, left.state) == (State.WAITING, State.CONFIRMED)
    titles = [db.session.get_one(Bookable, one.bookable_id).title for one in (left, waiting)]
    assert titles == ["中式面点"] * 2


def test_excuses_are_asked_before_and_after_and_withdrawn(district) -> None:
    told = {}
    for excuse in db.session.scalars(select(Excuse)):
        run_id = db.session.get_one(Lesson, excuse.lesson_id).run_id
        sheet = roster.sheet(db.session(), excuse.lesson_id, run_id, NOON)
        [mark] = [one for one in sheet if one["booking_id"] == excuse.booking_id]
        told[mark["presence"]] = mark["excuse_reason"]
    assert told == {
        "excused": "家里来客人，走不开。", None: None, "excused_after": "突然发烧，忘了提前请假。",
    }  # fmt: skip


def test_what_somebody_missed_is_told_and_answered(district) -> None:
    waits, answered = db.session.scalars(select(Appeal).order_by(Appeal.state)).all()
    assert (waits.state, answered.state) == ("asked", "granted")
    for one, weighs in ((waits, True), (answered, False)):
        person_id = db.session.get_one(Booking, one.booking_id).person_id
        [entry] = [
            entry for entry in get_standing(db.session(), person_id, NOON)["entries"]
            if (entry["booking_id"], entry["occasion_id"]) == (one.booking_id, one.occasion_id)
        ]  # fmt: skip
        assert (entry["weighs"] > 0) == weighs
    asking = select(Bookable.title).join(CourseRun.__table__, Bookable.id == CourseRun.id)
    titles = db.session.scalars(asking.where(CourseRun.most_missed.is_not(None)))
    assert titles.all() == ["智能手机轻松学"]


def test_a_tablet_sent_what_somebody_has_to_decide(district) -> None:
    entries = db.session.scalars(select(UploadedEntry).order_by(UploadedEntry.id)).all()
    assert [one.outcome for one in entries] == ["conflict", "kept", "kept"]
    assert all(one.decided_at is None and one.clock_off > 7000 for one in entries)


def test_what_was_done_is_told_in_its_order(district) -> None:
    at = db.session.scalars(select(AuditEntry.at).order_by(AuditEntry.id)).all()
    assert len(at) > 50
    assert at == sorted(at)
    assert at[-1] <= NOON


def test_meals_are_ordered_week_after_week_and_rest(district) -> None:
    by = db.session.execute(
        select(StandingOrder.staff_id, Account.person_id == StandingOrder.person_id).outerjoin(
            Account, Account.id == StandingOrder.account_id
        )
    ).all()
    assert {own for staff_id, own in by if staff_id is None} == {True, False}
    assert any(staff_id for staff_id, _own in by)
    rests = db.session.scalars(select(StandingPause.why)).all()
    assert sorted(rests) == ["away", "hospital"]
    facts = [one for one in db.session.scalars(select(Reminder.facts)) if one]
    told = Counter(key for one in facts for key in one)
    assert told["standing_made"] > 5
    assert told["standing_rest"]
    assert told["left_out"]


def test_a_colleague_stands_in_and_a_teacher_has_a_link(district) -> None:
    [lesson] = db.session.scalars(select(Lesson).where(Lesson.teacher_id.is_not(None)))
    run = db.session.get_one(CourseRun, lesson.run_id)
    assert lesson.starts_at > NOON
    assert lesson.teacher_id != run.teacher_id
    run_id = db.session.scalars(select(TeacherLink.run_id)).one()
    [link] = teacher_links.list_open(db.session(), run_id)
    assert teacher_links.open_link(db.session(), link["address"].partition("key=")[2], NOON)


def test_the_term_ahead_goes_around_a_day_off_and_a_closed_house(district) -> None:
    term = db.session.scalars(select(Term).order_by(Term.starts_on.desc()).limit(1)).one()
    run = db.session.scalars(select(CourseRun).where(CourseRun.term_id == term.id)).one()
    days = [
        clock.today(at)
        for at in db.session.scalars(select(Lesson.starts_at).where(Lesson.run_id == run.id))
    ]
    off = db.session.scalars(select(CalendarDay.day)).one()
    closed = db.session.scalars(select(Closure)).one()
    assert term.starts_on < min(days) < off < closed.starts_on < max(days) <= term.ends_on
    assert off not in days
    assert not any(closed.starts_on <= day <= closed.ends_on for day in days)
    assert {day.weekday() for day in days} == {1, 3}
    assert db.session.scalar(select(func.count()).select_from(Term)) == 3


def test_markets_are_planned(district) -> None:
    held = db.session.scalars(select(MarketDay.day).order_by(MarketDay.day)).all()
    past, *_to_come = held
    stalls = db.session.scalars(
        select(Stall).join(MarketDay).where(MarketDay.day > past).order_by(Stall.id)
    ).all()
    assert [one.at_once for one in stalls if not one.at_home] == [2, 3, 1, 1, 1, 1, 1, 1]
    assert [one.last_number for one in stalls if not one.at_home] == [0] * 6 + [5, 3]
    assert len(held) == 4
    assert db.session.scalar(select(func.count()).select_from(MarketWish)) > 100
    visits = select(Booking.state).join(HomeVisit).order_by(Booking.id)
    assert list(db.session.scalars(visits)) == ["confirmed", "requested", "requested"]


def test_menus_are_shown(district) -> None:
    week = select(func.count()).select_from(MealService)
    assert db.session.scalar(week.where(Bookable.published_at.is_(None))) >= 6
    assert db.session.scalar(week.where(Bookable.published_at.is_not(None))) >= 10
    assert db.session.scalar(select(func.count()).select_from(Dish)) == 10


def test_bags_of_past_lunches_were_carried(district) -> None:
    session = db.session()
    me = me_of(session.scalars(select(Staff).where(Staff.username == "dispatcher")).one())
    today = clock.today(NOON)
    runs = hours.runs_of(session, me, today - timedelta(days=20), today)
    found = {one.name: one for one in hours.by_courier(runs)}
    assert set(found) == {"马晓峰", "唐建军"}
    for one in found.values():
        assert (one.runs > 5, one.minutes > 100, one.bags > 15, one.still_out) == (
            True, True, True, 0,
        )  # fmt: skip


def test_a_lunch_is_past_its_cut_off(district) -> None:
    session = db.session()
    head = session.scalars(
        select(KitchenSheet)
        .join(MealService, MealService.id == KitchenSheet.meal_service_id)
        .where(KitchenSheet.papers_at.is_not(None), MealService.meal == "lunch")
    ).one()
    assert (head.orders, head.papers_at is not None) == (26, True)
    before = kitchen_lines.frozen(session, head.meal_service_id)
    found = sheet.changes(before, kitchen_lines.current(session, head.meal_service_id))
    assert [(one.clashes, one.portions) for one in found] == [
        (("allergen:fish",), 0), ((), -1)
    ]  # fmt: skip
    arranged = sheet.arrange(kitchen_lines.current(session, head.meal_service_id))
    assert len(arranged.specials) > 3
    assert len(arranged.lost) == 1
    runs = queries.runs_of(session, head.meal_service_id, NOON)
    assert len(runs) == 2
    assert sum(one["todo"] for one in runs) == 9
    assert sum(one["gone"] for one in runs) == 1  # given back an hour after orders closed
    waits = [one["waits"] for one in queries.waiting(session, head.meal_service_id)]
    assert waits == ["no_address", "too_few", "too_few"]


def test_guests_ate_and_a_lunch_is_missed_at_dinner(district) -> None:
    session, today = db.session(), clock.today(NOON)
    stands = [sale.undone_at is None for sale in session.scalars(select(GuestSale))]
    assert Counter(stands) == {True: 2, False: 2}  # at the lunch before the last, and today's
    dinner = select(Booking.person_id).join(MealService, MealService.id == Booking.bookable_id)
    people = session.scalars(dinner.where(MealService.meal == "dinner")).all()
    assert len(people) == 6
    later = NOON + timedelta(hours=2)
    hungry = welfare.lunch_not_taken(session, "dinner", people, today, later)
    assert 0 < len(hungry) < len(people)


def test_who_did_not_open_was_found(district) -> None:
    session = db.session()
    ended = session.scalars(select(WelfareCase.outcome).order_by(WelfareCase.opened_at)).all()
    assert ended == ["away", "hospital"]
    assert session.scalar(select(func.count()).select_from(GridWorker)) > 2
    assert session.scalar(select(func.count()).select_from(AbsentDay)) == 1


def test_two_weeks_of_lunches_are_charged_and_settled(district) -> None:
    """What was eaten stands in the kitchen, on accounts and in the settlement, and ties out."""
    session, today = db.session(), clock.today(NOON)
    manager = me_of(session.scalars(select(Staff).where(Staff.username == "manager")).one())
    first = today - timedelta(days=14)
    [month] = settlement.of_month(session, manager, first, today, NOON)
    assert month.ties_out
    assert month.meals > 200
    assert {one.name for one in month.claims} > {"长者助餐"}
    days = session.scalars(
        select(MealService.day).join(KitchenSheet, KitchenSheet.meal_service_id == MealService.id)
    ).all()
    assert len([one for one in days if one < today]) >= 10
    spent = select(func.sum(Entry.fen)).where(Entry.kind == EntryKind.CHARGE, Entry.at < NOON)
    assert -session.scalars(spent).one() >= month.pays_fen + month.fee_fen
    states = Counter(session.scalars(select(Booking.state).join(MealOrder)))
    assert states["attended"] > 200
    assert states["missed"] > 3
    pictures = session.scalars(select(Dish.picture)).all()
    assert all((PICTURES / one).is_file() for one in pictures)


def test_subsidies_have_the_published_shapes(district) -> None:
    """What each would give on the set meal for twelve yuan."""
    session = db.session()
    canteen = session.execute(select(Canteen.place_id, Place.path).join(Place)).one()
    rules = rules_for(session, canteen.path, clock.today(NOON))
    assert len(rules) == 6
    lunch = Serving(day=clock.today(NOON), meal="lunch", mode="dine_in")

    def tried(age: int, *categories: str, had: bool = False) -> tuple[str | None, dict[str, int]]:
        eater = Eater(age=age, home_path=canteen.path, categories=frozenset(categories))
        once = Used(day_fen=100, day_meals=1, week_fen=100, week_meals=1)
        used = {(rule.id, 1): once for rule in rules} if had else {}
        found = price([Wanted(1, 1, 1200)], eater, lunch, rules, used)
        paid = Counter[str]()
        for one in found.lines[0].shares:
            paid[one.payer] += one.fen
        return found.rule and found.rule.name, dict(paid)

    tier = {"city": 500, "district": 400, "street": 200}
    assert tried(59) == (None, {})
    assert tried(60) == ("长者助餐", {"city": 300})
    assert tried(60, "low_income") == ("特困助餐（一档）", tier)
    assert tried(60, "veteran")[1] == {"city": 400, "district": 300, "street": 200}
    assert tried(80, "living_alone")[1] == {"city": 300, "district": 200, "street": 200}
    assert tried(80) == ("本社区 80 岁以上助餐", {"street": 240, "community": 100})
    assert tried(80, had=True) == ("长者助餐", {"city": 300})


def test_last_week_is_claimed(district) -> None:
    """The city's claim is final with one meal left out, a tick was taken back since; the street's
    is a draft; two months are public.
    """
    session = db.session()
    accountant = me_of(session.scalars(select(Staff).where(Staff.username == "accountant")).one())
    street, city = claims.list_claims(session, accountant)
    assert (street.payer, street.frozen_at, city.payer) == ("street", None, "city")
    assert city.meals > 50
    assert claims.matches(session, city)
    assert len(list_public(session, None)["months"]) == 2
    _row, later, coming = claims.since(session, accountant, city.id)
    assert (later, [one["why"] for one in coming]) in (([], ["undone"]), ([], []))
