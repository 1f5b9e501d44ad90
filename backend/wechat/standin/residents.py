"""Who owns the stand-in's phones: a JSON file of residents, read again when it changes."""

import threading
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Resident:
    """One phone's owner; `note` says what makes this resident worth looking at."""

    openid: str
    name: str
    phone: str = ""
    note: str = ""


class Residents:
    """The file's residents by openid, in the file's order; a missing file means none yet."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_at: tuple[int, int] | None = None
        self._known: dict[str, Resident] = {}

    def all(self) -> dict[str, Resident]:
        """Everyone, by openid."""
        with self._lock:
            self._refresh()
            return self._known

    def find(self, text: str) -> list[Resident]:
        """Those whose name, phone, note or openid contains `text`."""
        wanted = text.strip()
        return [
            someone
            for someone in self.all().values()
            if wanted in f"{someone.name}\n{someone.phone}\n{someone.note}\n{someone.openid}"
        ]

    def _refresh(self) -> None:
        if self._path is None or not self._path.exists():
            return
        stat = self._path.stat()
        version = (stat.st_mtime_ns, stat.st_size)
        if version == self._read_at:
            return
        try:
            rows = orjson.loads(self._path.read_bytes())
        except orjson.JSONDecodeError:
            return  # being written at this moment; the next look sees it whole
        self._known = {row["openid"]: Resident(**row) for row in rows}
        self._read_at = version
