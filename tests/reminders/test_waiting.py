"""What those who wait are told: until when, and why it ended."""

from datetime import timedelta

from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.reminders.models import InboxMessage
from tests.booking import verbs
from tests.booking.test_line import Line
from tests.factories import Make
from tests.reminders.post import Post

DAY = timedelta(days=1)


def bodies(account_id: int) -> list[str]:
    found = select(InboxMessage.body).where(InboxMessage.account_id == account_id)
    return list(db.session.scalars(found.order_by(InboxMessage.id)))


def test_a_wish_that_ran_out(post: Post, make: Make) -> None:
    line, who = Line(make, waiting=0), make.resident("王秀英")
    midnight = make.now.replace(hour=16) + DAY  # in Shanghai
    line.join(who, offer_before=midnight)
    post.deliver()
    with clock.frozen(make.now + 2 * DAY):
        verbs.push(line.id)
    post.deliver(make.now + 2 * DAY)
    joined, ended = bodies(who.account.id)
    assert "等到3月12日（周四）还没有名额，候补会自动结束。" in joined
    assert "一直没有空出名额。您说只等到3月12日（周四），候补已经为您结束。" in ended


def test_a_kept_place_that_staff_gave_free(post: Post, make: Make) -> None:
    line, who = Line(make, waiting=0), make.resident("王秀英")
    mine = line.join(who).booking_id
    post.deliver()
    verbs.cancel(line.held[0])
    verbs.release(mine, reason="本人来电说不来了。")
    post.deliver()
    assert "社区已经让给下一位。原因：本人来电说不来了。还想上课" in bodies(who.account.id)[-1]


def test_the_position_is_by_rank_first(post: Post, make: Make) -> None:
    line, who = Line(make), make.resident("王秀英")
    line.rank(line.join(who).booking_id, -1)
    post.deliver()
    assert "目前排在第 1 位" in bodies(who.account.id)[0]
