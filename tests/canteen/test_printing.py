"""Every bag has a label that is true: late orders and moved stops are printed after the others."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.delivery import moving
from backend.canteen.delivery import papers as route_lists
from backend.canteen.delivery.models import DeliverySetting
from backend.canteen.kitchen import closing, labels, papers, printing, replacing
from backend.canteen.kitchen.models import KitchenPaper, PaperKind
from backend.errors import NotFound
from backend.people.models import Person
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from tests.canteen.kitchens import AFTER
from tests.canteen.routes import Brought, brought

LATER = AFTER + timedelta(minutes=5)


@pytest.fixture
def world(make, session) -> Brought:
    """Three bags in two runs; labels lie ready, and nobody has printed them yet."""
    made = brought(make, session)
    make.add(DeliverySetting(canteen_id=made.lunch.canteen.id, bag_capacity=2))
    made.wang = made.order("翠园小区1号楼501", "王秀英")
    made.order("翠园小区1号楼301", "周强")
    made.li = made.order("锦绣苑2号楼301", "李国强")
    made.facts(made.cuiyuan, turn=1)
    made.plan()
    closing.keep_papers(session, made.lunch.id, papers.draw(session, made.lunch.id), AFTER)
    session.commit()
    place = make.once("community", make.place)
    someone = make.staff(Role.COOK, place)
    made.cook = SignedInStaff(someone.id, "刘师傅", (Scope(Role.COOK, place.id, place.path, ""),))
    made.me = made.dispatcher()
    return made


def outdated(world: Brought) -> dict[str, tuple[str, str, bool]]:
    """Whose labels are to be printed again: the stop they say, and should say."""
    found = printing.outdated(world.session, world.lunch.id)
    return {one.line.name: (one.was, labels.stop_of(one.line), one.is_new) for one in found}


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n")


def print_all(world: Brought, now=LATER) -> int:
    """How many labels came out."""
    pdf = printing.print_all(world.session, world.cook, world.lunch.id, now)
    world.session.commit()
    return pages(pdf)


def print_changed(world: Brought) -> int:
    pdf = printing.print_changed(world.session, world.cook, world.lunch.id)
    world.session.commit()
    return pages(pdf)


def late(world: Brought, name: str = "赵玉兰"):
    """Somebody's order that is entered when the runs are planned already."""
    order = world.order("锦绣苑2号楼101", name, created_at=LATER)
    world.plan()
    return order


def made_at(world: Brought):
    found = select(KitchenPaper.made_at).where(KitchenPaper.kind == PaperKind.LABELS)
    return world.session.scalars(found).one()


def test_what_is_entered_late_is_printed_after_the_others(world: Brought) -> None:
    assert outdated(world) == {}  # nothing is in hand yet
    assert (print_all(world), made_at(world)) == (3, AFTER)  # those that lay ready
    assert outdated(world) == {}
    late(world)
    assert outdated(world) == {"赵玉兰": ("", "2趟2号", True)}
    assert print_changed(world) == 1
    assert outdated(world) == {}
    actions = world.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("meal.labels") == 2


def test_whoever_prints_late_has_a_label_for_every_bag(world: Brought) -> None:
    late(world)
    assert (print_all(world), made_at(world)) == (4, LATER)  # drawn anew
    assert outdated(world) == {}


def test_a_stop_in_another_run_has_another_label(world: Brought) -> None:
    print_all(world)
    other = world.stop(world.li).run_id
    moving.move(world.session, world.me, world.stop(world.wang).id, other, LATER)
    world.session.commit()
    assert outdated(world) == {"王秀英": ("1趟1号", "2趟2号", False)}
    drawn = route_lists.labels(world.session, world.lunch.id)
    papers.keep_anew(world.session, world.lunch.id, drawn, LATER)
    assert list(outdated(world)) == ["王秀英"]  # laid ready is not printed
    moving.order_anew(world.session, world.me, other, LATER)
    world.session.commit()
    assert outdated(world) == {
        "王秀英": ("1趟1号", "2趟1号", False), "李国强": ("2趟1号", "2趟2号", False),
    }  # fmt: skip
    assert print_changed(world) == 2
    assert outdated(world) == {}


def test_what_is_not_carried_or_had_already_needs_no_label(world: Brought, session) -> None:
    print_all(world)
    order = late(world)
    booking.cancel(session, world.wang.id, Actor(staff_id=world.me.staff_id), LATER, "不吃了")
    assert list(outdated(world)) == ["赵玉兰"]
    session.get_one(Booking, order.id).state = State.ATTENDED
    session.commit()
    assert outdated(world) == {}


def test_another_dish_or_another_need_is_another_label(world: Brought, make, session) -> None:
    print_all(world)
    world.lunch.diet(session.get_one(Person, world.li.person_id), texture="minced")
    assert list(outdated(world)) == ["李国强"]
    item = world.lunch.items["清炒时蔬"]
    tofu = make.dish(world.lunch.canteen, name="豆腐", list_fen=400, allergens=[])
    asked = (session, world.cook, world.lunch.id, item.id, tofu.id, item.dish_id)
    replacing.replace(*asked, "没到货", LATER)
    session.commit()
    assert list(outdated(world)) == ["李国强", "王秀英", "周强"]
    assert print_changed(world) == 3


def test_before_they_lie_ready_there_is_nothing_to_print(world: Brought, make, session) -> None:
    session.execute(KitchenPaper.__table__.delete())
    for verb in (print_all, print_changed):
        with pytest.raises(NotFound):
            verb(world)
    assert outdated(world) == {}
