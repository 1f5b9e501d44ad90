"""Small lists of applications for the draw's tests."""

from typing import Any

from hypothesis import strategies as st

HOUR = 3600


def run(run_id: int, places: int, *hours: int) -> dict[str, Any]:
    """A class of `places` that meets in each of these hours."""
    lessons = [[hour * HOUR, (hour + 1) * HOUR] for hour in hours or (run_id * 10,)]
    return {"id": run_id, "title": f"class {run_id}", "places": places, "lessons": lessons}


def applies(
    code: str, *wishes: int, most: int = 1, tickets: int = 1, together: str | None = None
) -> dict[str, Any]:
    """One application with the same tickets for every wish."""
    return {
        "code": code,
        "most": most,
        "together": together,
        "wishes": [{"run": run_id, "tickets": tickets} for run_id in wishes],
    }


@st.composite
def small_lists(draw: st.DrawFn) -> dict[str, Any]:
    """Few classes with few places, some at the same hours, and many who want them."""
    runs = [
        run(number, draw(st.integers(0, 4)), *draw(st.sets(st.integers(1, 4), min_size=1)))
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]
    ids = [one["id"] for one in runs]
    applications = []
    for lot in range(draw(st.integers(0, 12))):
        wishes = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        most = draw(st.integers(1, 3))
        size = draw(st.sampled_from([1, 1, 1, 2, 3]))
        for member in range(size):
            one = applies(f"p{lot}-{member}", *wishes, most=most)
            one["together"] = f"h{lot}" if size > 1 else None
            for wish in one["wishes"]:
                wish["tickets"] = draw(st.integers(1, 3))
            applications.append(one)
    return {"runs": runs, "applications": applications}
