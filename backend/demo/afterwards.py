"""What follows lessons: ratings of those who were there, and the past term's certificates."""

from collections import defaultdict
from datetime import datetime, timedelta

from backend.booking.models import State
from backend.demo.enrolments import Rolls
from backend.demo.rows import Rows, dice
from backend.night_school.attendance import CAME
from backend.night_school.certificates.issuing import lessons_needed, new_code
from backend.night_school.certificates.models import Certificate
from backend.night_school.models import Attendance, Lesson
from backend.night_school.ratings.models import Rating

RATE = 0.12  # of those who came and use the app
COMMENTS = {
    1: ("老师迟到了二十分钟，请社区提醒一下。",),
    2: ("教室太挤，后排看不清黑板。", "讲得太快，跟不上。"),
    3: ("空调有点冷，能不能调高一点？", "希望多留点练习的时间。"),
    4: ("内容很实用，要是能发一份讲义就更好了。", "老师讲得清楚，人有点多。"),
    5: ("老师很耐心，谢谢社区！", "一周最盼的就是这节课。", "学会了，回家教给老伴了。"),
}


def build(rows: Rows, rolls: Rolls, now: datetime) -> None:
    """Ratings of lessons that are over, and certificates of classes that are."""
    rng = dice("afterwards")
    came: dict[int, list[int]] = defaultdict(list)
    for mark in rows.of(Attendance):
        if mark["presence"] in CAME:
            came[mark["booking_id"]].append(mark["lesson_id"])
    for class_, enrolled in rolls:
        on = [one for one in class_.lessons if not rows.get(Lesson, one[0])["cancelled_at"]]
        ended = {lesson_id: ends_at for lesson_id, _start, ends_at in on}
        here = [one for one in enrolled if one.state is State.CONFIRMED and one.account_id]
        for one in here:
            for lesson_id in came[one.id]:
                if rng.random() < RATE and lesson_id in ended:
                    stars = rng.choices((1, 2, 3, 4, 5), (1, 3, 8, 30, 58))[0]
                    says = rng.random() < (0.7 if stars < 4 else 0.15)
                    rows.add(
                        Rating, lesson_id=lesson_id, booking_id=one.id, stars=stars,
                        comment=rng.choice(COMMENTS[stars]) if says else None,
                        at=ended[lesson_id] + timedelta(minutes=rng.randint(5, 240)),
                    )  # fmt: skip
        if class_.ends_at > now - timedelta(days=3) or not on:
            continue
        for one in here:
            times = sum(lesson_id in ended for lesson_id in came[one.id])
            if times >= lessons_needed(len(on)) and rng.random() < 0.6:
                rows.add(
                    Certificate, booking_id=one.id, code=new_code(rng.choice), lessons=len(on),
                    came=times, issued_at=class_.ends_at + timedelta(hours=rng.randint(2, 60)),
                )  # fmt: skip
