"""Orders close: charged once, frozen once, nobody missing; what changes later is told."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from backend import scheduler
from backend.booking.models import Booking, State
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.kitchen import closing, lines, papers, sheet
from backend.canteen.kitchen.check import CHECKS
from backend.canteen.kitchen.lines import Line
from backend.canteen.kitchen.models import KitchenLine, KitchenPaper, KitchenSheet, PaperKind
from backend.canteen.models import Dish, Mode
from backend.commands.check import audit
from tests.canteen.kitchens import AFTER, CUTOFF, Cooked, cooked


@pytest.fixture
def lunch(make, session) -> Cooked:
    """Three dishes; five people, of whom two must not have what others eat."""
    meal = cooked(make, session)
    meal.dish("红烧豆腐", 800, allergens=["soy"], traits=["soft"])
    meal.dish("冬瓜虾仁汤", 500, allergens=["crustaceans"], ingredients="冬瓜、虾仁、香菜")
    meal.dish("清炒时蔬", 400)
    return meal


def charges(session) -> list[int]:
    found = select(Entry.fen).where(Entry.kind == EntryKind.CHARGE).order_by(Entry.id)
    return list(session.scalars(found))


def test_orders_close_once(lunch: Cooked, make, session) -> None:
    wang, li = make.person("王秀英"), make.person("李国强")
    order = lunch.order(wang, {"红烧豆腐": 1, "清炒时蔬": 2})
    lunch.pays(wang, order, 1600)
    lunch.order(li, {"清炒时蔬": 1}, state=State.CANCELLED)
    assert closing.due(session, CUTOFF - timedelta(seconds=1)) == []
    assert not closing.close(session, lunch.id, CUTOFF - timedelta(seconds=1))
    assert closing.due(session, CUTOFF) == [lunch.id]  # exactly then it is closed
    assert closing.close(session, lunch.id, CUTOFF)
    assert not closing.close(session, lunch.id, AFTER)
    assert closing.due(session, AFTER) == []
    assert charges(session) == [-1600]
    head = session.scalars(select(KitchenSheet)).one()
    assert (head.orders, head.portions, head.papers_at) == (1, 3, None)
    assert session.scalar(select(func.count()).select_from(KitchenLine)) == 2


def test_what_is_held_later_is_charged_too(lunch: Cooked, make, session) -> None:
    wang = make.person("王秀英")
    order = lunch.order(wang, {"清炒时蔬": 1})
    closing.close(session, lunch.id, CUTOFF)
    lunch.pays(wang, order, 400)
    assert closing.due(session, AFTER) == [lunch.id]
    assert closing.close(session, lunch.id, AFTER)
    assert charges(session) == [-400]


def test_the_sheet_counts_everybody(lunch: Cooked, make, session) -> None:
    soup = {"冬瓜虾仁汤": 1}
    for name in ("张桂兰", "刘建国"):
        person = make.person(name)
        lunch.diet(person, allergens=["crustaceans"])
        lunch.order(person, soup, Mode.DELIVERY, "翠园小区3号楼501")
    chen = make.person("陈淑珍")
    lunch.diet(chen, avoids=["香菜"], texture="minced")
    lunch.order(chen, soup | {"红烧豆腐": 2}, Mode.DELIVERY)
    lunch.order(make.person("王秀英"), soup | {"清炒时蔬": 1}, Mode.PICK_UP)
    found = sheet.arrange(lines.current(session, lunch.id))
    assert [(row.dish, row.portions, row.special) for row in found.dishes] == [
        ("红烧豆腐", 2, 2), ("冬瓜虾仁汤", 4, 3), ("清炒时蔬", 1, 0),
    ]  # fmt: skip
    assert [(one.texture, one.marks, one.portions) for one in found.specials] == [
        ("normal", ("allergen:crustaceans",), 2),
        ("minced", ("avoided:香菜",), 1),
        ("minced", (), 2),
    ]
    assert (found.orders, found.portions) == (4, 7)
    assert dict(found.modes) == {"delivery": 5, "pick_up": 2}
    assert [one.name for one in found.lost] == ["陈淑珍"]
    closing.close(session, lunch.id, CUTOFF)
    assert sheet.arrange(lines.frozen(session, lunch.id)).specials[0].portions == 2


def test_what_changes_after_the_cut_off_is_told(lunch: Cooked, make, session) -> None:
    wang, li, zhao = make.person("王秀英"), make.person("李国强"), make.person("赵玉兰")
    gone = lunch.order(wang, {"红烧豆腐": 1})
    lunch.order(li, {"清炒时蔬": 1})
    lunch.order(zhao, {"冬瓜虾仁汤": 2})
    closing.close(session, lunch.id, CUTOFF)
    session.execute(update(Booking).where(Booking.id == gone.id).values(state=State.CANCELLED))
    lunch.diet(li, avoids=["时蔬"])
    lunch.order(make.person("周凤英"), {"红烧豆腐": 3})
    found = sheet.changes(lines.frozen(session, lunch.id), lines.current(session, lunch.id))
    assert [(one.line.name, one.portions, one.clashes) for one in found] == [
        ("李国强", 0, ("avoided:时蔬",)), ("王秀英", -1, ()), ("周凤英", 3, ()),
    ]  # fmt: skip


def test_a_dish_that_turns_out_to_hold_shrimps(lunch: Cooked, make, session) -> None:
    """The day's actual ingredients count, not those it was ordered with."""
    wang = make.person("王秀英")
    lunch.diet(wang, allergens=["crustaceans"])
    lunch.order(wang, {"清炒时蔬": 1})
    closing.close(session, lunch.id, CUTOFF)
    greens = lunch.items["清炒时蔬"].dish_id
    session.execute(update(Dish).where(Dish.id == greens).values(allergens=["crustaceans"]))
    [change] = sheet.changes(lines.frozen(session, lunch.id), lines.current(session, lunch.id))
    assert change.clashes == ("allergen:crustaceans",)


def test_the_job_closes_every_meal_by_itself(
    lunch: Cooked, make, session, app, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One meal's fault, or a kill, harms no other; what was left undone is made good."""
    wang = make.person("王秀英")
    lunch.pays(wang, lunch.order(wang, {"清炒时蔬": 1}, Mode.DELIVERY, "3号楼"), 400)
    other = cooked(make, session, meal="breakfast")
    other.dish("杂粮粥")
    other.order(wang, {"杂粮粥": 1})
    monkeypatch.setattr("backend.clock.now", lambda: AFTER)
    write = lines.write

    def fail(session, meal_service_id: int, found: list[Line]) -> None:
        if meal_service_id == lunch.id:
            raise RuntimeError("the lights went out")
        write(session, meal_service_id, found)

    monkeypatch.setattr(lines, "write", fail)
    [job] = [one for one in scheduler.JOBS if one.name == "close meals"]
    assert job.work(lambda: False) == 2  # the breakfast, and its papers
    assert charges(session) == []
    assert papers.read(session, lunch.id, PaperKind.LABELS) is None
    monkeypatch.setattr(lines, "write", write)
    assert job.work(lambda: False) == 2
    assert job.work(lambda: False) == 0
    assert charges(session) == [-400]
    assert session.scalar(select(func.count()).select_from(KitchenPaper)) == 4
    assert papers.read(session, lunch.id, PaperKind.SHEET).startswith(b"%PDF")
    assert not closing.keep_papers(session, lunch.id, {}, AFTER)


def broken() -> set[str]:
    """The checks that find something wrong once orders have been closed for an hour."""
    return {one.check.name for one in audit(timedelta(hours=-5)) if one.rows}


def test_a_sheet_that_lost_somebody_is_found(lunch: Cooked, make, session) -> None:
    wang = make.person("王秀英")
    order = lunch.order(wang, {"清炒时蔬": 1, "红烧豆腐": 1})
    assert "meals-have-their-sheet" in broken()
    closing.close(session, lunch.id, CUTOFF)
    assert not broken() & {one.name for one in CHECKS}
    lunch.pays(wang, order, 400)
    greens = lunch.items["清炒时蔬"].id
    session.execute(delete(KitchenLine).where(KitchenLine.menu_item_id == greens))
    session.commit()
    sheets = {one.name for one in CHECKS} - {"replaced-dishes-are-settled", "cuts-are-of-shares"}
    assert sheets - broken() == {"meals-have-their-sheet"}
