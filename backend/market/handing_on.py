"""Those who wait at a stall that closes are handed on to another stall of the same service.

The rule (docs/rules): they keep their order and the time from which they have waited. Whoever
booked stays due at their time. Those who just came go in turns with those who waited at the new
stall already: behind each of these one of theirs, so nobody there lets more people pass than had
been before them anyway.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.db import AnyRow, table_of
from backend.market import giving, lines
from backend.market.errors import NotToThatStall
from backend.market.models import (
    IN_LINE,
    Provider,
    Stage,
    Stall,
    StallProvider,
    Ticket,
)
from backend.reminders import outbox
from backend.reminders.models import Kind

_ticket = table_of(Ticket)


def others(session: Session, stall: AnyRow, now: datetime) -> list[dict[str, Any]]:
    """Stalls of the market that could take them on: the same service for the same people, open.

    Each with who is at it and its line, the one with the shortest wait first.
    """
    rows = session.execute(
        select(Stall.id)
        .where(
            Stall.market_day_id == stall.market_day_id, Stall.service_id == stall.service_id,
            Stall.id != stall.id, Stall.closed_at.is_(None), ~Stall.at_home,
            Stall.min_age.is_not_distinct_from(stall.min_age),
            Stall.max_age.is_not_distinct_from(stall.max_age),
            Stall.home_place_id.is_not_distinct_from(stall.home_place_id),
        )
        .order_by(Stall.id)
    )  # fmt: skip
    found = [lines.of_stall(session, one, now) for one in rows.scalars().all()]
    people = people_at(session, [line["stall_id"] for line in found])
    return sorted(
        (line | {"people": people[line["stall_id"]]} for line in found if not line["closed"]),
        key=lambda line: (line["minutes_new"], line["stall_id"]),
    )


def people_at(session: Session, stall_ids: Sequence[int]) -> dict[int, str]:
    """Who is at each of the stalls, as one tells them apart."""
    rows = session.execute(
        select(StallProvider.stall_id, Provider.name)
        .join(Provider, Provider.id == StallProvider.provider_id)
        .where(StallProvider.stall_id.in_(stall_ids))
        .order_by(Provider.id)
    ).all()
    return {
        stall_id: "、".join(row.name for row in rows if row.stall_id == stall_id)
        for stall_id in stall_ids
    }


def hand_on(session: Session, stall: AnyRow, to_id: int, now: datetime) -> int:
    """Everybody who waits at the stall gets a number at the other, and is told; how many.

    The rows of both stalls are held. Whoever has a number there already keeps that one. Raises
    NotToThatStall.
    """
    to = next((one for one in others(session, stall, now) if one["stall_id"] == to_id), None)
    if to is None:
        raise NotToThatStall()
    line = lines.of_stall(session, stall.id, now)["waiting"]
    order = {one["number"]: place for place, one in enumerate(line)}
    leaving = sorted(_in_line(session, stall.id, Stage.WAITING), key=lambda row: order[row.number])
    there = _in_line(session, to_id, *IN_LINE)
    known = {row.person_id: (row.id, row.number) for row in there if row.person_id is not None}
    coming = [row for row in leaving if row.person_id not in known]
    given = giving.give(session, [_asked(row, to_id) for row in coming], now) if coming else []
    new = {row.id: one for row, one in zip(coming, given, strict=True) if one is not None}
    moved = {row.id: new.get(row.id) or known[row.person_id] for row in leaving}
    behind = _behind(coming, there)
    shift = _calls(session, to_id) - stall.calls
    for row in leaving:
        ticket_id, number = moved[row.id]
        _move(session, row, ticket_id, now)
        if row.id in new:
            skipped_at = None if row.skipped_at is None else row.skipped_at + shift
            session.execute(
                update(_ticket)
                .where(_ticket.c.id == ticket_id)
                .values(
                    taken_at=row.taken_at, booking_id=row.booking_id, skipped_at=skipped_at,
                    behind=behind.get(row.id),
                )
            )  # fmt: skip
        _tell(session, row, number, to, now)
    return len(leaving)


def _in_line(session: Session, stall_id: int, *stages: Stage) -> Sequence[AnyRow]:
    return session.execute(
        select(_ticket)
        .where(_ticket.c.stall_id == stall_id, _ticket.c.stage.in_(stages))
        .order_by(_ticket.c.number)
    ).all()


def _asked(row: AnyRow, to_id: int) -> dict[str, Any]:
    names = ("person_id", "account_id", "staff_id", "due_at")
    return {"stall_id": to_id} | {name: getattr(row, name) for name in names}


def _behind(coming: Sequence[AnyRow], there: Sequence[AnyRow]) -> dict[int, int]:
    """The place in line of each who just came, by ticket: behind one who did so there already.

    Those left over stand at the end, as their numbers have it.
    """

    def just_came(rows: Sequence[AnyRow]) -> list[AnyRow]:
        return [row for row in rows if row.stage == Stage.WAITING and row.due_at is None]

    places = sorted((row.behind or row.number, row.behind is not None, row.number)
                    for row in just_came(there))  # fmt: skip
    pairs = zip(just_came(coming), places, strict=False)
    return {row.id: place for row, (place, *_) in pairs}


def _calls(session: Session, stall_id: int) -> int:
    return session.execute(select(Stall.calls).where(Stall.id == stall_id)).scalar_one()


def _move(session: Session, row: AnyRow, ticket_id: int, now: datetime) -> None:
    session.execute(
        update(_ticket)
        .where(_ticket.c.id == row.id)
        .values(stage=Stage.MOVED, ended_at=now, moved_to_id=ticket_id, booking_id=None)
    )


def _tell(session: Session, row: AnyRow, number: int, to: dict[str, Any], now: datetime) -> None:
    if row.person_id is not None:
        outbox.tell(
            session, Kind.NUMBER_CLOSED, person_id=row.person_id, account_id=row.account_id,
            now=now, ticket_id=row.id, concerns_today=True,
            facts={"number": number, "people": to["people"]},
        )  # fmt: skip
