"""Keeps the index up with the files and the sources behind a server that runs."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from index.build import Report

log = logging.getLogger(__name__)
_LOOK_EVERY, _FETCH_EVERY = 5.0, 900.0  # seconds


class Watch:
    """Updates the index when a file is not as it was, and every quarter of an hour where there are sources to fetch."""

    def __init__(
        self,
        update: Callable[[], list[Report]],
        files: Callable[[], Iterable[Path]],
        *,
        fetches: bool,
        say: Callable[[str], None],
        refused: Sequence[str] = (),
        look_every: float = _LOOK_EVERY,
    ) -> None:
        self._update, self._files, self._fetches, self._say = update, files, fetches, say
        self._look_every = look_every
        self._told = set(refused)
        self.refused = tuple(refused)  # what stands out of the index since the last update, in sentences

    def run(self, stop: threading.Event) -> None:
        """Until stopped. Nothing that goes wrong ends it, and what is in force stays."""
        seen, fetched = self._seen(), -_FETCH_EVERY
        while not stop.wait(self._look_every):
            now = self._seen()
            due = self._fetches and time.monotonic() - fetched > _FETCH_EVERY
            if now == seen and not due:
                continue
            # A file that is still being copied changes again: it is read once it has come to rest.
            if now != seen and not stop.wait(self._look_every) and self._seen() != now:
                continue
            try:
                self._take(self._update())
                seen, fetched = now, time.monotonic()
            except Exception as error:
                log.error("the index could not be brought up to date (%s); what was in force is", type(error).__name__)
                fetched = time.monotonic()

    def in_background(self) -> Callable[[], None]:
        """Start it in a thread; call what is returned to end it."""
        stop = threading.Event()
        thread = threading.Thread(target=self.run, args=(stop,), name="watch", daemon=True)
        thread.start()

        def end() -> None:
            stop.set()
            thread.join()

        return end

    def _take(self, reports: list[Report]) -> None:
        self.refused = tuple(refusal.reason for report in reports for refusal in report.refused)
        for report in reports:
            for kind in ("added", "changed", "removed"):
                for name in getattr(report, kind):
                    self._say(f"{report.organisation}: {kind} {name}")
        for reason in self.refused:
            if reason not in self._told:
                self._say(reason)
        self._told = set(self.refused)

    def _seen(self) -> list[tuple[str, int, int]]:
        found = []
        for file in self._files():
            try:
                status = file.stat()
            except OSError:
                continue
            found.append((str(file), status.st_mtime_ns, status.st_size))
        return sorted(found)
