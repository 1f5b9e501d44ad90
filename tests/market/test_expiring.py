"""Papers that end soon are listed to whom they concern, and what was renewed is not."""

from datetime import date, timedelta

import pytest

from backend import clock
from backend.market.expiring import list_expiring

TODAY = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("days", "shown"), [((30,), True), ((31,), False), ((-1,), True), ((-31,), False),
                        ((5, 400), False), ((5, None), False)],
)  # fmt: skip
def test_what_ends_within_a_month_is_listed(session, planner, market, make, days, shown) -> None:
    nurse = make.provider("赵护士")
    make.stall(market.day, market.service, nurse)
    for more in days:
        until = None if more is None else TODAY + timedelta(days=more)
        make.paper(nurse, valid_until=until)
    found = list_expiring(session, planner, TODAY)
    assert [one["name"] for one in found] == (["赵护士"] if shown else [])
    assert [one["ended"] for one in found] == ([days[0] < 0] if shown else [])


def test_it_is_listed_to_whom_it_concerns(session, planner, market, make, console) -> None:
    clinic = make.provider("社区医院", kind="clinic")
    nurse = make.provider("赵护士", organisation_id=clinic.id)
    make.paper(clinic, kind="licence", valid_until=TODAY + timedelta(days=2))
    assert list_expiring(session, planner, TODAY) == []  # at no market of ours
    make.stall(make.market_day(make.place(name="滨江社区")), market.service, nurse)
    assert list_expiring(session, planner, TODAY) == []
    make.stall(market.day, market.service, nurse)
    [one] = list_expiring(session, planner, TODAY)
    assert (one["name"], str(one["paper"])) == ("社区医院", "营业执照")
    page = console.as_(make.staff("worker")).get("/").text
    assert ("快到期的证件" in page, "社区医院" in page) == (True, True)
    assert clock.today() == TODAY
