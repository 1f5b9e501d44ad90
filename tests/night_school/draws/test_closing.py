"""Fixing the list of a draw for a class that asks who stayed away often."""

import pytest
from sqlalchemy import select

from backend.db import db
from backend.night_school.draws.models import DrawApplication, DrawWish
from tests.factories import Make, Signed
from tests.night_school.draws.drawing import Drawing
from tests.standing.missing import stayed_away


def what_became_of(who: Signed) -> str | None:
    return db.session.scalar(
        select(DrawWish.got)
        .join(DrawApplication, DrawApplication.id == DrawWish.application_id)
        .where(DrawApplication.person_id == who.person.id)
    )


@pytest.mark.parametrize("applicants", [2, 6])
def test_who_stayed_away_often_is_left_out_by_reads_for_all_at_once(
    applicants: int, drawing: Drawing, make: Make, statements: list[str]
) -> None:
    run = drawing.run(most_missed=2)
    drawing.open(run)
    people = [make.resident(f"居民{number}") for number in range(applicants)]
    for who in people:
        drawing.apply(who, run)
    for who in people[::2]:
        stayed_away(make, who.person, 4)
    statements.clear()
    drawing.close()
    reads = [one for one in statements if one.startswith("SELECT")]
    assert len(reads) == 11
    assert {what_became_of(who) for who in people[::2]} == {"barred"}
    assert {what_became_of(who) for who in people[1::2]} == {None}
