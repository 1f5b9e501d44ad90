"""12 March: couriers claim runs on their phones, go out and tick, with a network and without."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.booking.models import State
from backend.canteen.delivery.models import DeliveryRun
from tests.canteen.photos import a_photo
from tests.journeys.doors import Clerk, says
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.district import COURIERS, DAY, Eater
from tests.journeys.term.world import at

HOSPITAL, AWAY, AT_HOME = 40, 41, 690
"""Three of those who are brought a meal and do not open; the last is in the garden."""
ABSENT, REFUSES, GIVEN_BACK = 80, 120, 160
"""One has said so; one wants none; one gives it back by telephone while it is on its way."""
PHOTO = a_photo(1600, 1200)
DEAD = 5
"""So many ticks of one phone are not sent before its battery ends."""

Stop = Mapping[str, Any]


@dataclass(eq=False)
class Courier:
    """Somebody's phone on a tricycle."""

    lunch: Lunch
    username: str
    run_id: int = 0
    clerk: Clerk = field(init=False)

    def __post_init__(self) -> None:
        self.clerk = self.lunch.world.clerk(self.username)

    @property
    def at(self) -> str:
        """Where the run is."""
        return f"/courier/runs/{self.run_id}"

    def claim(self, run_id: int) -> bool:
        """On the first page; whether it is theirs now."""
        self.clerk.get("/courier")
        page = self.clerk.post(f"/courier/runs/{run_id}/claim")
        if page.status_code == 409:
            assert "已经有人领了" in says(page)
            return False
        self.run_id = run_id
        assert page.url.path == f"/admin{self.at}"
        return True

    def leave(self) -> None:
        """With as many boxes as bags."""
        self.clerk.does(f"{self.at}/leave", {"boxes": len(self.stops())})

    def back(self) -> None:
        """All boxes but one come back."""
        boxes = len(self.stops()) - 1
        assert "辛苦了，这一趟已交回" in self.clerk.does(f"{self.at}/back", {"boxes": boxes})

    def stops(self) -> Sequence[Stop]:
        """As the phone keeps them."""
        told = self.clerk.get("/courier.json").json()
        [run] = [one for one in told["runs"] if one["id"] == self.run_id]
        stops: Sequence[Stop] = run["stops"]
        return stops

    def tick(self, stop: Stop, form: Mapping[str, object], **photo: bytes) -> dict[str, Any]:
        """What the server makes of it."""
        answer = self.clerk.tell(f"{self.at}/stops/{stop['id']}", form, **photo)
        told: dict[str, Any] = answer.json()
        return told


@dataclass(frozen=True)
class Team:
    """Who has a network, who is in cellars, whose battery ends there, who is `stairwell`'s."""

    upstairs: Sequence[Courier]
    below: Sequence[Courier]
    dead: Courier
    stairwell: Courier

    @property
    def everybody(self) -> list[Courier]:
        """All of them."""
        return [*self.upstairs, *self.below, self.dead, self.stairwell]


def eater_of(lunch: Lunch, stop: Stop) -> Eater:
    """By the number that is rung from the page."""
    return lunch.town.eaters[int(stop["phone"][-4:])]


def claim_the_runs(lunch: Lunch) -> Team:
    """A quarter past ten: two want the same one; the last is found by telephone, just in time."""
    lunch.world.move_to(at(3, 12, 10, 15))
    runs = [row.id for row in lunch.world.rows(select(DeliveryRun.id).order_by(DeliveryRun.number))]
    assert len(runs) == COURIERS
    names = [f"courier{number}" for number in range(1, COURIERS + 1)]
    couriers = lunch.world.all_at_once(lambda name: Courier(lunch, name), names)
    fast = lunch.world.all_at_once(lambda one: one.claim(runs[0]), couriers[:2])
    assert sorted(fast) == [False, True]
    first = couriers.pop(fast.index(True))
    *rest, last = couriers
    pairs = list(zip(rest, runs[1:-1], strict=True))
    assert all(lunch.world.all_at_once(lambda pair: pair[0].claim(pair[1]), pairs))
    lunch.world.move_to(at(3, 12, 10, 25))
    boss, run = lunch.world.clerk("sun"), f"/deliveries/runs/{runs[-1]}"
    assert "快出发了还没有人领（1 趟）" in says(boss.get("/deliveries"))
    option = rf'value="(\d+)"[^>]*>志愿者{last.username[7:]}<'
    [ident] = re.findall(option, boss.get(run).text)
    assert "已记下谁来送" in boss.does(f"{run}/courier", {"staff_id": ident})
    assert "快出发了" not in says(boss.get("/deliveries"))
    last.run_id = runs[-1]
    return _team([first, *couriers])


def say_beforehand(lunch: Lunch) -> None:
    """One is at the dentist's, and says so in the morning."""
    one = lunch.town.eaters[ABSENT]
    body = {"person_id": one.person_id, "day": DAY.isoformat()}
    lunch.world.phone(one).post("/canteens/absences", body)


def leave(lunch: Lunch, team: Team) -> None:
    """Twenty to eleven; nobody finds another's stop, nobody ticks before they have left."""
    lunch.world.move_to(at(3, 12, 10, 40))
    one, other = team.upstairs[:2]
    done = _done(lunch, foreign := other.stops()[0])
    assert one.clerk.tell(f"{other.at}/stops/{foreign['id']}", done).status_code == 404
    assert other.tick(foreign, done)["errcode"] == 409387
    lunch.world.all_at_once(Courier.leave, [*team.upstairs, *team.below, team.dead])
    mine = _on_the_phone(lunch, HOSPITAL)
    assert (mine["delivery"], mine["served_at"]) == ("out", None)


def walk(lunch: Lunch, team: Team) -> None:
    """Ten to eleven: who has a network sends each tick as it is made."""
    lunch.world.move_to(at(3, 12, 10, 50))
    numbered = list(enumerate(team.upstairs))
    lunch.world.all_at_once(lambda pair: _walk_upstairs(lunch, *pair), numbered)
    mine = _on_the_phone(lunch, HOSPITAL)
    assert (mine["delivery"], mine["delivery_reason"]) == ("failed", "no_answer")
    assert _on_the_phone(lunch, next(iter(lunch.door)))["served_way"] == "door"


def come_up_from_the_cellars(lunch: Lunch, team: Team) -> None:
    """Ten past eleven: the others send all of theirs, twice; meanwhile one had given it back."""
    kept = {one.run_id: one.stops() for one in [*team.below, team.dead]}
    clerk = lunch.world.clerk("lin")
    given_back = f"/canteens/orders/{lunch.orders[GIVEN_BACK]}/cancel"
    assert "已退订，餐费退回餐卡" in clerk.does(given_back, {"reason": "家里来人了"})
    lunch.cancelled.add(GIVEN_BACK)
    lunch.world.move_to(at(3, 12, 11, 10))
    lunch.unsent = {eater_of(lunch, one).number for one in kept[team.dead.run_id][-DEAD:]}
    kept[team.dead.run_id] = kept[team.dead.run_id][:-DEAD]
    lunch.world.all_at_once(
        lambda one: _send_what_was_kept(lunch, one, kept[one.run_id]), [*team.below, team.dead]
    )


def close_the_runs(lunch: Lunch, team: Team) -> None:
    """Whose bags are all settled comes back; whose are not, does not."""
    left = team.dead.clerk.post(f"{team.dead.at}/back", {"boxes": 1})
    assert (left.status_code, f"还有 {DEAD} 份没有登记" in says(left)) == (409, True)
    lunch.world.all_at_once(Courier.back, [*team.upstairs, *team.below, team.stairwell])


def wake_the_dead_phone(lunch: Lunch, courier: Courier) -> None:
    """After what nobody took was noted: five of them had it all the same, as it now turns out."""
    lunch.world.move_to(at(3, 12, 13, 10))
    stops = courier.stops()[-DEAD:]
    for number in lunch.unsent:
        assert _on_the_phone(lunch, number)["state"] == State.MISSED
    _send_what_was_kept(lunch, courier, stops, minutes=140)
    courier.back()


def _team(couriers: Sequence[Courier]) -> Team:
    """Every third is in a cellar, and whoever carries what is given back."""
    carries = {eater_of(one.lunch, stop).number: one for one in couriers for stop in one.stops()}
    here, seen = carries[AT_HOME], {carries[one] for one in (HOSPITAL, AWAY, ABSENT, REFUSES)}
    below = [
        one for number, one in enumerate(couriers)
        if one is not here and one not in seen and (number % 3 == 2 or one is carries[GIVEN_BACK])
    ]  # fmt: skip
    dead = next(one for one in below if one is not carries[GIVEN_BACK])
    below.remove(dead)
    upstairs = [one for one in couriers if one not in (here, dead, *below)]
    return Team(upstairs, below, dead, here)


def _on_the_phone(lunch: Lunch, number: int) -> dict[str, Any]:
    """The order as its eater reads it."""
    one = lunch.town.eaters[number]
    found: dict[str, Any] = lunch.world.phone(one).get(f"/canteens/orders/{lunch.orders[number]}")
    return found


def _walk_upstairs(lunch: Lunch, number: int, courier: Courier) -> None:
    """With every second courier each eighth door has no code at hand: a photo, and who took it."""
    for step, stop in enumerate(courier.stops()):
        form, photo = _at_the_door(lunch, stop, by_photo=number % 2 == 1 and step % 8 == 3)
        told = courier.tick(stop, form, **photo)
        assert told["stop"]["state"] == form["outcome"], told


def _send_what_was_kept(
    lunch: Lunch, courier: Courier, stops: Sequence[Stop], minutes: int = 28
) -> None:
    """By a clock that is two hours slow: what counts is how long ago it was."""
    clocks = clock.now() - timedelta(hours=2)
    sent = []
    for step, stop in enumerate(stops):
        made = clocks - timedelta(minutes=minutes) + timedelta(seconds=30 * step)
        moments = {"at": clock.rfc3339(made), "device_now": clock.rfc3339(clocks)}
        sent.append(_at_the_door(lunch, stop)[0] | moments)
    for _twice in range(2):
        for stop, form in zip(stops, sent, strict=True):
            told = courier.tick(stop, form)
            if eater_of(lunch, stop).number in lunch.cancelled:
                assert (told["stop"]["state"], "请带回食堂" in told["sentence"]) == ("gone", True)
            else:
                assert told["stop"]["state"] == form["outcome"], told
                assert told["stop"]["at"][:16] == clock.rfc3339(
                    datetime.fromisoformat(form["at"]) + timedelta(hours=2)
                )[:16]  # fmt: skip


def _at_the_door(
    lunch: Lunch, stop: Stop, *, by_photo: bool = False
) -> tuple[dict[str, object], dict[str, bytes]]:
    """Who opens has it, against the code; the form, and what the telephone saw."""
    one = eater_of(lunch, stop)
    failed = {"outcome": "failed", "key": str(uuid.uuid4())}
    if one.number in (HOSPITAL, AWAY, ABSENT):
        return failed | {"reason": "no_answer"}, {}
    if one.number == REFUSES:
        return failed | {"reason": "refused"}, {}
    if one.number not in lunch.cancelled:
        lunch.door.add(one.number)
    if by_photo:
        done = {"outcome": "done", "key": str(uuid.uuid4()), "received_by": "女儿"}
        return done, {"photo": PHOTO}
    return _done(lunch, stop), {}


def _done(lunch: Lunch, stop: Stop) -> dict[str, object]:
    code = lunch.codes[eater_of(lunch, stop).number]
    return {"outcome": "done", "key": str(uuid.uuid4()), "code": code}
