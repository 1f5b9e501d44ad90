"""gunicorn's threaded worker, which at the start of a rush leaves newcomers to idle workers.

All workers share one listener. The first to wake would take every connection of a rush, and as
they are kept alive they would stay with it, while the other cores have little to do.
"""

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from backend import clock

STAND_BACK = 0.05
"""Seconds for which newcomers are left to others, once all threads of this worker are busy."""

CALM = 1.0
"""Seconds without being that busy after which the next time counts as a new rush."""


class EvenWorker(ThreadWorker):  # type: ignore[misc]
    """Before each connection gunicorn asks how many it may have: at such moments, no more."""

    _rush_began = _last_busy = 0.0

    @property
    def worker_connections(self) -> int:
        """As configured, but no more than there are while it stands back."""
        idle = len(self.keepalived_conns) + len(self.pending_conns)
        if self.nr_conns - idle < self._hands:
            return self._most
        now = clock.monotonic()
        if now > self._last_busy + CALM:
            self._rush_began = now
        self._last_busy = now
        return self.nr_conns if now < self._rush_began + STAND_BACK else self._most

    @worker_connections.setter
    def worker_connections(self, most: int) -> None:
        """gunicorn sets it once, at the start."""
        self._most: int = most
        self._hands: int = self.cfg.threads
