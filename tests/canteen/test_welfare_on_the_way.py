"""What couriers are told before they knock: who is out, and at dinner who had no lunch."""

from backend import clock
from backend.booking.models import State
from backend.booking.service import Actor
from backend.canteen.carrying import mine, ticking
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery.models import Reason
from backend.canteen.models import Mode
from backend.canteen.welfare import absent, queries
from backend.people.models import Person
from backend.staff import audit
from tests.canteen.kitchens import cooked
from tests.canteen.runs import TODAY, carried


def test_who_is_out_and_who_had_no_lunch(make, session) -> None:
    dinner = carried(make, session)
    dinner.meal.service.meal = "dinner"
    dinner.meal.service.starts_at = clock.at_minute(TODAY, 1020)
    dinner.meal.service.ends_at = clock.at_minute(TODAY, 1110)
    session.commit()
    courier = dinner.staff()
    dinner.run(courier, "王秀英", "李国强", "赵玉兰")
    people = {name: one.person_id for name, one in dinner.bookings.items()}
    lunch = cooked(
        make, session, day=TODAY, starts_at=clock.at_minute(TODAY, 660),
        ends_at=clock.at_minute(TODAY, 700),
    )  # fmt: skip
    lunch.dish("红烧豆腐", 800)
    for name, state in (("王秀英", State.MISSED), ("李国强", State.ATTENDED)):
        person = session.get_one(Person, people[name])
        lunch.order(person, {"红烧豆腐": 1}, Mode.DINE_IN, state=state)
    absent.announce(session, people["赵玉兰"], TODAY, Actor(), make.now)
    session.commit()
    [run] = mine.list_mine(session, dinner.me(courier), make.now)
    told = {one["name"]: one["needs"] for one in run["stops"]}
    assert told == {
        "王*英": "午餐没有吃，请多留意", "李*强": "", "赵*兰": "登记过今天不在家",
    }  # fmt: skip
    dinner.meal.service.meal = "breakfast"  # no lunch is missed before it
    session.commit()
    [run] = mine.list_mine(session, dinner.me(courier), make.now)
    assert [one["needs"] for one in run["stops"]].count("") == 2


def test_only_what_is_on_file_spares_the_search(make, session) -> None:
    lunch = carried(make, session)
    courier = lunch.staff()
    run = lunch.run(courier, "王秀英", "李国强")
    absent.announce(session, lunch.bookings["王秀英"].person_id, TODAY, Actor(), make.now)
    audit.begin(session)
    became = {}
    for name, stop in lunch.stops.items():
        said = Tick(
            outcome=Outcome.FAILED, key=f"tick-{stop.id}", at=make.now,
            reason=Reason.ABSENT_ANNOUNCED,
        )  # fmt: skip
        ticked = ticking.tick(session, lunch.me(courier), run.id, stop.id, said, make.now)
        became[name] = ticked.reason
    assert became == {"王秀英": Reason.ABSENT_ANNOUNCED, "李国强": Reason.NO_ANSWER}
    ids = [one.id for one in lunch.bookings.values()]
    assert queries.open_of(session, ids) == {lunch.bookings["李国强"].id}
