"""A crowd of residents, and all of them calling a server in the same instant."""

import http.client
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
from sqlalchemy import insert

from backend.db import db
from backend.people.models import AccessToken, Account, Person
from backend.people.tokens import token_hash

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the crowd."""

    person_id: int
    account_id: int
    token: str


def crowd(size: int, now: datetime) -> list[Member]:
    """Residents with tokens; committed."""
    session = db.session()
    people = session.scalars(
        insert(Person).returning(Person.id, sort_by_parameter_order=True),
        [{"name": f"居民{number}", "created_at": now} for number in range(size)],
    ).all()
    accounts = session.scalars(
        insert(Account).returning(Account.id, sort_by_parameter_order=True),
        [{"person_id": person, "created_at": now} for person in people],
    ).all()
    members = [
        Member(person, account, f"token-{account}")
        for person, account in zip(people, accounts, strict=True)
    ]
    session.execute(
        insert(AccessToken),
        [
            {
                "token_hash": token_hash(member.token), "account_id": member.account_id,
                "created_at": now, "expires_at": now + timedelta(days=1),
            }
            for member in members
        ],
    )  # fmt: skip
    session.commit()
    return members


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        return self.body["data"]


class Caller:
    """One connection of one resident, opened before the moment that counts."""

    def __init__(self, base: str, member: Member) -> None:
        self.member = member
        self._http = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        self._http.connect()

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.member.token}",
            "Content-Type": "application/json",
            **({"Idempotency-Key": key} if key else {}),
        }
        self._http.request("POST", path, orjson.dumps(body or {}), headers)
        answer = self._http.getresponse()
        raw = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return Answer(answer.status, orjson.loads(raw) if is_json else {})

    def enrol(self, run_id: int, *, wait: bool = True, key: str | None = None) -> Answer:
        return self.post(
            f"/mp/v1/night-school/runs/{run_id}/enrolments",
            {"person_id": self.member.person_id, "wait": wait},
            key,
        )

    def close(self) -> None:
        self._http.close()


def all_at_once(base: str, members: Sequence[Member], call: Callable[[int, Caller], T]) -> list[T]:
    """`call(number, caller)` from a thread for each member, released together."""
    barrier = threading.Barrier(len(members))

    def one(numbered: tuple[int, Member]) -> T:
        caller = Caller(base, numbered[1])
        try:
            barrier.wait(60)
            return call(numbered[0], caller)
        finally:
            caller.close()

    with ThreadPoolExecutor(len(members)) as threads:
        return list(threads.map(one, enumerate(members)))
