"""Consents in the demo: parents for children, grown-ups for their parents, husbands and wives."""

from datetime import date, datetime, timedelta

from backend.demo.people import Resident
from backend.demo.rows import Rows, dice
from backend.demo.staff import Team
from backend.people.household import OF_AGE, comes_of_age
from backend.people.models import Consent, Person, Relation


def build(rows: Rows, residents: list[Resident], team: Team, now: datetime, today: date) -> None:
    """Consents given in the app, witnessed by staff, still waiting, and a few withdrawn."""
    for resident in residents:
        if resident.age(today) < OF_AGE:
            _for_child(rows, resident, now)
        elif resident.account_id:
            _for_parents(rows, resident, team, now)
            _for_spouse(rows, resident, now)


def _for_child(rows: Rows, child: Resident, now: datetime) -> None:
    rng = dice(f"guardians of {child.id}")
    for parent in child.parents:
        if parent.account_id and rng.random() < 0.8:
            at = now - timedelta(days=rng.randint(40, 300))
            _give(rows, parent, child, Relation.CHILD, at)


def _for_parents(rows: Rows, child: Resident, team: Team, now: datetime) -> None:
    rng = dice(f"parents of {child.id}")
    for parent in child.parents:
        at = now - timedelta(days=rng.randint(20, 200))
        if rng.random() > 0.75:
            continue
        if parent.account_id is None:
            _give(rows, child, parent, Relation.PARENT, at, witness=team.worker)
        elif rng.random() < 0.12:
            _ask(rows, child, parent, Relation.PARENT, now - timedelta(hours=rng.randint(2, 60)))
        else:
            _give(rows, child, parent, Relation.PARENT, at)


def _for_spouse(rows: Rows, resident: Resident, now: datetime) -> None:
    rng = dice(f"spouse of {resident.id}")
    other = resident.spouse
    if other is None or other.account_id is None or rng.random() > 0.2:
        return
    consent_id = _give(rows, resident, other, Relation.SPOUSE, now - timedelta(days=90))
    if rng.random() < 0.1:
        rows.get(Consent, consent_id)["withdrawn_at"] = now - timedelta(days=12)


def _give(
    rows: Rows, actor: Resident, person: Resident, relation: Relation, at: datetime,
    witness: int | None = None,
) -> int:  # fmt: skip
    """A consent in force: a guardian's own for a child, else the person's, else a witnessed one."""
    guardian = relation is Relation.CHILD
    giver = actor.account_id if guardian else person.account_id
    return rows.add(
        Consent, account_id=actor.account_id, person_id=person.id, relation=relation,
        requested_at=at, given_at=at if guardian else at + timedelta(minutes=11),
        given_by_account_id=None if witness else giver, witness_staff_id=witness,
        ends_on=comes_of_age(person.born) if guardian else None, withdrawn_at=None,
    )  # fmt: skip


def _ask(rows: Rows, actor: Resident, person: Resident, relation: Relation, at: datetime) -> None:
    """A consent asked for by phone and not answered yet."""
    rows.add(
        Consent, account_id=actor.account_id, relation=relation, requested_at=at,
        asked_name=person.name, asked_phone_hash=rows.get(Person, person.id)["phone_hash"],
    )  # fmt: skip
