"""The words for cases, in Chinese as staff read them."""

from flask_babel import lazy_gettext as _

from backend.canteen.welfare.models import Answer, Food, Outcome, Step

STEPS = {
    Step.CALL: _("给本人打电话"),
    Step.NEIGHBOUR: _("问邻居"),
    Step.GRID: _("联系网格员"),
    Step.FAMILY: _("联系家属"),
    Step.DUTY: _("报值班室"),
}
RUNGS = STEPS | {Step.NEIGHBOUR: _("问邻居或网格员")}
"""A rung of the ladder that is still to be done."""

ANSWERS = {
    Answer.NOBODY: _("没人接、没人应"),
    Answer.HEARD: _("问到了情况"),
    Answer.FOUND: _("见到或联系上本人"),
    Answer.TAKEN_OVER: _("对方去看"),
}
OUTCOMES = {
    Outcome.SAFE: _("在家，平安"),
    Outcome.AWAY: _("外出，平安"),
    Outcome.HOSPITAL: _("在医院"),
    Outcome.DUTY: _("没有联系上，已交值班室"),
    Outcome.POLICE: _("没有联系上，已报警或叫救护车"),
}
FOODS = {
    Food.HANDED: _("交到本人手里"),
    Food.NEIGHBOUR: _("交给邻居"),
    Food.TAKEN_BACK: _("带回食堂"),
}

TOLD = {
    Outcome.SAFE: _("人在家，平安"),
    Outcome.AWAY: _("人在外面，平安"),
    Outcome.HOSPITAL: _("人在医院"),
    Outcome.DUTY: _("还没有联系上，已经交给社区值班室继续找"),
    Outcome.POLICE: _("还没有联系上，已经报警或叫了救护车，请马上和社区联系"),
}
"""How it ended, as the household is told."""
