"""Questions about what a policy said before: the day that is meant. Pure."""

import re
from datetime import date, timedelta

from index import dates

# Only what asks for a policy's words at a time that is past: "a parent said last May …" asks for nothing old.
_ASKS = re.compile(
    r"\b(?:did|was|were|used to)\b.{0,80}\b(?:polic(?:y|ies)|rules?|it|guidance|say|said|read|allow(?:ed)?)\b"
    r"|\b(?:polic(?:y|ies)|rules?|it|guidance)\b.{0,60}\b(?:said|was|were|used to|read)\b",
    re.IGNORECASE | re.DOTALL,
)
_MONTHS = "january february march april may june july august september october november december".split()
_LAST = re.compile(
    rf"\b(?:last|this past|in|back in)\s+(?P<month>{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b"
    r"(?!\s*(?:20)?\d\d)",
    re.IGNORECASE,
)
_AGO = re.compile(
    r"\b(?P<count>\d{1,3}|a|an|one|two|three|six)\s+(?P<unit>day|week|month|year)s?\s+(?:ago|back)\b", re.I
)
_BEFORE = re.compile(r"\blast\s+(?P<unit>week|month|year|term|school year)\b", re.IGNORECASE)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "six": 6}
_DAYS = {"day": 1, "week": 7, "month": 30, "term": 110, "year": 365, "school year": 365}


def day_meant(question: str, today: date) -> tuple[date, str] | None:
    """The past day that a question is about, and the question without it; None for one about today.

    A month, term or year stands for its last day; what is still to come is no past.
    """
    if not _ASKS.search(question):
        return None
    for found in dates.find(question):
        if (found.date.last if found.date.last < today else found.date.first) < today:
            day = min(found.date.last, today)
            return day, _without(question, found.start, found.end)
    if last := _LAST.search(question):
        month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(last["month"].lower()[:3]))
        year = today.year if month < today.month else today.year - 1
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return end, _without(question, last.start(), last.end())
    if ago := _AGO.search(question):
        count = _COUNTS.get(ago["count"].lower()) or int(ago["count"])
        return today - timedelta(days=count * _DAYS[ago["unit"].lower()]), _without(question, ago.start(), ago.end())
    if before := _BEFORE.search(question):
        days = _DAYS[before["unit"].lower()]
        return today - timedelta(days=days), _without(question, before.start(), before.end())
    return None


def _without(question: str, start: int, end: int) -> str:
    head = re.sub(r"\b(?:on|in|at|by|since|before|back in|during)\s*$", "", question[:start], flags=re.IGNORECASE)
    return " ".join(f"{head} {question[end:]}".split())
