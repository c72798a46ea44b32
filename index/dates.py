"""Dates as policies print them: a day, a month, a school term or a year is a span of days."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {name[:3].lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_PATTERNS = (
    re.compile(r"\b(?P<day>\d{1,2})[/.-](?P<number>\d{1,2})[/.-](?P<year>\d{4}|\d{2})\b"),
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(?P<year>\d{{4}})\b", re.I),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,\s*(?P<year>\d{{4}})\b", re.I),
    re.compile(rf"\b{_MONTH},?\s*(?P<year>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<term>autumn|spring|summer)(?:\s+term)?(?:\s+\d)?,?\s+(?P<year>\d{4})\b", re.I),
    re.compile(r"\b(?P<year>20\d{2})\b"),
)
# English terms: autumn September to December, spring January to Easter, summer from Easter to the end of August.
_TERMS = {"autumn": (9, 12), "spring": (1, 4), "summer": (4, 8)}


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyDate:
    """A date as printed (`text`) and the days it covers, both ends included."""

    text: str
    first: date
    last: date


def find(text: str) -> tuple[PolicyDate, int] | None:
    """The first date in a text and where it starts; the most exact reading wins. None when there is none."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if span := _span(match.groupdict()):
                return PolicyDate(text=match[0], first=span[0], last=span[1]), match.start()
    return None


def _span(parts: dict[str, str | None]) -> tuple[date, date] | None:
    year = int(parts["year"] or 0)
    year += 2000 if year < 100 else 0
    months = (1, 12)
    if month := parts.get("month"):
        months = (_MONTHS[month[:3].lower()],) * 2
    elif number := parts.get("number"):
        months = (int(number),) * 2
    elif term := parts.get("term"):
        months = _TERMS[term.lower()]
    day = int(parts.get("day") or 0)
    try:
        first = date(year, months[0], day or 1)
        return first, first if day else date(year, months[1], calendar.monthrange(year, months[1])[1])
    except ValueError:
        return None
