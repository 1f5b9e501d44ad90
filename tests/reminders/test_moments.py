"""How a moment is said."""

from datetime import UTC, datetime, timedelta

import pytest
from flask_babel import force_locale

from backend.reminders.moments import spoken

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai

SAID = [
    (-11.5, "今天凌晨 00:30"),
    (-6, "今天上午 06:00"),
    (0, "今天中午 12:00"),
    (0.75, "今天中午 12:45"),
    (1, "今天下午 13:00"),
    (6, "今晚 18:00"),
    (12.5, "明天凌晨 00:30"),
    (21, "明天上午 09:00"),
    (24, "明天中午 12:00"),
    (31, "明晚 19:00"),
    (45, "3月13日（周五）09:00"),
]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_parts_of_a_day(shared_app) -> None:
    with shared_app.app_context(), force_locale("zh"):
        said = [(ahead, spoken(NOON + timedelta(hours=ahead), NOON)) for ahead, _ in SAID]
    assert said == SAID
