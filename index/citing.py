"""Where a person looks for a clause on paper: the heading near it, and which paragraph, bullet or item it is."""

import re
from collections.abc import Sequence

_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_NUMBERED = re.compile(
    r"\(?(?:§\s?)?(?:\d+(?:\.\d+)*|[A-Z]|[IVX]+)[.):]?\s|[A-Z]\d+\b|(?:appendix|annex|section|part)\s\S{1,3}\b", re.I
)
_PARTS = re.compile(r", (?![^“]*”)")  # not within a row's label
OPENING = "opening"  # what stands before the first heading


def ordinal(number: int) -> str:
    """In words up to the twentieth: "third", "21st"."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    tens = number % 100
    suffix = "th" if 10 < tens < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def near(headings: Sequence[str]) -> list[str]:
    """The nearest numbered heading and what is under it, else the two nearest; two at most, as printed."""
    last = [heading.rstrip(" :–—-.") for heading in headings[-2:]]
    if last and _NUMBERED.match(headings[-1]):
        return last[-1:]
    return last


def bullet(number: int, depth: int) -> str:
    return f"{ordinal(number)} {'sub-' * min(depth, 2)}bullet"


def item(marker: str) -> str:
    """ "item 4", "item (a)", "paragraph 3.4"."""
    bare = marker.strip(".:")
    if "." in bare:
        return f"paragraph {bare.rstrip('.)')}"
    return f"item {bare if bare.startswith('(') else bare.rstrip(')')}"


def joined(parts: Sequence[str]) -> str:
    """Places from the outermost in; "item 4" and "item (a)" become "item 4(a)"."""
    found: list[str] = []
    for part in parts:
        if part.startswith("item (") and found and found[-1].startswith("item "):
            found[-1] += part.removeprefix("item ")
        elif part:
            found.append(part)
    return ", ".join(found)


def through(first: str, last: str) -> str:
    """From one place to another under the same heading: "4.2 Passwords, second bullet to fourth bullet"."""
    if first == last:
        return first
    from_, to = _PARTS.split(first), _PARTS.split(last)
    same = next((n for n, (a, b) in enumerate(zip(from_, to, strict=False)) if a != b), min(len(from_), len(to)))
    return f"{first} to {', '.join(to[same:] or to[-1:])}"
