"""Kill the process at every step of submitting and delivering, and at random moments; then look whether all is there.

    python -m tests.crash DATABASE_URL ROUNDS [SEED]

Each round forks a process that fills in a form, shows the receipt (through a pipe) and delivers, and kills it with
SIGKILL: in even rounds at the next step in turn, a step being any statement, commit, sending or receipt, before or
after it; in odd rounds at a random moment, with a second worker delivering beside it. At the end whoever has seen no
receipt sends the form again, what is owed is delivered, and every receipt ever shown must have its concern and every
recipient its notice, once. Prints the figures as JSON; exit status 1 when anything was lost or doubled.
"""

import functools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from assistant.domain.delivery import Owed
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.outbox import Outbox

from .house import House, oakfield

READERS = ("priya", "tomasz", "grace")
LEASE = timedelta(seconds=1)
STRIDE = 2


class Steps:
    """Counts steps; dies at the one that it is told, if any."""

    def __init__(self, last: int = 0) -> None:
        self.done, self._last = 0, last

    def __call__(self, *_: Any, **__: Any) -> None:
        self.done += 1
        if self.done == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


class Chat:
    """A channel that everybody has: before and after sending are steps too."""

    name = "chat"

    def __init__(self, step: Steps) -> None:
        self._step = step

    def reaches(self, person: Person) -> bool:
        return True

    def send(self, owed: Owed, person: Person, school: School) -> None:
        self._step()
        self._step()


def house_with(url: str, turn: int, step: Steps) -> House:
    """A house whose every statement and commit is a step, at that turn's time."""
    house = House(url, school())
    house.clock.forward(seconds=2 * turn)  # by then every lease of earlier turns is over
    sa.event.listen(house.engine, "before_cursor_execute", step)
    sa.event.listen(house.engine, "after_cursor_execute", step)
    commit = house.engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        step()
        commit(connection)
        step()

    house.engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
    schools = {house.school.id: house.school}
    house.outbox = Outbox(schools, [Chat(step)], begin=house.database.begin, clock=house.clock, lease=LEASE)
    return house


def submit_and_deliver(url: str, turn: int, step: Steps, show: Callable[[str], None]) -> None:
    """A turn of the process that is killed."""
    house = house_with(url, turn, step)
    show("ready")
    step()
    receipt = house.report(form=f"form {turn}", by=reporter(turn))
    step()
    show(f"receipt {turn} {receipt.reference}")
    step()
    house.deliver()


STAFF = tuple(Person(id=f"staff{n}", name=f"Staff {n}") for n in range(500))  # so that nobody's reports are a flood


@functools.cache
def school() -> School:
    """The example school with a larger staff."""
    return replace(oakfield(), roster=oakfield().roster + STAFF)


def reporter(turn: int) -> str:
    """Reporters take turns."""
    return STAFF[turn % len(STAFF)].id


def void(_: object) -> None:
    """Nothing."""


def fork(work: Callable[[Callable[[str], None]], None]) -> tuple[int, int]:
    """Run `work` in a process of its own; its pid, and a pipe on which it shows lines."""
    out, into = os.pipe()
    pid = os.fork()
    if pid:
        os.close(into)
        return pid, out
    os.close(out)
    status = 1
    try:
        work(lambda line: void(os.write(into, f"{line}\n".encode())))
        status = 0
    except BaseException as error:  # the parent sees it
        os.write(into, f"failed {type(error).__name__} {error}\n".encode())
    finally:
        os._exit(status)
    return 0, 0


def collect(pid: int, pipe: int, seen: dict[int, str]) -> list[str]:
    """Wait for a process; keep the receipts it has shown. Gives all its lines."""
    with os.fdopen(pipe) as shown:
        lines = shown.read().splitlines()
    os.waitpid(pid, 0)
    for line in lines:
        if line.startswith("receipt"):
            _, turn, reference = line.split()
            assert seen.setdefault(int(turn), reference) == reference, "one form got two receipts"
        assert not line.startswith("failed"), line
    return lines


def deliver_only(url: str, turn: int, show: Callable[[str], None]) -> None:
    """A second worker, for as long as it lives."""
    house = house_with(url, turn, Steps())
    for _ in range(50):
        if not house.outbox.run_once():
            time.sleep(0.005)


def once(url: str) -> int:
    """How many steps there are in a turn that nothing interrupts."""
    count = 0

    def work(show: Callable[[str], None]) -> None:
        step = Steps()
        submit_and_deliver(url, 0, step, lambda line: None)
        show(f"steps {step.done}")

    for line in collect(*fork(work), {}):
        count = int(line.split()[1])
    return count


def settle(url: str, rounds: int, seen: dict[int, str]) -> dict[str, int]:
    """Send again what has shown no receipt, deliver what is owed, and count what is there."""
    found: dict[str, int] = {}

    def work(show: Callable[[str], None]) -> None:
        house = house_with(url, rounds + 1, Steps())
        for turn in range(rounds + 1):
            if turn not in seen or turn % 10 == 0:
                receipt = house.report(form=f"form {turn}", by=reporter(turn))
                show(f"receipt {turn} {receipt.reference}")
        house.deliver()

    lines = collect(*fork(work), seen)
    assert lines is not None

    def count(show: Callable[[str], None]) -> None:
        house = house_with(url, rounds + 2, Steps())
        lost = doubled = 0
        with house.engine.begin() as connection:
            concerns = connection.scalar(sa.text("SELECT COUNT(*) FROM concerns")) or 0
        for reader in READERS:
            told = [reference for kind, reference in house.told(reader) if kind == "new"]
            lost += sum(reference not in set(told) for reference in seen.values())
            doubled += len(told) - len(set(told))
        with house.database.begin() as transaction:
            sound = transaction.audit.verify().broken_at is None
            owed = transaction.notices.waiting_since() is not None
        show(
            json.dumps(
                {"concerns": concerns, "lost": lost, "doubled": doubled, "owed": owed, "trail_broken": not sound}
            )
        )

    for line in collect(*fork(count), {}):
        found = json.loads(line)
    return found


def main(url: str, rounds: int, seed: int = 1, *, progress: Callable[[int], None] = void) -> int:
    chance, seen, died = random.Random(seed), dict[int, str](), 0
    school()  # read once, for all processes to come
    steps = once(url)
    for turn in range(1, rounds + 1):
        # Steps come in pairs, before and after: short runs take one of each pair in turn.
        at = (turn // 2 * STRIDE + turn // (steps or 1)) % steps + 1 if turn % 2 == 0 else 0
        pid, pipe = fork(lambda show, turn=turn, at=at: submit_and_deliver(url, turn, Steps(at), show))  # type: ignore[misc]
        beside = fork(lambda show, turn=turn: deliver_only(url, turn, show)) if not at else None  # type: ignore[misc]
        if not at:
            os.read(pipe, 6)  # "ready": what is to be interrupted begins
            time.sleep(chance.random() * 0.12)
            os.kill(pid, signal.SIGKILL)
        died += "receipt" not in " ".join(collect(pid, pipe, seen))
        progress(turn)
        if beside:
            os.kill(beside[0], signal.SIGKILL)
            collect(*beside, {})
    receipts = len(seen)
    found = settle(url, rounds, seen)
    figures = {"kills": rounds, "steps": steps, "died_before_the_receipt": died, "receipts_shown": receipts} | found
    print(json.dumps(figures))
    wrong = found["lost"] or found["doubled"] or found["owed"] or found["trail_broken"]
    return 1 if wrong or found["concerns"] != rounds + 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
