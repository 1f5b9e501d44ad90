"""Putting a room together from others: the hall is its left and its right half.

What uses the hall from now on uses the new parts as well; where one of them is taken then, it is
refused. What a room loses stays in use for what stands already, which is listed first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import and_, delete, func, insert, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.db import AnyRow, RunAgain, table_of
from backend.desk import room_uses, rooms
from backend.errors import Invalid, NotAllowed
from backend.places import occupancy
from backend.places.models import Atom, Occupancy, RoomAtom
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.venues.errors import StillWhole
from backend.venues.sheet import open_room, place, room

MOST_TOLD = 5
"""Uses in the way that are named at most."""

EDIT = Permission.EDIT_TABLES

_part, _used, _bookable = table_of(RoomAtom), table_of(Occupancy), table_of(Bookable)
_other = _used.alias("other")


@dataclass(frozen=True, slots=True)
class Choice:
    """Another room of the venue: whether it is a part, or can't be one, and why."""

    id: int
    name: str
    is_part: bool
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class _House:
    """A room among those of its venue, with what each is made of."""

    one: AnyRow
    others: Sequence[AnyRow]
    atoms: dict[int, frozenset[int]]

    @property
    def made_of(self) -> frozenset[int]:
        return self.atoms[self.one.id]

    def parts(self) -> list[AnyRow]:
        """The rooms that lie within it."""
        return [other for other in self.others if self.atoms[other.id] < self.made_of]

    def own(self) -> frozenset[int]:
        """What it has beside them."""
        return self.made_of.difference(*(self.atoms[other.id] for other in self.parts()))

    def around(self) -> list[AnyRow]:
        """The rooms it is a part of itself, or is the same as."""
        return [other for other in self.others if self.made_of <= self.atoms[other.id]]


def look(session: Session, me: SignedInStaff, room_id: int) -> tuple[AnyRow, list[Choice]]:
    """The room, and the others of its venue. Raises NotFound, NotAllowed."""
    house = _house(session, me, room_id)
    inside = {other.id for other in house.parts()}
    around = {other.id for other in house.around()}
    return house.one, [
        Choice(
            other.id, other.name, other.id in inside,
            _("它包含了%(room)s", room=house.one.name) if other.id in around else None,
        )
        for other in house.others
    ]  # fmt: skip


def put_together(
    session: Session, me: SignedInStaff, room_id: int, part_ids: Sequence[int], now: datetime, *,
    shown: Collection[str] = (),
) -> None:  # fmt: skip
    """The room is made of these rooms, and of what it has beside them; none: of itself alone.

    Raises NotFound, NotAllowed, Invalid for rooms that cannot be parts of it, and where a part
    is taken while the room is: with what is there; and StillWhole with what has the whole room
    still, unless exactly that was `shown`.
    """
    _lock(session, _house(session, me, room_id))
    house = _house(session, me, room_id)
    chosen = [other for other in house.others if other.id in part_ids]
    _check(house, chosen, part_ids)
    wanted = house.own().union(*(house.atoms[other.id] for other in chosen))
    if not wanted:
        wanted = frozenset({_atom(session, house.one)})
    added, lost = wanted - house.made_of, house.made_of - wanted
    if not added and not lost:
        audit.unchanged(session)
        return
    before = [other.name for other in house.parts()]
    _check_whole(session, me, house, lost, shown, now)
    _extend(session, me, house, added, now)
    session.execute(delete(_part).where(_part.c.room_id == room_id, _part.c.atom_id.in_(lost)))
    if added:
        rows = [{"room_id": room_id, "atom_id": atom_id} for atom_id in sorted(added)]
        session.execute(insert(_part), rows)
    audit.record(
        session, me.staff_id, "room.parts", "room", room_id, place_id=house.one.place_id,
        before={"parts": before}, after={"parts": [other.name for other in chosen]},
    )  # fmt: skip


def _house(session: Session, me: SignedInStaff, room_id: int) -> _House:
    one = rooms.access_room(session, me, room_id)
    path = session.execute(select(place.c.path).where(place.c.id == one.place_id)).scalar_one()
    if not me.may(EDIT, path):
        raise NotAllowed()
    every = rooms.rooms_of(session, one.venue_id)
    atoms: dict[int, set[int]] = {each.id: set() for each in every}
    for row in session.execute(select(_part).where(_part.c.room_id.in_(atoms))):
        atoms[row.room_id].add(row.atom_id)
    kept = {ident: frozenset(found) for ident, found in atoms.items()}
    return _House(one, [each for each in every if each.id != room_id], kept)


def _lock(session: Session, house: _House) -> None:
    """Nobody reserves a room of the venue meanwhile, and no lesson is planned in one."""
    occupancy.alone(session)
    session.execute(
        select(_bookable.c.id)
        .join(open_room, open_room.c.id == _bookable.c.id)
        .join(room, room.c.id == open_room.c.room_id)
        .where(room.c.venue_id == house.one.venue_id)
        .order_by(_bookable.c.id)
        .with_for_update(of=_bookable)
    ).all()


def _check(house: _House, chosen: Sequence[AnyRow], part_ids: Sequence[int]) -> None:
    if {other.id for other in chosen} != set(part_ids):
        raise Invalid({"room_ids": [_("请选择同一场馆里的其他房间。")]})
    if around := house.around():
        if {other.id for other in around} & set(part_ids):
            raise Invalid({"room_ids": [_("选中的房间已经包含这一间，不能再反过来。")]})
        raise Invalid(
            {"room_ids": [_("这一间本身是%(room)s的一部分，请先在那边去掉。",
                            room=around[0].name)]}
        )  # fmt: skip


def _atom(session: Session, one: AnyRow) -> int:
    """A part of the room's own, for one that has no other left."""
    made = insert(Atom).values(place_id=one.place_id, name=one.name).returning(Atom.id)
    return int(session.execute(made).scalar_one())


def _check_whole(
    session: Session, me: SignedInStaff, house: _House, lost: frozenset[int],
    shown: Collection[str], now: datetime,
) -> None:  # fmt: skip
    """What has the parts that go, to come, was looked at. Raises StillWhole."""
    if not lost:
        return
    ours = select(_used.c.occupant_kind, _used.c.occupant_id).where(
        _used.c.atom_id.in_(house.made_of - lost or house.made_of), _used.c.ends_at > now
    )
    hits = session.execute(
        select(
            _used.c.occupant_kind.label("kind"), _used.c.occupant_id, _used.c.starts_at,
            _used.c.ends_at,
        )
        .where(
            _used.c.atom_id.in_(lost), _used.c.ends_at > now, occupancy.stands(now),
            tuple_(_used.c.occupant_kind, _used.c.occupant_id).in_(ours),
        )
        .distinct()
        .order_by(_used.c.starts_at, _used.c.occupant_id)
    ).all()  # fmt: skip
    tokens = [f"{hit.kind}-{hit.occupant_id}-{hit.starts_at.timestamp():.0f}" for hit in hits]
    if set(tokens) != set(shown) and hits:
        raise StillWhole(_lines(session, me, hits), tokens)


def _extend(
    session: Session, me: SignedInStaff, house: _House, added: frozenset[int], now: datetime
) -> None:
    """What uses the whole room from now on uses what it gains. Raises Invalid where that is taken.

    Who uses the room uses every part that it has now.
    """
    if not added:
        return
    same = (_used.c.occupant_kind, _used.c.occupant_id, _used.c.starts_at, _used.c.ends_at)
    whole = (
        select(*same)
        .where(_used.c.atom_id.in_(house.made_of), _used.c.ends_at > now, occupancy.stands(now))
        .group_by(*same)
        .having(func.count() == len(house.made_of))
        .cte("whole")
    )
    by_another = ~and_(
        _other.c.occupant_kind == whole.c.occupant_kind,
        _other.c.occupant_id == whole.c.occupant_id,
    )
    hits = session.execute(
        select(
            _other.c.occupant_kind.label("kind"), _other.c.occupant_id, _other.c.starts_at,
            _other.c.ends_at,
        )
        .join(
            whole,
            and_(_other.c.starts_at < whole.c.ends_at, whole.c.starts_at < _other.c.ends_at),
        )
        .where(_other.c.atom_id.in_(added), by_another)
        .distinct()
        .order_by(_other.c.starts_at)
    ).all()  # fmt: skip
    if hits:
        raise Invalid({"room_ids": _told(session, me, hits)})
    rows = [
        {
            "atom_id": atom_id, "starts_at": row.starts_at, "ends_at": row.ends_at,
            "occupant_kind": row.occupant_kind, "occupant_id": row.occupant_id,
        }
        for row in session.execute(select(whole)).all()
        for atom_id in sorted(added - _had(session, row, added))
    ]  # fmt: skip
    if not rows:
        return
    try:
        with session.begin_nested():
            session.execute(insert(_used), rows)
    except IntegrityError as error:
        raise RunAgain() from error  # a lesson was planned there meanwhile


def _had(session: Session, row: AnyRow, added: frozenset[int]) -> set[int]:
    """Of these parts, those that it uses already: a block may have taken both rooms."""
    return set(
        session.scalars(
            select(_used.c.atom_id).where(
                _used.c.atom_id.in_(added), _used.c.occupant_kind == row.occupant_kind,
                _used.c.occupant_id == row.occupant_id, _used.c.starts_at == row.starts_at,
            )
        )
    )  # fmt: skip


def _told(session: Session, me: SignedInStaff, hits: Sequence[AnyRow]) -> list[str]:
    return [_("这些时间两边都有安排，先挪开一边，再来合并："), *_lines(session, me, hits)]


def _lines(session: Session, me: SignedInStaff, hits: Sequence[AnyRow]) -> list[str]:
    """When, which room and what for, of the first ones."""
    known = room_uses.known(session, me, hits)
    lines = []
    for hit in hits[:MOST_TOLD]:
        words = known.get((hit.kind, hit.occupant_id), {})
        where = "、".join(words.get("rooms", {}).values())
        starts_at, ends_at = clock.local(hit.starts_at), clock.local(hit.ends_at)
        when = f"{starts_at:%Y-%m-%d %H:%M}–{ends_at:%H:%M}"
        lines.append(" ".join(filter(None, (when, where, words.get("title")))))
    if len(hits) > MOST_TOLD:
        lines.append(_("……一共 %(n)s 处。", n=len(hits)))
    return lines
