"""Who offers which service: only those are planned, wherever a plan is made."""

from datetime import date

import pytest

from backend.market import copying, offers, planning
from backend.market.errors import NotOffered
from backend.market.models import ProviderService
from tests.admin.test_market import stall_form
from tests.console import Console, text_of

DAY = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ([], False),  # who names no service may still be planned for any
        ([("own", "haircut", None)], False),
        ([("own", "haircut", DAY)], False),
        ([("own", "haircut", date(2026, 3, 13))], True),
        ([("own", "knives", None)], True),
        ([("own", "knives", None), ("shop", "haircut", None)], False),
        ([("shop", "knives", None)], True),
    ],
)
def test_only_what_is_offered_is_planned(
    session, planner, market, make, now, given, refused
) -> None:
    shop = make.provider("春晖理发店", kind="barber")
    market.barber.organisation_id = shop.id
    ids = {"haircut": market.service.id, "knives": make.service(code="knives", name="磨刀").id}
    for whose, what, until in given:
        provider_id = shop.id if whose == "shop" else market.barber.id
        make.add(ProviderService(provider_id=provider_id, service_id=ids[what], until=until))
    if not refused:
        planning.add_stall(session, planner, market.day.id, market.plan(), now)
        return
    with pytest.raises(NotOffered, match="李师傅没有登记“理发”这项服务"):
        planning.add_stall(session, planner, market.day.id, market.plan(), now)


def test_a_copy_leaves_out_who_offers_it_no_more(session, planner, market, make, now) -> None:
    planning.add_stall(session, planner, market.day.id, market.plan(), now)
    make.add(
        ProviderService(
            provider_id=market.barber.id, service_id=market.service.id, until=date(2026, 4, 1)
        )
    )
    assert offers.offered(session, DAY) == {market.barber.id: ["理发"]}
    copied = copying.copy_day(session, planner, market.day.id, date(2026, 4, 11), now)
    assert [type(why) for _service, why in copied.left_out] == [NotOffered]


def test_the_form_names_what_everybody_offers(console: Console, make, market, session) -> None:
    knives = make.service(code="knives", name="磨刀")
    make.add(ProviderService(provider_id=market.barber.id, service_id=knives.id))
    session.commit()
    worker = console.as_(make.staff("worker", market.place))
    path = f"/market/{market.day.id}/stalls/new"
    assert "李师傅 磨刀" in text_of(worker.get(path))
    asked = stall_form(market.service, market.barber, at_once="1")
    refused = worker.post(path, asked)
    assert (refused.status_code, "没有登记“理发”这项服务" in text_of(refused)) == (409, True)
