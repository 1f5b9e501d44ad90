"""The forms about what residents missed."""

from admin.schemas.base import Asked, Flag, Text


class AnswerForm(Asked):
    """What the resident reads, and whether the occasion counts no more."""

    answer = Text(longest=100, required=True)
    granted = Flag()


class WaiverForm(Asked):
    """Why an occasion counts no more."""

    reason = Text(longest=100, required=True)
