"""The rules of reserving a room. Each is one function that raises one refusal.

The same tuple serves the starts on show, "why can't I?", the preview, making, changing and the
desk; their order is the order of answers.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from backend import clock
from backend.errors import Refusal
from backend.places.models import OccupantKind
from backend.venues import errors
from backend.venues.asked import MINUTE, Asked, Rule, RuleSet, Use
from backend.venues.groups import errors as group_errors
from backend.venues.models import Audience


def has_a_length(asked: Asked) -> None:
    """It ends after it begins."""
    if asked.ends_at <= asked.starts_at:
        raise errors.EndsBeforeStart()


def is_for_residents(asked: Asked) -> None:
    """Some rooms are given by staff alone."""
    if asked.rules.audience == Audience.STAFF:
        raise errors.StaffOnly()


def is_for_more_than_groups(asked: Asked) -> None:
    """Some rooms are for registered groups alone."""
    if asked.rules.audience == Audience.GROUPS and asked.person is not None:
        raise group_errors.GroupsOnly()


_LEVEL = {Audience.DISTRICT: 1, Audience.STREET: 2, Audience.COMMUNITY: 3}


def lives_near_enough(asked: Asked) -> None:
    """The home lies in the same district, street or community as the room, as the rules want.

    A room that stands further up, as the district's centre does, is for all below its place.
    """
    level = _LEVEL.get(Audience(asked.rules.audience))
    if level is None or asked.person is None:
        return
    if asked.person.home_path is None:
        raise errors.HomeUnknown()
    if not asked.person.home_path.startswith(_within(asked.place_path, level)):
        raise errors.HomeElsewhere()


def _within(place_path: str, level: int) -> str:
    return "/".join(place_path.split("/")[: level + 1]).rstrip("/") + "/"


def group_is_registered(asked: Asked) -> None:
    """The group has not ended, and its registration lasts to the day of the use."""
    group = asked.group
    if group is None:
        return
    last = group.valid_until
    if group.ended or (last is not None and clock.today(asked.starts_at) > last):
        raise group_errors.GroupNotRegistered(valid_until=last and last.isoformat())


def group_is_near_enough(asked: Asked) -> None:
    """The group is registered in the same district, street or community, as the rules want."""
    level = _LEVEL.get(Audience(asked.rules.audience))
    if level is None or asked.group is None:
        return
    if not asked.group.place_path.startswith(_within(asked.place_path, level)):
        raise group_errors.GroupElsewhere()


def lies_ahead(asked: Asked) -> None:
    """Nothing is reserved that has begun."""
    if asked.starts_at <= asked.now:
        raise errors.Past()


def is_not_too_soon(asked: Asked) -> None:
    """`lead_minutes` before the start at the latest; exactly then is in time."""
    lead = asked.rules.lead_minutes
    if asked.starts_at < asked.now + lead * MINUTE:
        raise errors.TooSoon(lead_minutes=lead)


def is_within_the_horizon(asked: Asked) -> None:
    """Today and so many days after it; a new day opens at midnight."""
    days = asked.rules.horizon_days
    first = clock.today(asked.starts_at) - timedelta(days=days)
    if first > clock.today(asked.now):
        opens_at = datetime(first.year, first.month, first.day, tzinfo=clock.LOCAL)
        raise errors.TooFarAhead(days, opens_at, asked.now)


def is_open(asked: Asked) -> None:
    """It begins while the room is open."""
    if asked.span() is None:
        today = clock.today(asked.starts_at)
        raise errors.RoomClosed(why=next((one.why for one in asked.days if one.day == today), None))


def ends_before_closing(asked: Asked) -> None:
    """The room stays open to the end."""
    span = asked.span()
    if span is not None and asked.ends_at > span.ends_at:
        raise errors.AcrossClosing(closes_at=span.ends_at)


def fills_the_day(asked: Asked) -> None:
    """Whole-day rooms are reserved from the opening to the closing of one span."""
    span = asked.span()
    if asked.rules.whole_day and span and (asked.starts_at, asked.ends_at) != (
        span.starts_at, span.ends_at,
    ):  # fmt: skip
        raise errors.WholeDayOnly()


def is_on_the_grid(asked: Asked) -> None:
    """The grid is anchored on the opening; the closing is on it, too."""
    span, grid = asked.span(), asked.rules.grid_minutes * MINUTE
    if span is None or asked.rules.whole_day:
        return
    ends_well = asked.ends_at == span.ends_at or not (asked.ends_at - span.starts_at) % grid
    if (asked.starts_at - span.starts_at) % grid or not ends_well:
        raise errors.OffGrid(grid_minutes=asked.rules.grid_minutes)


def is_long_enough(asked: Asked) -> None:
    """The least length."""
    if not asked.rules.whole_day and asked.minutes < asked.rules.min_minutes:
        raise errors.TooShort(min_minutes=asked.rules.min_minutes)


def is_short_enough(asked: Asked) -> None:
    """The greatest length."""
    if not asked.rules.whole_day and asked.minutes > asked.rules.max_minutes:
        raise errors.TooLong(max_minutes=asked.rules.max_minutes)


def is_free(asked: Asked) -> None:
    """No part of the room is in use."""
    for use in asked.uses:
        if use.starts_at < asked.ends_at and asked.starts_at < use.ends_at:
            said = {"why": use.why} if use.why else {}
            raise errors.InUse(use=str(use.kind), **said)


def keeps_the_gap(asked: Asked) -> None:
    """Between two uses lies the larger of the two gaps they want; blocks want none."""
    for use in asked.uses:
        gap = gap_minutes(asked.rules, use, earlier=use.ends_at <= asked.starts_at)
        apart = use.ends_at <= asked.starts_at or asked.ends_at <= use.starts_at
        near = use.starts_at - gap * MINUTE < asked.ends_at
        if apart and near and asked.starts_at < use.ends_at + gap * MINUTE:
            raise errors.TooClose(gap_minutes=gap)


def gap_minutes(rules: RuleSet, use: Use, *, earlier: bool) -> int:
    """The gap to a use that is `earlier`, or later, than what follows these rules."""
    if use.kind == OccupantKind.BLOCK:
        return 0
    if earlier:
        return max(use.buffer_after, rules.buffer_before)
    return max(rules.buffer_after, use.buffer_before)


def fits_in(asked: Asked) -> None:
    """No more people than the room holds."""
    if None not in (asked.headcount, asked.capacity) and asked.headcount > asked.capacity:  # type: ignore[operator]
        raise errors.TooManyPeople(capacity=asked.capacity)


def has_not_enough(asked: Asked) -> None:
    """So many reservations to come per person."""
    most = asked.rules.person_live
    if asked.person is not None and most and asked.person.live >= most:
        raise errors.EnoughReserved(most=most)


def household_has_not_enough(asked: Asked) -> None:
    """So many reservations to come per household."""
    most = asked.rules.household_live
    if asked.person is not None and most and asked.person.household_live >= most:
        raise errors.HouseholdHasEnough(most=most)


def has_not_enough_this_week(asked: Asked) -> None:
    """So many minutes a week (from Monday on) per person."""
    most = asked.rules.person_week_minutes
    if asked.person is not None and most and asked.person.week_minutes + asked.minutes > most:
        raise errors.EnoughThisWeek(most_minutes=most)


def household_has_not_enough_this_week(asked: Asked) -> None:
    """So many minutes a week (from Monday on) per household."""
    most, person = asked.rules.household_week_minutes, asked.person
    if person is not None and most and person.household_week_minutes + asked.minutes > most:
        raise errors.HouseholdHasEnoughThisWeek(most_minutes=most)


def group_has_not_enough(asked: Asked) -> None:
    """So many reservations to come per group."""
    most = asked.rules.group_live
    if asked.group is not None and most and asked.group.live >= most:
        raise group_errors.GroupHasEnough(most=most)


def group_has_not_enough_this_week(asked: Asked) -> None:
    """So many minutes a week (from Monday on) per group."""
    most = asked.rules.group_week_minutes
    if asked.group is not None and most and asked.group.week_minutes + asked.minutes > most:
        raise group_errors.GroupHasEnoughThisWeek(most_minutes=most)


OF_HOURS: tuple[Rule, ...] = (
    has_a_length,
    lies_ahead,
    is_open,
    is_within_the_horizon,
    is_not_too_soon,
    ends_before_closing,
    fills_the_day,
    is_on_the_grid,
    is_long_enough,
    is_short_enough,
)
"""What depends on the clock and the hours alone: not on what uses the room."""

OF_USES: tuple[Rule, ...] = (is_free, keeps_the_gap)
"""What depends on the uses near by: without any they have nothing to say."""

OF_TIME = (*OF_HOURS, *OF_USES)
"""What is the same for everybody: the starts on show are judged by these."""

OF_PERSON: tuple[Rule, ...] = (
    is_for_residents,
    is_for_more_than_groups,
    lives_near_enough,
    group_is_registered,
    group_is_near_enough,
    fits_in,
    has_not_enough,
    household_has_not_enough,
    has_not_enough_this_week,
    household_has_not_enough_this_week,
    group_has_not_enough,
    group_has_not_enough_this_week,
)

RULES = (*OF_TIME, *OF_PERSON)

OF_APPROVAL: tuple[Rule, ...] = (is_open, ends_before_closing, is_free, keeps_the_gap)
"""What must hold still when a request is approved; the rest was checked as it was made."""

DESK_MAY_OVERRULE = frozenset(
    {
        is_within_the_horizon, is_not_too_soon, is_open, ends_before_closing, fills_the_day,
        is_on_the_grid, is_long_enough, is_short_enough, keeps_the_gap, lives_near_enough,
        is_for_residents, has_not_enough, household_has_not_enough, has_not_enough_this_week,
        household_has_not_enough_this_week, is_for_more_than_groups, group_is_near_enough,
        group_has_not_enough, group_has_not_enough_this_week,
    }
)  # fmt: skip
"""What staff may set aside, with a reason that the history keeps."""

NOT_FOR_THE_DESK = frozenset({is_for_residents, is_not_too_soon})
"""What the desk need not keep to: it gives those rooms, and knows whether there is time."""


def check(
    asked: Asked, rules: Iterable[Rule] = RULES, *, passing: frozenset[Rule] = frozenset()
) -> None:
    """Raise the first refusal, but for the rules that are passed over."""
    for rule in rules:
        if rule not in passing:
            rule(asked)


def reasons(asked: Asked, rules: Iterable[Rule] = RULES) -> list[Refusal]:
    """Every refusal that applies, in the order of the rules."""
    found: list[Refusal] = []
    for rule in rules:
        try:
            rule(asked)
        except Refusal as refusal:
            found.append(refusal)
    return found
