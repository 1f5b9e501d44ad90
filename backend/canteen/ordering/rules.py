"""The rules of an order. Each is one function that raises one refusal; their order is the order of
answers, and the same tuple serves the price shown before, ordering, amending and the desk.
"""

from collections.abc import Callable, Collection

from flask_babel import gettext as _

from backend.booking.rules import age_on
from backend.canteen.models import Mode
from backend.canteen.ordering.asked import Asked
from backend.canteen.ordering.errors import (
    DayOff,
    DeliverWhere,
    DietClash,
    ForChildren,
    NotServedSo,
    OffTheMenu,
    OrdersClosed,
    SoldOut,
    TooManyPortions,
)
from backend.errors import Invalid, NotFound
from backend.people.household import OF_AGE

Rule = Callable[[Asked], None]


def is_on_show(asked: Asked) -> None:
    """A menu that is not shown yet does not exist for residents."""
    if asked.meal.published_at is None or asked.meal.published_at > asked.now:
        raise NotFound()


def takes_place(asked: Asked) -> None:
    """Nothing is ordered of a meal that was cancelled."""
    if asked.meal.cancelled_at is not None:
        raise DayOff(why=_("这一餐已经取消"))


def is_cooked(asked: Asked) -> None:
    """Nothing is ordered for a day that was called off after the menu was shown."""
    if asked.meal.why_not is not None:
        raise DayOff(why=asked.meal.why_not)


def is_not_closed(asked: Asked) -> None:
    """Up to the cut-off; exactly at it is closed."""
    if asked.now >= asked.meal.closes_at:
        raise OrdersClosed(asked.meal.closes_at, asked.now)


def is_an_order(asked: Asked) -> None:
    """At least one dish, each named once, at least one portion of each."""
    wanted = asked.wanted.dishes
    if not wanted or len(dict(wanted)) != len(wanted) or any(one[1] < 1 for one in wanted):
        raise Invalid({"dishes": [_("请至少选一道菜，每道菜至少一份。")]})


def is_on_the_menu(asked: Asked) -> None:
    """Dishes of this very meal."""
    if any(item_id not in asked.items for item_id, _portions in asked.wanted.dishes):
        raise OffTheMenu()


def is_served_so(asked: Asked) -> None:
    """Eaten in a way the meal is served in."""
    if asked.wanted.mode not in asked.meal.modes:
        raise NotServedSo()


def has_an_address(asked: Asked) -> None:
    """What is brought is brought somewhere."""
    if asked.wanted.mode == Mode.DELIVERY and not asked.address:
        raise DeliverWhere()


def is_not_too_much(asked: Asked) -> None:
    """At most so many portions of a dish per person and meal."""
    for item_id, portions in asked.wanted.dishes:
        if portions > asked.meal.most:
            raise TooManyPortions(dish=asked.items[item_id].name, most=asked.meal.most)


def is_for_them(asked: Asked) -> None:
    """Children's sets are for who is not of age on the day of the meal."""
    born = asked.eater.birth_date
    for item_id, _portions in asked.wanted.dishes:
        item = asked.items[item_id]
        if item.for_children and (born is None or age_on(born, asked.meal.day) >= OF_AGE):
            raise ForChildren(dish=item.name)


def fits_diet(asked: Asked) -> None:
    """What speaks against a dish for whoever eats it has to be confirmed."""
    if not asked.wanted.despite_diet and (against := asked.to_confirm()):
        raise DietClash(clashes=_("；").join(against))


def is_left(asked: Asked) -> None:
    """As many portions as are left, beside those one has already.

    Who looks sees it before anything is written; what counts is `portions.move`.
    """
    for item_id, portions in asked.wanted.dishes:
        item, had = asked.items[item_id], asked.had.get(item_id, 0)
        if item.capacity is None or portions <= had:
            continue
        left = item.capacity + item.overbooked - item.taken
        if portions - had > left:
            raise SoldOut(dish=item.name, left=left + had, item_id=item_id)


RULES: tuple[Rule, ...] = (
    is_on_show,
    takes_place,
    is_cooked,
    is_not_closed,
    is_an_order,
    is_on_the_menu,
    is_served_so,
    has_an_address,
    is_not_too_much,
    is_for_them,
    is_left,
    fits_diet,
)


def check(asked: Asked, *, leave_out: Collection[Rule] = ()) -> None:
    """Raise the first refusal."""
    for rule in RULES:
        if rule not in leave_out:
            rule(asked)
