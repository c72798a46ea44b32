"""50 events a second for two minutes at each chat's door over HTTP (`make bench`; SECONDS=120).

Questions, commands and dialogs; every one is timed until the chat has its answer (Slack: its acknowledgement, which it
wants within 3 s; Teams: the end of the turn, within 10 s for what opens a dialog), and every question must be answered.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL, load

from .house import House
from .test_slack import open_workspace
from .test_teams import open_tenant

A_SECOND = 50
SECONDS = float(os.environ.get("SECONDS", "120"))
QUESTIONS = ("Can I give a pupil a lift home?", "how long must a password be?", "who approves a new account?")


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A chat under load: how somebody asks and opens a form, and how many answers have come."""

    ask: Callable[[int, str], Awaitable[object]]
    open_form: Callable[[int, str], Awaitable[object]]
    answered: Callable[[], int]
    patience: float  # seconds within which the chat wants to be answered


@asynccontextmanager
async def slack(house: House, assistant: bootstrap.Assistant) -> AsyncIterator[Chat]:
    async with open_workspace(house, assistant) as at:
        people = [at.somebody(person.id) for person in house.school.roster]
        yield Chat(
            ask=lambda n, text: people[n % len(people)].says(text, event_id=f"Ev{n}"),
            open_form=lambda n, what: people[n % len(people)].commands(
                "/report-concern" if what == "report" else "/apply-account"
            ),
            answered=lambda: sum(bool(m.get("blocks")) for m in at.slack.messages.values()),
            patience=3,
        )


@asynccontextmanager
async def teams(house: House, assistant: bootstrap.Assistant) -> AsyncIterator[Chat]:
    async with open_tenant(house, assistant) as at:
        people = list(at.people.values())
        for person in people:
            await person.installs()
        yield Chat(
            ask=lambda n, text: people[n % len(people)].says(text),
            open_form=lambda n, what: people[n % len(people)]._dialog("task/fetch", {"a": what, "v": {}}),
            answered=lambda: sum(one["type"] == "message" for one in at.teams.written),
            patience=10,
        )


async def run(name: str, chat: Chat) -> bool:
    """Put a chat under load. Whether all went well."""
    took: list[float] = []
    asked = 0

    async def one(number: int) -> None:
        began = time.monotonic()
        if number % 5 < 3:
            await chat.ask(number, QUESTIONS[number % len(QUESTIONS)])
        else:
            await chat.open_form(number, "report" if number % 5 == 3 else "apply")
        took.append(time.monotonic() - began)

    count, began, tasks = int(A_SECOND * SECONDS), time.monotonic(), set()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        task = asyncio.ensure_future(one(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        asked += number % 5 < 3
    if tasks:
        await asyncio.wait(tasks)
    end = time.monotonic() + 120
    while time.monotonic() < end and chat.answered() < asked:
        await asyncio.sleep(0.5)
    behind = time.monotonic() - began - SECONDS
    p50, p95, most = np.percentile(took, [50, 95, 100])
    print(
        f"{name}: {count} events in {SECONDS:.0f} s: answered in seconds p50 {p50:.3f}, p95 {p95:.3f}, most {most:.2f}"
    )
    print(f"questions asked {asked}, answers missing {asked - chat.answered()}; done {behind:.0f} s after the last")
    return chat.answered() >= asked and bool(most < chat.patience)


async def main() -> int:
    well = True
    for name, door in (("Slack", slack), ("Teams", teams)):
        with tempfile.TemporaryDirectory() as folder:
            house = House(f"sqlite:///{Path(folder) / 'load.sqlite'}")
            assistant = bootstrap.build(load(EXAMPLE_SCHOOL, {"ASSISTANT_DATA": folder}))
            assistant.update_index()
            async with door(house, assistant) as chat:
                well = await run(name, chat) and well
            house.engine.dispose()
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
