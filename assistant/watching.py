"""Keeps the index up with the files and the sources, and who may do what with the school file, while it runs."""

import logging
import threading
import time
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from pathlib import Path

from assistant.config import NotConfigured
from assistant.domain.schools import School
from assistant.screens.notices import SCHOOL_FILE_TAKEN, SCHOOL_FILE_WRONG
from index.build import Report

log = logging.getLogger(__name__)
_LOOK_EVERY, _FETCH_EVERY = 5.0, 900.0  # seconds


class Schools(Mapping[str, School]):
    """The schools as the school file has them now, by id. They change all at once: nobody ever sees half of a change."""

    def __init__(self, found: Mapping[str, School]) -> None:
        self._found = dict(found)

    def change(self, found: Mapping[str, School]) -> None:
        """Have these in the place of those before. A school that is new, or gone, waits for the next start.

        What is new has no index yet; what is gone may be a slip, and what is owed to its people would be dropped.
        """
        self._found = {id_: found.get(id_, before) for id_, before in self._found.items()}

    def __getitem__(self, id_: str) -> School:
        return self._found[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    # Not those of Mapping, which look each school up anew: it may be gone by then.
    def values(self) -> ValuesView[School]:
        """The schools."""
        return self._found.values()

    def items(self) -> ItemsView[str, School]:
        """The schools with their ids."""
        return self._found.items()


class SchoolFileWatch:
    """Reads the school file again when it is not as it was; while it is wrong, what was read before stays in force."""

    def __init__(
        self,
        file: Path,
        read: Callable[[Path], Mapping[str, School]],
        take: Callable[[Mapping[str, School]], None],
        *,
        say: Callable[[str], None],
        look_every: float = _LOOK_EVERY,
    ) -> None:
        self._file, self._read, self._take, self._say = file, read, take, say
        self._look_every = look_every
        self._problems: list[str] = []

    @property
    def wrong(self) -> tuple[str, ...]:
        """A sentence when the file can't be taken as it is now, none when all is well."""
        return (SCHOOL_FILE_WRONG,) if self._problems else ()

    def run(self, stop: threading.Event) -> None:
        """Until stopped. It may have changed since the start, so it is read once at first."""
        seen = _status(self._file)
        self._look()
        while not stop.wait(self._look_every):
            now = _status(self._file)
            if now == seen and not self._problems:
                continue
            # Half of a file that is still being written may make sense too, with half of the people.
            if stop.wait(self._look_every / 2) or _status(self._file) != now:
                continue
            self._look()
            seen = now
            if not self._problems:
                self._say(SCHOOL_FILE_TAKEN)

    def in_background(self) -> Callable[[], None]:
        """Start it in a thread; call what is returned to end it."""
        return _in_background(self.run, "school file")

    def _look(self) -> None:
        problems: list[str] = []
        try:
            self._take(self._read(self._file))
        except NotConfigured as error:
            problems = error.problems
        except Exception as error:  # whatever it is, what was read before stays in force
            problems = [type(error).__name__]
        for problem in problems if problems != self._problems else ():
            log.error("the school file can't be taken as it is now, and what it said before is in force (%s)", problem)
        self._problems = problems


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
        return _in_background(self.run, "watch")

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
            if status := _status(file):
                found.append((str(file), *status))
        return sorted(found)


def _status(file: Path) -> tuple[int, int] | None:
    """What changes with a file: when it was written, and how long it is. None while it is away."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _in_background(run: Callable[[threading.Event], None], name: str) -> Callable[[], None]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(stop,), name=name, daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    return end
