"""Dates as policies print them: a day, a month, a school term or a year is a span of days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)"
)
_YEAR = r"(?:19|20)\d\d"
# A season or term is printed without days. Assumed, as English schools divide the year: autumn September to December,
# spring January to March (to Easter), summer April to August, winter December to February.
_TERMS = {"autumn": (9, 12), "spring": (1, 3), "summer": (4, 8), "winter": (12, 2)}
_DATE = re.compile(
    rf"""(?<![\w/.-])(?:
        (?P<year>{_YEAR})-(?P<month>\d\d?)-(?P<day>\d\d?)
      | (?P<day_2>\d\d?)[/.-](?P<month_2>\d\d?)[/.-](?P<year_2>{_YEAR}|\d\d)
      | (?P<day_3>\d\d?)(?:st|nd|rd|th)?\s(?:of\s)?(?P<month_3>{_MONTH})\.?,?\s(?P<year_3>{_YEAR}|\d\d(?!\d|\s?[:.]))
      | (?P<month_4>{_MONTH})\.?\s(?P<day_4>\d\d?)(?:st|nd|rd|th)?,?\s(?P<year_4>{_YEAR})
      | (?P<month_5>{_MONTH})\.?,?[\s/-](?P<year_5>{_YEAR}|['’]\d\d)
      | (?P<month_6>\d\d?)/(?P<year_6>{_YEAR})
      | (?P<term>autumn|spring|summer|winter)(?:\sterm)?(?:\s\d)?,?\s(?P<year_7>{_YEAR})
      | (?P<year_8>{_YEAR})\s?[/–-]\s?(?P<end_8>20\d\d|\d\d)
      | (?P<year_9>{_YEAR})
    )(?![\w/]|[.-]\d)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyDate:
    """A date as printed (`text`) and the days it covers, both ends included."""

    text: str
    first: date
    last: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A date and where in a text it stands."""

    date: PolicyDate
    start: int
    end: int


def find(text: str) -> list[Found]:
    """The dates in a single-spaced text, in order; what looks like a date and is none (31/02/2025) is left out."""
    found = []
    for match in _DATE.finditer(text):
        try:
            first, last = _days({name.split("_")[0]: part for name, part in match.groupdict().items() if part})
        except ValueError:
            continue
        meant = PolicyDate(text=match[0], first=first, last=last)
        found.append(Found(date=meant, start=match.start(), end=match.end()))
    return found


def _days(part: dict[str, str]) -> tuple[date, date]:
    year = int(part["year"].strip("'’"))
    year += 2000 if year < 100 else 0
    if "day" in part:
        only = date(year, _month(part["month"]), int(part["day"]))
        return only, only
    if "month" in part:
        return _span(year, _month(part["month"]), _month(part["month"]))
    if "term" in part:
        return _span(year, *_TERMS[part["term"].lower()])
    if "end" in part:  # a school year
        if int(part["end"]) % 100 != (year + 1) % 100:
            raise ValueError("not two years in a row")
        return date(year, 9, 1), date(year + 1, 8, 31)
    return date(year, 1, 1), date(year, 12, 31)


def _span(year: int, first: int, last: int) -> tuple[date, date]:
    end = year + (last < first)
    return date(year, first, 1), date(end, last, monthrange(end, last)[1])


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1
