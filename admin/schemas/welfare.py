"""The forms of cases in which nobody answered."""

from typing import Any

from marshmallow import fields, post_load
from marshmallow.validate import Length

from admin.schemas.base import Asked, Choice, Text
from backend import clock
from backend.canteen.welfare.models import Answer, Food, Outcome, Step
from backend.canteen.welfare.service import Ending, Tried


class OpenForm(Asked):
    """Nobody answered; `key` makes it one case."""

    key = fields.String(required=True, validate=Length(8, 36))


class StepForm(Asked):
    """What was tried, and what came of it."""

    step = Choice(Step, required=True)
    answer = Choice(Answer, required=True)
    note = Text(longest=200, shortest=0, load_default=None)
    key = fields.String(required=True, validate=Length(8, 36))

    @post_load
    def tried(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """As the verb takes it."""
        return {
            "tried": Tried(
                step=Step(data["step"]), answer=Answer(data["answer"]), at=clock.now(),
                note=data["note"] or None, key=data["key"],
            )
        }  # fmt: skip


class EndForm(Asked):
    """How it ended, and where the meal went."""

    outcome = Choice(Outcome, required=True)
    food = Choice(Food, required=True)
    food_with = Text(longest=40, shortest=0, load_default=None)
    note = Text(longest=200, shortest=0, load_default=None)

    @post_load
    def ending(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """As the verb takes it; a neighbour stands only where one has the meal."""
        has = data["food"] == Food.NEIGHBOUR
        return {
            "ending": Ending(
                outcome=Outcome(data["outcome"]), food=Food(data["food"]),
                food_with=(data["food_with"] or None) if has else None, note=data["note"] or None,
            )
        }  # fmt: skip


class AddForm(Asked):
    """What came to be known later."""

    note = Text(longest=200, required=True)
