"""Whether everybody at a stall holds the papers its service asks for, on the day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.market.models import PaperKind, Provider, ProviderPaper
from backend.market.wording import PAPERS


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of somebody, or of the organisation they belong to; None: valid for good."""

    kind: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody at a stall with what counts for them."""

    name: str
    papers: Sequence[Paper]


@dataclass(frozen=True, slots=True)
class Lack:
    """A paper that somebody lacks on the day, or whose last day was `expired_on`."""

    name: str
    kind: str
    expired_on: date | None

    def __str__(self) -> str:
        paper = PAPERS[PaperKind(self.kind)]
        if self.expired_on is None:
            return str(_("%(name)s没有登记%(paper)s", name=self.name, paper=paper))
        return str(
            _(
                "%(name)s的%(paper)s只到 %(day)s",
                name=self.name, paper=paper, day=self.expired_on.isoformat(),
            )
        )  # fmt: skip


def lacking(needed: Iterable[str], holders: Iterable[Holder], day: date) -> list[Lack]:
    """What is missing, in the order of the people. A paper counts on its last day."""
    needed = list(needed)
    return [
        Lack(holder.name, kind, _last(found))
        for holder in holders
        for kind in needed
        if not _valid(found := [one for one in holder.papers if one.kind == kind], day)
    ]


def _valid(found: Sequence[Paper], day: date) -> bool:
    return any(one.valid_until is None or one.valid_until >= day for one in found)


def _last(found: Sequence[Paper]) -> date | None:
    return max((one.valid_until for one in found if one.valid_until is not None), default=None)


def holders(session: Session, provider_ids: Iterable[int]) -> dict[int, Holder]:
    """These providers by id, each with their own papers and those of their organisation."""
    ids = sorted(set(provider_ids))
    rows = session.execute(
        select(Provider.id, Provider.name, ProviderPaper.kind, ProviderPaper.valid_until)
        .outerjoin(
            ProviderPaper,
            (ProviderPaper.provider_id == Provider.id)
            | (ProviderPaper.provider_id == Provider.organisation_id),
        )
        .where(Provider.id.in_(ids))
        .order_by(Provider.id)
    )
    found: dict[int, tuple[str, list[Paper]]] = {}
    for row in rows:
        _name, papers = found.setdefault(row.id, (row.name, []))
        if row.kind is not None:
            papers.append(Paper(row.kind, row.valid_until))
    return {ident: Holder(*one) for ident, one in found.items()}
