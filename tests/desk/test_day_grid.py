"""The grid of half hours: whatever is open and on, every line of a column is in one cell."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend import clock
from backend.desk.day_grid import Column, Entry, lay
from backend.venues.hours import Span

DAY = date(2026, 3, 13)
MIDNIGHT = datetime(2026, 3, 13, tzinfo=clock.LOCAL)


def moment(minutes: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def column(spans=(), uses=()) -> Column:
    return Column(
        None, DAY, [Span(moment(start), moment(end)) for start, end in spans],
        [Entry("lesson", n, moment(start), moment(end)) for n, (start, end) in enumerate(uses)],
    )  # fmt: skip


def kinds(lines, number=0):
    cells = [(line.label, line.cells[number]) for line in lines if line.cells[number]]
    return [(label, cell.kind, cell.lines) for label, cell in cells]


def test_a_night_goes_on_past_midnight() -> None:
    lines = lay([column([(22 * 60, 25 * 60)], [(23 * 60, 24 * 60 + 30)])])
    assert kinds(lines) == [
        ("22:00", "free", 1), ("22:30", "free", 1), ("23:00", "use", 3), ("00:30", "free", 1),
    ]  # fmt: skip


def test_two_that_share_a_half_hour_stand_in_one_cell() -> None:
    lines = lay([column([(540, 660)], [(540, 585), (585, 600), (600, 630)])])
    assert kinds(lines) == [("09:00", "use", 2), ("10:00", "use", 1), ("10:30", "free", 1)]
    assert len(lines[0].cells[0].entries) == 2


def test_nothing_open_is_a_closed_working_day() -> None:
    assert kinds(lay([column()])) == [("09:00", "closed", 18)]


_edges = st.lists(st.integers(0, 30 * 60), min_size=2, max_size=10, unique=True).map(
    lambda edges: list(zip(*[iter(sorted(edges))] * 2, strict=False))
)


@given(st.lists(st.tuples(_edges, _edges), min_size=1, max_size=3))
def test_every_line_of_every_column_is_in_one_cell(given) -> None:
    columns = [column(spans, uses) for spans, uses in given]
    lines = lay(columns)
    for number, one in enumerate(columns):
        left = 0
        for line in lines:
            if cell := line.cells[number]:
                assert left == 0
                left = cell.lines
            left -= 1
        assert left == 0
        shown = [entry for line in lines if line.cells[number] for entry in
                 line.cells[number].entries]  # fmt: skip
        assert shown == sorted(one.entries, key=lambda entry: entry.starts_at)
    for line in lines:
        for cell in line.cells:
            if cell and cell.kind == "free":
                assert cell.lines == 1
