"""What an order costs: the price of its dishes, subsidies, delivery, what is left to pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.canteen.eaters.wording import said
from backend.canteen.models import Mode
from backend.canteen.ordering.asked import Asked
from backend.canteen.pricing import engine, facts
from backend.canteen.pricing.engine import Line, Priced, UsedParts
from backend.canteen.pricing.rules import Eater, Payer, Rule, Serving


@dataclass(frozen=True, slots=True)
class Bill:
    """An order's lines and sums, in fen: list + fee = discount + subsidies + what is paid."""

    priced: Priced
    fee_fen: int

    @property
    def list_fen(self) -> int:
        """The dishes at their list price."""
        return sum(line.list_fen for line in self.priced.lines)

    @property
    def discount_fen(self) -> int:
        """What the canteen takes off."""
        return sum(line.discount_fen for line in self.priced.lines)

    @property
    def subsidy_fen(self) -> int:
        """What others pay."""
        return sum(subsidy_of(line) for line in self.priced.lines)

    @property
    def pays_fen(self) -> int:
        """What whoever eats pays, with delivery."""
        return self.priced.pays_fen + self.fee_fen

    def sums(self) -> dict[str, int]:
        """The columns of an order."""
        return {
            "list_fen": self.list_fen, "discount_fen": self.discount_fen,
            "subsidy_fen": self.subsidy_fen, "fee_fen": self.fee_fen, "pays_fen": self.pays_fen,
        }  # fmt: skip

    def shown(self, asked: Asked) -> dict[str, Any]:
        """The bill as whoever orders reads it."""
        rule, clashes = self.priced.rule, asked.clashes()
        return self.sums() | {
            "rule": rule and rule.name,
            "shares": [
                {"payer": payer, "fen": fen} for payer in Payer if (fen := self._share_of(payer))
            ],
            "dishes": [
                {
                    "id": line.item_id, "name": asked.items[line.item_id].name,
                    "dish_id": asked.items[line.item_id].dish_id, "portions": line.portions,
                    "list_fen": line.list_fen, "discount_fen": line.discount_fen,
                    "subsidy_fen": subsidy_of(line), "pays_fen": line.pays_fen,
                    "clashes": [
                        {"sentence": said(one), "must_confirm": one.must_confirm}
                        for one in clashes.get(line.item_id, ())
                    ],
                }
                for line in self.priced.lines
            ],
        }  # fmt: skip

    def _share_of(self, payer: Payer) -> int:
        shares = [share for line in self.priced.lines for share in line.shares]
        return sum(share.fen for share in shares if share.payer == payer)


def subsidy_of(line: Line) -> int:
    """What others pay of a line."""
    return sum(share.fen for share in line.shares)


def of(session: Session, asked: Asked, leaving: int | None = None) -> Bill:
    """The bill of an order that keeps to the rules; at most three reads.

    `leaving`: the order it takes the place of, whose subsidies do not count.
    """
    meal, person_id = asked.meal, asked.wanted.person_id
    held = facts.rules_for(session, meal.path, meal.day)
    eater = facts.eater_of(session, person_id, meal.day)
    used = facts.used_by(session, person_id, meal.day, held, leaving)
    return made(asked, held, eater, used)


def made(asked: Asked, held: Sequence[Rule], eater: Eater, used: UsedParts) -> Bill:
    """The bill by the rules that are held, for the eater and what they used up before."""
    meal, wanted = asked.meal, asked.wanted
    serving = Serving(day=meal.day, meal=meal.meal, mode=wanted.mode)
    dishes = [
        engine.Wanted(
            item_id, portions, asked.items[item_id].list_fen, asked.items[item_id].discount_fen
        )
        for item_id, portions in sorted(wanted.dishes)
    ]
    priced = engine.price(dishes, eater, serving, held, used)
    return Bill(priced, _fee(asked, sum(one.due(one.portions) for one in dishes)))


def _fee(asked: Asked, due_fen: int) -> int:
    """Delivery costs nothing from so much on, before subsidies."""
    free_from = asked.meal.free_from_fen
    if asked.wanted.mode != Mode.DELIVERY or (free_from is not None and due_fen >= free_from):
        return 0
    return int(asked.meal.delivery_fen)
