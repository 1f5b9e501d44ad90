"""Five weeks of rooms in use before today: for the statistics, and for staff to look back on."""

import base64
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from backend import clock
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.demo.people import Resident
from backend.demo.places import District
from backend.demo.rows import Rows, dice
from backend.demo.venues import CENTRE
from backend.places.holidays import is_public_holiday
from backend.places.models import Occupancy, OccupantKind, Room, RoomAtom, Venue
from backend.venues.coming import ENDED, NOT_COME
from backend.venues.models import OpenRoom, Reservation

DAYS = 35

# from hour to hour, how often a room is in use then, on weekdays and at weekends
_PARTS = ((9, 12, 0.30, 0.55), (14, 17, 0.38, 0.62), (18, 21, 0.66, 0.0))
_WHAT = {
    "直播间": ("社区好物直播", "老年朗诵录制"), "智慧会议室": ("业委会例会", "社区议事会"),
    "小会议室": ("邻里议事", "楼栋长碰头会"), "书法教室": ("书法小组练习", "春联义写"),
    "棋牌室": ("象棋切磋", "围棋入门"), "舞蹈教室": ("红叶舞蹈队排练", "广场舞教学"),
    "亲子乐园": ("绘本共读", "亲子手工"), "琴房": ("钢琴练习",), "阅览室": ("读书会",),
}  # fmt: skip
_USUAL = ("兴趣小组活动", "邻里聚会", "志愿者培训", "合唱排练")
_LEFT_OUT = ("共享大厅", "多功能厅", "报告厅")  # given by staff, or taken by lessons


class _Past:
    """Writes reservations day by day, where nothing else is on."""

    def __init__(self, rows: Rows, residents: list[Resident], now: datetime) -> None:
        self.rows, self.now = rows, now
        self.rng = dice("past rooms")
        booked = {row["person_id"] for row in rows.of(Booking)}
        # Who has a class anyway: those without any booking play in the scenes.
        self.people = [one for one in residents if one.account_id and one.id in booked]
        self.bookables = {row["room_id"]: row["id"] for row in rows.of(OpenRoom)}
        self.atoms: dict[int, list[int]] = {}
        for row in rows.of(RoomAtom):
            self.atoms.setdefault(row["room_id"], []).append(row["atom_id"])
        self.uses: dict[int, list[tuple[datetime, datetime]]] = {}
        for row in rows.of(Occupancy):
            self.uses.setdefault(row["atom_id"], []).append((row["starts_at"], row["ends_at"]))

    def fill(self, room: dict[str, Any], day: date) -> None:
        """The room's day: now and then something in the morning, afternoon and evening."""
        weekend = day.weekday() >= 5
        for first, last, on_weekdays, at_weekends in _PARTS:
            if self.rng.random() > (at_weekends if weekend else on_weekdays):
                continue
            length = self.rng.choice((60, 90, 120))
            latest = (last - first) * 60 - length
            starts_at = datetime.combine(day, time(first), clock.LOCAL) + timedelta(
                minutes=30 * self.rng.randint(0, latest // 30)
            )
            ends_at = starts_at + timedelta(minutes=length)
            if self._free(room["id"], starts_at, ends_at):
                self._reserve(room, starts_at, ends_at)

    def _free(self, room_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        return not any(
            starts_at < end and start < ends_at
            for atom in self.atoms[room_id]
            for start, end in self.uses.get(atom, ())
        )

    def _reserve(self, room: dict[str, Any], starts_at: datetime, ends_at: datetime) -> None:
        fate = self.rng.random()
        if fate < 0.05:
            self._stay_away(room, starts_at, ends_at)
        elif fate < 0.09:
            booking_id = self.book(room, starts_at, ends_at, State.CANCELLED)
            late = self.rng.randint(5, 110)
            at = starts_at - timedelta(minutes=120 - late)
            self.note(booking_id, State.CANCELLED, at, late_minutes=late)
        else:
            early = self.rng.choice((15, 20, 30)) if fate < 0.16 else 0
            self._come(room, starts_at, ends_at - timedelta(minutes=early), early)

    def _stay_away(self, room: dict[str, Any], starts_at: datetime, ends_at: datetime) -> None:
        booking_id = self.book(room, starts_at, ends_at, State.MISSED)
        let_go = starts_at + timedelta(minutes=15)
        self.note(booking_id, State.MISSED, let_go, reason=NOT_COME)
        self._occupy(room["id"], booking_id, starts_at, let_go)

    def _come(
        self, room: dict[str, Any], starts_at: datetime, ends_at: datetime, early: int
    ) -> None:
        booking_id = self.book(room, starts_at, ends_at, State.ATTENDED, early_minutes=early)
        self.note(booking_id, State.ATTENDED, starts_at - timedelta(minutes=5))
        if early:
            self.note(booking_id, State.ATTENDED, ends_at, reason=ENDED)
        self._occupy(room["id"], booking_id, starts_at, ends_at)

    def book(
        self, room: dict[str, Any], starts_at: datetime, ends_at: datetime, state: State,
        *, early_minutes: int = 0, who: Resident | None = None,
    ) -> int:  # fmt: skip
        """A reservation by somebody, made some days before; its id."""
        who = who or self.rng.choice(self.people)
        booking_id = self.rows.add(
            Booking, bookable_id=self.bookables[room["id"]], person_id=who.id,
            account_id=who.account_id, state=state, starts_at=starts_at, ends_at=ends_at,
            cancel_until=starts_at - timedelta(minutes=120), short_code=self._short(),
            code=base64.urlsafe_b64encode(self.rng.randbytes(16)).decode().rstrip("="),
            created_at=starts_at - timedelta(days=self.rng.randint(2, 9), minutes=30),
        )  # fmt: skip
        came = state == State.ATTENDED
        self.rows.put(
            Reservation, booking_id=booking_id, early_minutes=early_minutes,
            title=self.rng.choice(_WHAT.get(room["name"], _USUAL)),
            headcount=self.rng.randint(2, max(2, room["capacity"] // 2)),
            checked_in_at=starts_at - timedelta(minutes=5) if came else None,
        )  # fmt: skip
        made = self.rows.get(Booking, booking_id)
        self.note(
            booking_id, State.REQUESTED if state == State.DECLINED else State.CONFIRMED,
            made["created_at"], account_id=who.account_id,
        )  # fmt: skip
        return booking_id

    def _short(self) -> str:
        return f"{self.rng.randrange(10**6):06}"

    def note(self, booking_id: int, state: State, at: datetime, **more: Any) -> None:
        """A line of the booking's history."""
        self.rows.add(
            BookingEvent, booking_id=booking_id, at=at, state=state,
            **{"account_id": None, "reason": None, "late_minutes": None} | more,
        )  # fmt: skip

    def _occupy(self, room_id: int, booking_id: int, start: datetime, end: datetime) -> None:
        bookable = self.rows.get(Bookable, self.bookables[room_id])
        bookable["taken"] = bookable.get("taken", 0) + 1
        for atom in self.atoms[room_id]:
            self.uses.setdefault(atom, []).append((start, end))
            self.rows.add(
                Occupancy, atom_id=atom, starts_at=start, ends_at=end,
                occupant_kind=OccupantKind.RESERVATION, occupant_id=booking_id,
            )  # fmt: skip


def build(rows: Rows, district: District, residents: list[Resident], now: datetime) -> None:
    """Reservations of the past weeks, some missed, given back or declined."""
    past, today = _Past(rows, residents, now), clock.today(now)
    rooms = list(_rooms(rows, district))
    for number in range(DAYS, 0, -1):
        day = today - timedelta(days=number)
        if not is_public_holiday(day):
            for room in rooms:
                past.fill(room, day)
    studio = next(room for room in rooms if room["name"] == "直播间")
    for who, times in zip(past.people[:3], (3, 2, 1), strict=True):
        for time_of_it in range(times):
            day = today - timedelta(days=4 + 7 * time_of_it)
            starts_at = datetime.combine(day, time(19), clock.LOCAL)
            asked = past.book(
                studio, starts_at, starts_at + timedelta(hours=1), State.DECLINED, who=who
            )
            past.note(asked, State.DECLINED, starts_at - timedelta(days=1), reason="当晚设备已借出")


def _rooms(rows: Rows, district: District) -> Iterator[dict[str, Any]]:
    own = district.centres[0].id
    venues = {
        row["id"] for row in rows.of(Venue) if row["code"] == CENTRE or row["place_id"] == own
    }
    for room in rows.of(Room):
        if room["venue_id"] in venues and not room["name"].startswith(_LEFT_OUT):
            yield room
