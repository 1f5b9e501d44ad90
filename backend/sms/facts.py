"""What text messages say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unanswered:
    """That nobody answered a delivery: from which canteen, when, and its telephone, if any."""

    canteen: str
    at: str
    ring: str
