"""How reliably somebody comes, as the desk sees it."""

from tests.console import Console, text_of
from tests.factories import Make
from tests.standing.missing import stayed_away


def test_the_desk_sees_it_on_the_card(console: Console, make: Make) -> None:
    estate = make.place("estate", make.once("community", make.place))
    wang, worker = make.person(home_place_id=estate.id), console.as_(make.staff("worker"))
    path = f"/people/{wang.id}"
    assert "近来没有没来的记录。" in text_of(worker.get(path))
    stayed_away(make, wang, 4)
    make.run(course=make.course("太极拳"), most_missed=2)
    text = text_of(worker.get(path))
    assert "近来没来的，折算 3.5 次" in text
    assert "要求不超过 2 次的班，5月" in text
    assert "没有请假，没来 · 现在算 0.81 次" in text
