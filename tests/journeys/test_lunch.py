"""A whole day of a canteen at real size: ordered, cooked, carried, collected, settled.

Real gunicorn on PostgreSQL, 1,500 phones, a real Chromium whose network is really cut. What people
do goes through the doors they use; tests/journeys/lunch has the chapters.
"""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.journeys.lunch import (
    closing,
    counter,
    doors,
    evening,
    papers,
    rounds,
    settling,
    stairwell,
    sums,
)
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.district import settle
from tests.journeys.lunch.rounds import Team
from tests.journeys.term.world import at, running


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_every_bag_finds_its_door(own_app: Flask, browser: Browser, tmp_path: Path) -> None:
    url = own_app.extensions["settings"].database_url
    with running(url, tmp_path, at(3, 11, 9), settle) as world:
        lunch = Lunch(world)
        the_evening(lunch)
        team = noon(lunch, browser)
        the_counter(lunch)
        the_afternoon(lunch, team)
        the_claims(lunch)
        sums.every_fen(lunch)
        sums.every_price(lunch)
        sums.every_portion(lunch)
        sums.every_bag(lunch)
        assert "checks hold" in world.xingfu("check")


def the_evening(lunch: Lunch) -> None:
    evening.bring_balances(lunch)
    evening.pay_in_cash(lunch)
    evening.set_up_standing_orders(lunch)
    evening.show_the_menu(lunch)
    evening.order(lunch)
    evening.close(lunch)
    papers.read_the_sheet(lunch)
    papers.read_the_labels(lunch, papers.read_the_route_lists(lunch))


def noon(lunch: Lunch, browser: Browser) -> Team:
    team = rounds.claim_the_runs(lunch)
    rounds.say_beforehand(lunch)
    phone = stairwell.Telephone(lunch, browser, team.stairwell)
    rounds.leave(lunch, team)
    stairwell.leave(phone)
    rounds.walk(lunch, team)
    stairwell.knock(phone)
    cases = doors.open_the_cases(lunch)
    doors.ask_around(lunch, cases)
    doors.keep_the_run_open(lunch, team.everybody)
    rounds.come_up_from_the_cellars(lunch, team)
    doors.watch(lunch, browser)
    stairwell.charge_the_battery(phone)
    stairwell.come_by_again(phone)
    phone.close()
    doors.find_them(lunch, cases)
    rounds.close_the_runs(lunch, team)
    return team


def the_counter(lunch: Lunch) -> None:
    counter.open_it(lunch)
    counter.find_by_what_they_say(lunch)
    counter.hand_out(lunch)
    counter.hand_out_without_a_network(lunch)
    counter.take_one_back(lunch)
    counter.sell_to_walk_ins(lunch)


def the_afternoon(lunch: Lunch, team: Team) -> None:
    closing.note_who_did_not_come(lunch)
    closing.hear_the_last_phone(lunch, team)
    closing.count_the_hours(lunch)
    closing.pay_back(lunch)
    closing.count_the_tills(lunch)


def the_claims(lunch: Lunch) -> None:
    settling.note_who_is_gone(lunch)
    claim_id = settling.claim(lunch)
    text = settling.read_it_again(lunch, claim_id)
    settling.overlap(lunch)
    settling.show_the_month(lunch)
    settling.take_one_back(lunch)
    settling.pay_one_back(lunch)
    settling.claim_the_next(lunch, claim_id, text)
