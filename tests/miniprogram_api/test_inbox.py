"""The inbox through the API."""

from backend.reminders.models import InboxMessage, Kind, Reminder
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh


def message(make: Make, who: Signed, title: str = "报名成功") -> InboxMessage:
    reminder = make.add(
        Reminder(
            kind=Kind.BOOKED, person_id=who.person.id, account_id=who.account.id, state="inbox",
            due_at=make.now, created_at=make.now,
        )
    )  # fmt: skip
    return make.add(
        InboxMessage(
            account_id=who.account.id, person_id=who.person.id, reminder_id=reminder.id,
            title=title, body="请按时上课。", created_at=make.now,
        )
    )  # fmt: skip


def test_it_comes_newest_first_by_pages(api: ApiClient, make: Make) -> None:
    wang, li = make.resident(), make.resident("李建国")
    rows = [message(make, wang, f"第{number}条") for number in range(5)]
    message(make, li)
    first = api.get("/inbox?limit=3", as_=wang.token).json["data"]
    assert [one["id"] for one in first["items"]] == [row.id for row in reversed(rows[2:])]
    assert first["unread"] == 5
    rest = api.get(f"/inbox?limit=3&cursor={first['next_cursor']}", as_=wang.token).json["data"]
    assert [one["id"] for one in rest["items"]] == [rows[1].id, rows[0].id]
    assert rest["next_cursor"] is None


def test_it_is_read_once(api: ApiClient, make: Make) -> None:
    wang = make.resident()
    one, other = message(make, wang), message(make, wang)
    for _ in range(2):
        assert api.post(f"/inbox/{one.id}/read", as_=wang.token).status_code == 200
    page = api.get("/inbox", as_=wang.token).json["data"]
    assert page["unread"] == 1
    assert [item["read"] for item in page["items"]] == [False, True]
    api.post("/inbox/read-all", as_=wang.token)
    assert fresh(other).read_at == make.now
    assert api.get("/inbox", as_=wang.token).json["data"]["unread"] == 0


def test_other_peoples_messages_are_not_found(api: ApiClient, make: Make) -> None:
    wang, li = make.resident(), make.resident("李建国")
    row = message(make, wang)
    assert api.post(f"/inbox/{row.id}/read", as_=li.token).status_code == 404
    api.post("/inbox/read-all", as_=li.token)
    assert fresh(row).read_at is None
