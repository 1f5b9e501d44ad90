"""What can go wrong between us and the provider of text messages."""


class SmsFailed(Exception):
    """The provider did not take the message. `ambiguous`: it may be on its way all the same."""

    def __init__(self, reason: str, *, ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.ambiguous = ambiguous
