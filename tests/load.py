"""200 concerns a minute with two delivery workers on PostgreSQL and a real SMTP server (`make bench`; MINUTES=5).

The workers are `assistant deliver` itself. Reports that a person sends and letters that arrive are both counted.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from assistant.bootstrap import SystemClock, open_database
from assistant.config import EXAMPLE_SCHOOL, load
from assistant.domain.concerns import Report
from assistant.domain.routing import Kind, Matter
from assistant.handlers.reporting import raise_concern
from assistant.vault import new_key

from .conftest import POSTGRES, free_port, postgres_schema

A_MINUTE = 200
STAFF = 120  # each sends a report every 36 s: fewer than make a flood
RECIPIENTS = 3  # the DSL and two deputies


class Post:
    """A post office that notes when which letter came."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, str, float]] = []  # to, subject's reference, when

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        """Take a letter."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content)
        words = str(letter.get_payload()).split()
        reference = next((word.strip(",.") for word in words if word.startswith("C-")), "")
        self.arrived.append((str(letter["To"]), reference, time.time()))
        await asyncio.sleep(0)
        return "250 OK"


def main(minutes: float) -> int:
    """Run, print, and give the exit status: 1 when a letter is missing or came twice."""
    for url in postgres_schema():
        with tempfile.TemporaryDirectory() as folder:
            return run(url, minutes, Path(folder))
    return 1


def run(url: str, minutes: float, folder: Path) -> int:
    school = folder / "school.yaml"
    staff = "".join(f"      - {{id: staff{n}, name: Staff {n}}}\n" for n in range(STAFF))
    text = EXAMPLE_SCHOOL.read_text("utf-8").replace("    people:\n", "    people:\n" + staff, 1)
    school.write_text(text.replace("[policies/]", f"[{EXAMPLE_SCHOOL.parent / 'policies'}]"), "utf-8")
    post, port = Post(), free_port()
    server = Controller(post, hostname="127.0.0.1", port=port)
    server.start()
    environment = {
        "DATABASE_URL": url,
        "ASSISTANT_KEYS": new_key(),
        "ASSISTANT_DATA": str(folder),
        "SMTP_URL": f"smtp://127.0.0.1:{port}?from=a@oakfield.example",
    }
    settings = load(school, environment)
    database, clock = open_database(settings), SystemClock()
    command = [str(Path(sys.executable).parent / "assistant"), "deliver", "--school", str(school)]
    workers = [
        subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL) for _ in range(2)
    ]
    took, sent = [], {}
    count = round(A_MINUTE * minutes)
    began = time.monotonic()
    for n in range(count):
        time.sleep(max(0.0, began + n * 60 / A_MINUTE - time.monotonic()))
        matter = Matter(kinds=frozenset({Kind.PUPIL}), reporter=f"staff{n % STAFF}")
        report = Report(matter=matter, danger=False, anonymous=False, what=f"What was seen, number {n}. " * 20)
        at = time.perf_counter()
        receipt = raise_concern(
            report, f"form {n}", school=settings.schools["oakfield"], begin=database.begin, clock=clock
        )
        took.append(time.perf_counter() - at)
        sent[receipt.reference] = time.time()
    late = time.monotonic() + 60
    while len(post.arrived) < count * RECIPIENTS and time.monotonic() < late:
        time.sleep(0.2)
    time.sleep(3)  # for a letter too many to come
    for worker in workers:
        worker.terminate()
        worker.wait()
    server.stop()
    letters = Counter((to, reference) for to, reference, _ in post.arrived)
    missing = count * RECIPIENTS - len(letters)
    doubled = sum(letters.values()) - len(letters)
    waits = [when - sent[reference] for _, reference, when in post.arrived]
    bare = commit_seconds(url)
    database.engine.dispose()
    print(
        f"{count} concerns in {minutes:g} minutes, 2 workers: letters {len(letters)}, missing {missing}, doubled {doubled}"
    )
    print(
        f"from receipt to letter, seconds p50 / p95 / most: {np.median(waits):.2f} / {np.percentile(waits, 95):.2f} / {max(waits):.2f}"
    )
    print(
        f"sending a report, times one bare commit, p50 / p95: {np.median(took) / bare:.1f} / {np.percentile(took, 95) / bare:.1f}"
    )
    return 1 if missing or doubled else 0


def commit_seconds(url: str) -> float:
    """What a transaction of one insert costs here: the measure for the others."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    took = []
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE bare (n INTEGER)"))
    for n in range(50):
        at = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO bare VALUES (:n)"), {"n": n})
        took.append(time.perf_counter() - at)
    engine.dispose()
    return float(np.median(took))


if __name__ == "__main__":
    print(f"PostgreSQL at {POSTGRES}")
    sys.exit(main(float(os.environ.get("MINUTES", "5"))))
