"""Ten thousand kills on each database, with progress (`make soak`; KILLS= for another number)."""

import os
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

from .conftest import postgres_schema
from .crash import main as crash

KILLS = int(os.environ.get("KILLS", "10000"))


def progress(turn: int) -> None:
    """A line now and then."""
    if turn % 500 == 0:
        print(f"{turn} of {KILLS} kills", file=sys.stderr, flush=True)


def main() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        # One after the other: the schema is there only while it is iterated over.
        for url in chain([f"sqlite:///{Path(folder) / 'soak.sqlite'}"], postgres_schema()):
            began = time.monotonic()
            wrong += crash(url, KILLS, progress=progress)
            print(f"{url.split(':')[0]}: {time.monotonic() - began:.0f} s", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
