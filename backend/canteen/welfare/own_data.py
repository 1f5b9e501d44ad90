"""What is kept about somebody who did not answer the door, and when they said they would be out."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.welfare.models import (
    AbsentDay,
    Answer,
    Food,
    Outcome,
    Step,
    WelfareAddition,
    WelfareCase,
    WelfareStep,
)
from backend.canteen.welfare.wording import ANSWERS, FOODS, OUTCOMES, STEPS
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def cases_told(session: Session, me: Resident, now: datetime) -> Section:
    """Cases about me, the newest first, with all that was written; then announced absences."""
    section = Section(_("送餐上门没有人应"))
    mine = (
        select(WelfareCase)
        .where(WelfareCase.person_id == me.person_id)
        .order_by(WelfareCase.id.desc())
    )
    for case in session.scalars(mine).all():
        section.add(moment(case.opened_at), _ended(case))
        section.add(_("说明"), case.note)
        steps = select(WelfareStep).where(
            WelfareStep.case_id == case.id, WelfareStep.done_at.is_not(None)
        )
        for step in session.scalars(steps.order_by(WelfareStep.done_at)):
            said = ANSWERS[Answer(str(step.answer))]
            what = f"{STEPS[Step(step.step)]}：{said} {step.note or ''}".rstrip()
            section.add(moment(step.done_at), what)
        more = select(WelfareAddition).where(WelfareAddition.case_id == case.id)
        for one in session.scalars(more.order_by(WelfareAddition.id)):
            section.add(moment(one.at), one.note)
    days = select(AbsentDay).where(AbsentDay.person_id == me.person_id).order_by(AbsentDay.day)
    for absent in session.scalars(days):
        section.add(_("不在家"), absent.day)
    return section


def _ended(case: WelfareCase) -> str:
    if case.outcome is None or case.food is None:
        return str(_("正在核实"))
    food = FOODS[Food(case.food)]
    return f"{OUTCOMES[Outcome(case.outcome)]}；{food} {case.food_with or ''}".rstrip()
