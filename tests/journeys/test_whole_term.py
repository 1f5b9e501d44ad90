"""A whole term: planned, published, drawn, signed up for, taught, certified, counted.

Real gunicorn, real commands, the stand-in of WeChat over HTTP, a real Chromium whose network is
really cut. What people do goes through the doors they use; tests/journeys/term has the chapters.
"""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.journeys.term import after, basement, drawing, lessons, lines, planning
from tests.journeys.term.district import Neighbour
from tests.journeys.term.drawing import Drawing
from tests.journeys.term.lessons import Class
from tests.journeys.term.world import World, at, running


@pytest.mark.slow
@pytest.mark.browser
def test_from_the_plan_to_the_certificate(own_app: Flask, browser: Browser, tmp_path: Path) -> None:
    url = own_app.extensions["settings"].database_url
    with running(url, tmp_path, at(3, 2, 9)) as world:
        term_id = planning.set_up_the_term(world)
        planning.plan_the_lecture(world, term_id)
        calligraphy = planning.plan_the_calligraphy_class(world, term_id)
        drawn = planning.plan_the_classes_to_be_drawn(world, term_id)
        planning.keep_places_for_older_people(world, calligraphy)
        planning.publish(world, calligraphy, *drawn.values())

        known = drawing.come_by_the_door(world)
        draw = drawing.set_up_the_draw(world, term_id, drawn)
        the_draw(world, draw, known)
        book, waiting = the_lines(world, draw, calligraphy, known)
        the_lessons(world, book, browser)

        world.move_to(at(6, 27, 10))
        codes = after.issue_the_certificates(world, book)
        after.read_ones_own(world, book, codes)
        after.check_a_code(world, browser, codes)
        after.count_the_hours(world, term_id)
        after.read_the_statistics(world, book, waiting)
        world.scheduler_runs()
        assert "checks hold" in world.xingfu("check")


def the_draw(world: World, draw: Drawing, known: list[Neighbour]) -> None:
    everybody = [*known, *world.district.neighbours]
    acts_for = drawing.become_households(world, known)
    world.move_to(at(3, 5, 9, 5))
    drawing.apply(world, draw, everybody, acts_for)
    drawing.think_better_of_it(world, draw, known[5])
    world.move_to(at(3, 8, 18, 5))
    drawing.close(world, draw)
    world.move_to(at(3, 9, 9))
    drawing.draw_by_the_public_number(world, draw)
    drawing.check_the_published_file(world, draw)
    drawing.read_the_reasons(world, draw, everybody)
    drawing.hear_of_it(world, known)


def the_lines(
    world: World, draw: Drawing, run_id: int, known: list[Neighbour]
) -> tuple[Class, int]:
    """The class as it starts, and how many wait for it in vain."""
    young = [one for one in world.district.neighbours if one.born > 1970]
    lines.look_before_it_opens(world, run_id, known[0])
    world.move_to(at(3, 10, 9))
    places = lines.fill_as_it_opens(world, run_id, young, known)
    world.move_to(at(3, 11, 10))
    moved = lines.give_places_back(world, run_id, places)
    lines.give_drawn_places_back(world, draw, [*known, *world.district.neighbours])
    world.move_to(at(3, 12, 20))
    lines.let_an_offer_run_out(world, moved)
    lines.add_two_places(world, run_id, moved)
    book = lessons.open_the_book(world, run_id, lines.who_learns(places, moved))
    return book, len(moved["rest"]) - 2


def the_lessons(world: World, book: Class, browser: Browser) -> None:
    lessons.remind_on_the_eve(world, book)
    tablet = basement.Tablet(world, browser)
    for number in book.lessons:
        if number == lessons.EXCUSED_AT:
            lessons.ask_to_be_excused(world, book, number)
        if number == lessons.SUBSTITUTED:
            lessons.find_a_substitute(world, book, number)
            lessons.read_the_inbox(world, book, number)
        if number in lessons.OFFLINE:
            stops = number == lessons.OFFLINE[2]
            basement.take_without_a_network(world, book, number, tablet, server_stops=stops)
        else:
            lessons.take_with_a_network(world, book, number)
        if number == lessons.FORGIVEN_AT:
            lessons.excuse_afterwards(world, book, number)
    tablet.close()
