"""Where grants come from: WeChat's message push, or the client's report where there is none."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import config
from backend.db import table_of
from backend.people.models import Identity, IdentityKind
from backend.people.queries import Resident
from backend.reminders import grants
from backend.reminders.models import PushEvent
from backend.wechat import push

NO_GRANT_LEFT = 43101
LONGEST_ANSWER = 8  # what the column holds; WeChat's words are shorter today

_seen = table_of(PushEvent)


def templates() -> list[dict[str, str]]:
    """The templates to ask for in a booking's tap, and what each is used for."""
    configured = config.current().wx_templates
    return [{"kind": kind, "template_id": template} for kind, template in configured.items()]


def report(session: Session, me: Resident, answers: Mapping[str, str], now: datetime) -> bool:
    """Count what the client says was tapped; whether it counts.

    It does not where WeChat's own push is configured: one source, or every tap counts twice.
    """
    if config.current().push_configured:
        return False
    openid = session.scalars(
        select(Identity.subject)
        .where(Identity.account_id == me.account_id, Identity.kind == IdentityKind.WECHAT)
        .order_by(Identity.id.desc())
    ).first()
    if openid is None:
        return False
    for template_id, answer in sorted(answers.items()):
        _note_tap(session, openid, template_id, answer, now)
    return True


def ingest(session: Session, events: Iterable[push.PushEvent], now: datetime) -> int:
    """Take in what WeChat pushed, each event once however often it is repeated; how many were new.

    A message that was sent and did not arrive for want of a grant ends what we counted.
    """
    new = 0
    for event in sorted(events, key=lambda one: (one.openid, one.template_id)):
        first = session.execute(
            insert(_seen)
            .values(key=event.key, received_at=now)
            .on_conflict_do_nothing()
            .returning(_seen.c.key)
        ).first()
        if first is None:
            continue
        new += 1
        match event:
            case push.PopupAnswered():
                _note_tap(session, event.openid, event.template_id, event.status, now)
            case push.SettingChanged():
                answer = event.status[:LONGEST_ANSWER]
                grants.refused(session, event.openid, event.template_id, answer, now)
            case push.MessageSent() if event.errcode == NO_GRANT_LEFT:
                grants.refused(
                    session, event.openid, event.template_id, grants.REFUSED_BY_WECHAT, now
                )
    return new


def _note_tap(session: Session, openid: str, template_id: str, answer: str, now: datetime) -> None:
    if answer == grants.ACCEPT:
        grants.granted(session, openid, template_id, now)
    else:
        grants.declined(session, openid, template_id, answer[:LONGEST_ANSWER], now)
