"""The lock names each extra that something needs: older pips look past the pin of a name without it, for the newest."""

import re
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parent.parent / "requirements.lock"


def test_every_extra_that_is_needed_is_pinned_with_its_name() -> None:
    pinned = {
        canonicalize_name(name): set(filter(None, (extras or "").split(",")))
        for name, extras in re.findall(r"^([\w.-]+)(?:\[([\w,.-]+)\])?==", LOCK.read_text("utf-8"), re.MULTILINE)
    }
    missing = [
        f"{name}[{','.join(needed.extras)}], which {found.name} needs"
        for found in distributions()
        if canonicalize_name(found.name) in pinned
        for needed in map(Requirement, found.requires or ())
        if needed.extras and (needed.marker is None or needed.marker.evaluate({"extra": ""}))
        if not set(needed.extras) <= pinned.get(name := canonicalize_name(needed.name), set())
    ]
    assert not missing
