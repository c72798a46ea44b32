"""50 events a second for two minutes at the Slack door, signed over HTTP (`make bench`; SECONDS=120).

Questions, commands and presses; every acknowledgement is timed, and every question must have its answer.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL, load

from .house import House
from .slack_stand_in import Somebody
from .test_slack import open_workspace

A_SECOND = 50
SECONDS = float(os.environ.get("SECONDS", "120"))
QUESTIONS = ("Can I give a pupil a lift home?", "how long must a password be?", "who approves a new account?")


async def run(folder: Path) -> int:
    house = House(f"sqlite:///{folder / 'load.sqlite'}")
    assistant = bootstrap.build(load(EXAMPLE_SCHOOL, {"ASSISTANT_DATA": str(folder)}))
    assistant.update_index()
    people = [person.id for person in house.school.roster]
    took: list[float] = []
    wrong = asked = 0
    async with open_workspace(house, assistant) as at:
        somebodies = [at.somebody(id_) for id_ in people]

        async def one(number: int) -> None:
            who: Somebody = somebodies[number % len(somebodies)]
            began = time.monotonic()
            if number % 5 < 3:
                await who.says(QUESTIONS[number % len(QUESTIONS)], event_id=f"Ev{number}")
            elif number % 5 == 3:
                await who.commands("/report-concern")
            else:
                await who.commands("/apply-account")
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
        while time.monotonic() < end:
            answered = sum(bool(m.get("blocks")) for m in at.slack.messages.values())
            if answered == asked:
                break
            await asyncio.sleep(0.5)
        wrong = asked - answered
        behind = time.monotonic() - began - SECONDS
    p50, p95, most = np.percentile(took, [50, 95, 100])
    print(
        f"Slack: {count} events in {SECONDS:.0f} s: acknowledged in seconds p50 {p50:.3f}, p95 {p95:.3f}, most {most:.2f}"
    )
    print(f"questions asked {asked}, answers missing {wrong}; all done {behind:.0f} s after the last")
    house.engine.dispose()
    return 1 if wrong or most >= 3 else 0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
