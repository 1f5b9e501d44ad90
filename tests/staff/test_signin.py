"""Signing in to the console: lockout, expiry, passwords, sessions."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from backend import clock
from backend.app import create_app
from backend.db import db, transactional
from backend.staff import passwords, signin
from backend.staff.models import AuditEntry, Staff, StaffSession
from tests import databases, settings
from tests.console import Console, text_of
from tests.factories import Make, fresh

PASSWORD = "红枣-小米-清粥-2026"


@pytest.fixture
def wang(make: Make) -> Staff:
    return make.staff(username="wang.min", password_hash=passwords.hash_password(PASSWORD))


@pytest.fixture
def console(app) -> Console:
    return Console(app)


def sign_in(console: Console, password: str = PASSWORD, username: str = "wang.min", **more: str):
    return console.post("/sign-in", {"username": username, "password": password} | more)


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_right_password_opens(console: Console, wang: Staff) -> None:
    response = sign_in(console, username=" Wang.Min ", next="/admin/people?q=1")
    assert (response.status_code, response.location) == (302, "/admin/people?q=1")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/admin" in cookie
    assert console.get("/").status_code == 200
    kept = db.session.scalars(select(StaffSession.token_hash)).one()
    assert kept not in cookie
    assert actions() == ["staff.sign_in"]


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/admin", "/admin\\@evil", "/mp/v1", "javascript:1"],
)
def test_it_leads_nowhere_else(console: Console, wang: Staff, target: str) -> None:
    assert sign_in(console, next=target).location == "/admin/"


def test_the_answer_does_not_tell_whether_the_account_exists(console, wang, make: Make) -> None:
    gone = make.staff(
        username="gone", password_hash=passwords.hash_password(PASSWORD), left_at=make.now
    )
    wrong = sign_in(console, "wrong")
    told = [
        text_of(wrong),
        text_of(sign_in(console, username="nobody")),
        text_of(sign_in(console, username=gone.username)),
    ]
    for _more in range(4):
        sign_in(console, "wrong")
    told.append(text_of(sign_in(console)))  # the right password, but locked
    assert wrong.status_code == 422
    assert len(set(told)) == 1
    assert "用户名或密码不正确" in told[0]


def test_five_failures_lock_for_a_quarter_of_an_hour(console, wang: Staff, make: Make) -> None:
    for _try in range(5):
        assert sign_in(console, "wrong").status_code == 422
    assert sign_in(console).status_code == 422
    assert "staff.locked_out" in actions()
    with clock.frozen(make.now + timedelta(minutes=14, seconds=59)):
        assert sign_in(console).status_code == 422
    with clock.frozen(make.now + timedelta(minutes=15)):
        assert sign_in(console).status_code == 302
    assert fresh(wang).failed_sign_ins == 0


def test_the_fifth_try_may_still_be_right(console: Console, wang: Staff) -> None:
    for _try in range(4):
        sign_in(console, "wrong")
    assert sign_in(console).status_code == 302
    assert (fresh(wang).failed_sign_ins, fresh(wang).locked_until) == (0, None)


def test_after_a_lock_the_count_begins_anew(console, wang: Staff, make: Make) -> None:
    for _try in range(5):
        sign_in(console, "wrong")
    with clock.frozen(make.now + timedelta(minutes=16)):
        for _try in range(4):
            sign_in(console, "wrong")
        assert sign_in(console).status_code == 302


def test_a_hash_of_old_parameters_is_renewed(console: Console, make: Make) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    someone = make.staff(username="old.hash", password_hash=weak)
    assert sign_in(console, username="old.hash").status_code == 302
    renewed = fresh(someone).password_hash
    assert renewed != weak
    assert passwords.fits(PASSWORD, renewed)
    assert not passwords.is_outdated(renewed)


def test_an_unused_sign_in_ends_and_so_does_an_old_one(console, wang: Staff, make: Make) -> None:
    sign_in(console)
    with clock.frozen(make.now + timedelta(minutes=119)):
        assert console.get("/").status_code == 200
    with clock.frozen(make.now + timedelta(minutes=119 + 121)):
        assert "expired=1" in console.get("/").location
    sign_in(console)
    for minutes in range(60, 12 * 60, 60):
        with clock.frozen(make.now + timedelta(minutes=minutes)):
            assert console.get("/").status_code == 200
    with clock.frozen(make.now + timedelta(hours=12)):
        assert console.get("/").status_code == 302


def test_signing_out_ends_it(console: Console, wang: Staff) -> None:
    sign_in(console)
    stolen = console.http.get_cookie("xingfu_staff", path="/admin")
    assert console.post("/sign-out").location == "/admin/sign-in"
    console.http.set_cookie("xingfu_staff", stolen.value, path="/admin")
    assert console.get("/").status_code == 302


def test_a_one_time_password_has_to_be_changed_first(console: Console, make: Make) -> None:
    make.staff(
        username="li.na", password_hash=passwords.hash_password("abcd-efgh-ijkm"),
        must_change_password=True,
    )  # fmt: skip
    assert sign_in(console, "abcd-efgh-ijkm", "li.na").status_code == 302
    for path in ("/", "/people", "/account"):
        assert console.get(path).location == "/admin/account/password"
    new = {"current": "abcd-efgh-ijkm", "password": PASSWORD, "again": PASSWORD}
    assert console.post("/account/password", new).status_code == 302
    assert console.get("/").status_code == 200
    assert "staff.change_password" in actions()


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ({"current": "wrong"}, "current", "当前密码不正确"),
        ({"password": "short", "again": "short"}, "password", "10 位以上"),
        ({"password": "password123456", "again": "password123456"}, "password", "太容易猜到"),
        ({"password": "wang.min-2026x", "again": "wang.min-2026x"}, "password", "太容易猜到"),
        ({"again": "something else"}, "again", "不一致"),
        ({"password": ""}, "password", "请填写"),
        ({"password": PASSWORD, "again": PASSWORD}, "password", "不能与当前密码相同"),
    ],
)
def test_a_new_password_has_to_be_good(console, wang: Staff, form, field, told) -> None:
    sign_in(console)
    good = {"current": PASSWORD, "password": "桂花-莲子-羹汤-七月", "again": "桂花-莲子-羹汤-七月"}
    response = console.post("/account/password", good | form)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert told in text_of(response)
    assert passwords.fits(PASSWORD, fresh(wang).password_hash)


def test_a_new_password_ends_other_sign_ins(app, console: Console, wang: Staff) -> None:
    other = Console(app)
    sign_in(console)
    sign_in(other)
    form = {"current": PASSWORD, "password": "桂花-莲子-羹汤-七月", "again": "桂花-莲子-羹汤-七月"}
    assert console.post("/account/password", form).status_code == 302
    assert console.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_own_sign_ins_are_listed_and_ended_one_by_one(app, console, wang: Staff) -> None:
    other = Console(app)
    sign_in(console)
    sign_in(other)
    page = text_of(console.get("/account"))
    assert page.count("登录 3月11日") == 2
    mine = db.session.scalars(select(StaffSession.token_hash).order_by(StaffSession.created_at))
    hashes = list(mine)
    for hashed in hashes:
        if f"sessions/{hashed}/revoke" in console.get("/account").text:
            assert console.post(f"/account/sessions/{hashed}/revoke").status_code == 302
    assert console.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert console.post(f"/account/sessions/{'x' * 43}/revoke").status_code == 404


def test_nobody_ends_somebody_elses_sign_in(app, console, wang: Staff, make: Make) -> None:
    sign_in(console)
    hashed = db.session.scalars(select(StaffSession.token_hash)).one()
    other = console.as_(make.staff())
    assert other.post(f"/account/sessions/{hashed}/revoke").status_code == 404
    assert console.get("/").status_code == 200


@pytest.fixture
def limited(dialect, request, tmp_path_factory) -> Iterator[Console]:
    """A console that counts calls."""
    url = databases.new_database(dialect, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url, rate_limits="true"))
    databases.create_tables(app)
    with app.app_context():
        yield Console(app)
    databases.dispose(app)


def test_too_many_tries_from_one_address_are_refused(limited: Console) -> None:
    def tries(count: int, at: str = "127.0.0.1", said: str | None = None) -> list[int]:
        headers = {"X-Forwarded-For": said} if said else {}
        form = {"username": "nobody", "password": "x"}
        return [
            limited.post(
                "/sign-in", form, headers=headers, environ_base={"REMOTE_ADDR": at}
            ).status_code
            for _try in range(count)
        ]

    assert tries(31, said="203.0.113.7") == [422] * 30 + [429]
    assert tries(1, said="203.0.113.8") == [422]  # another address behind the same nginx
    assert tries(1, said="1.2.3.4, 203.0.113.7") == [429]  # what a client makes up comes first
    assert tries(30, at="198.51.100.1", said="203.0.113.9") == [422] * 30
    assert tries(1, at="198.51.100.1", said="203.0.113.10") == [429]  # not our proxy: not believed


def test_guesses_at_the_same_moment_get_no_extra_tries(own_app) -> None:
    """A try is counted before the password is looked at."""
    with own_app.app_context():
        someone = Staff(
            username="wang.min", name="王敏", created_at=clock.now(),
            password_hash=passwords.hash_password(PASSWORD),
        )  # fmt: skip
        db.session.add(someone)
        db.session.commit()

    def guess(_number: int) -> bool:
        with own_app.app_context():
            begin = transactional(signin.begin)
            return begin(db.session(), "wang.min", clock.now()).staff_id is not None

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == signin.TRIES
