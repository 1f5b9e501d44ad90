"""What stands above a paper of the kitchen."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Head:
    """Which meal it is for, and since when the sheet is frozen."""

    canteen: str
    day: date
    meal: str
    frozen_at: datetime

    @property
    def title(self) -> str:
        """Whose meal."""
        return f"{self.canteen} {self.day.month}月{self.day.day}日 {self.meal}"
