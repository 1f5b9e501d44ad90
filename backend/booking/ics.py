"""Calendar files (RFC 5545): what the calendars of all services have alike."""

from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from icalendar import Calendar, Event, Timezone

from backend import clock, config

_ZONE = Timezone.from_tzid(
    clock.LOCAL.key, first_date=date(2000, 1, 1), last_date=date(2037, 12, 31)
)


def calendar(service: str, name: str, events: Iterable[Event]) -> bytes:
    """A calendar called `name` with these events; `service` names its maker, in English."""
    made = Calendar()
    made.add("prodid", f"-//Xingfu//{service}//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", clock.LOCAL.key)
    made.add("refresh-interval;value=duration", "PT1H")
    made.add_component(_ZONE)
    for event in events:
        made.add_component(event)
    return bytes(made.to_ical())


def event(
    what: str, starts_at: datetime, ends_at: datetime, *, made_at: datetime, summary: str,
    where: Iterable[str | None], cancelled: bool = False,
) -> Event:  # fmt: skip
    """One entry; its UID is `what` at this site: a later file moves the same entry."""
    made = Event()
    made.add("uid", f"{what}@{urlsplit(config.current().public_url).hostname}")
    made.add("dtstamp", made_at)
    made.add("dtstart", clock.local(starts_at))
    made.add("dtend", clock.local(ends_at))
    made.add("summary", summary)
    made.add("location", " ".join(filter(None, where)))
    made.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    made.add("sequence", 1 if cancelled else 0)
    return made
