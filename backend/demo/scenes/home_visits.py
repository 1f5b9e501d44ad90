"""Visits after Saturday's market: one agreed on at the telephone, two that wait for an answer."""

from datetime import date

from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.market import planning
from backend.market.fitting import StallPlan
from backend.market.grid import moment
from backend.market.service import Wanted
from backend.market.visits import deciding, service
from backend.market.visits.details import Details
from backend.market.visits.service import Asking

_FROM, _UNTIL, _EACH = 14 * 60, 17 * 60, 45


def offer(ground: Ground, market_day_id: int, day: date, service_id: int, doctor_id: int) -> None:
    """The doctor of the free clinic goes to who cannot come down, in the afternoon."""
    me, own = ground.staff("worker"), ground.centre(OWN_CENTRE)
    plan = StallPlan(
        service_id=service_id, provider_ids=(doctor_id,), from_minute=_FROM, until_minute=_UNTIL,
        slot_minutes=_EACH, at_once=1, walk_up_percent=0, at_home=True, min_age=60,
        home_place_id=own.id,
    )  # fmt: skip
    stall_id = planning.add_stall(ground.session, me, market_day_id, plan, ground.now)
    is_old = ground.aged(65)
    old = [one for one in ground.residents if one.home is own and one.account_id and is_old(one)]
    notes = ("卧床，请多等一会儿门", "刚做完髋关节手术", None)
    for number, (who, note) in enumerate(zip(old[: len(notes)], notes, strict=True)):
        known = service.known_of(ground.session, who.id)
        said = Details(address=known["address"], phone=known["phone"] or "0571-88990011", note=note)
        starts_at = moment(day, _FROM + min(number, 1) * _EACH)  # two want the same time
        wanted = Wanted(stall_id=stall_id, person_id=who.id, starts_at=starts_at)
        if number == 0:
            deciding.book_for(ground.session, me, wanted, said, ground.now, checked=True)
        else:
            asking = Asking(wanted, said)
            service.ask(ground.session, ground.signs_in(who), asking, ground.now)
