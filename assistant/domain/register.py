"""The register of accounts: what is due next for each, whom it is due from, and what may never stand in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from assistant.domain.account_steps import creators, enough, unready, waits_for
from assistant.domain.accounts import IN_USE, Account, Action, State
from assistant.domain.applications import Rules
from assistant.domain.calendar import SchoolCalendar
from assistant.domain.delivery import NoticeKind
from assistant.domain.people import Person, the_same
from index.clauses import Policy

BEFORE_REVIEW = timedelta(days=30)
# While it waits for one of these, those who run it are asked to confirm as well: without their word it can't go on.
_CONFIRMED_FIRST = frozenset({NoticeKind.DECIDE, NoticeKind.OPEN, NoticeKind.SUSPENDED, NoticeKind.HANDOVER})


@dataclass(frozen=True, kw_only=True, slots=True)
class Nudge:
    """Who is told what at a step, and when the next one comes; `by_itself` is what the assistant does instead."""

    told: tuple[tuple[Person, NoticeKind], ...] = ()
    next_at: datetime | None = None  # UTC; None when nothing waits
    by_itself: Action | None = None


def nudge(
    account: Account, rules: Rules, roster: Iterable[Person], calendar: SchoolCalendar, policy: str, now: datetime
) -> Nudge:
    """What to do about an account now that its time has come. Step 0 is the moment it came into its state.

    Whoever it waits for is told; from the third time on the headteacher hears too, and from the fourth the chair.
    """
    people = tuple(roster)
    today = now.astimezone(calendar.zone).date()
    if account.state is State.LIVE and not enough(account, rules, people):
        return Nudge(by_itself=Action.HAND_OVER)
    if account.state is State.APPROVED and account.approved_at and now >= account.approved_at + rules.expires:
        return Nudge(by_itself=Action.EXPIRE)
    waits = _waits(account, rules, people)
    if waits is None:
        return Nudge()
    kind, owed = waits
    tomorrow = _morning(today + timedelta(days=1), calendar)
    if kind is NoticeKind.REVIEW and not _review_near(account, today):
        return Nudge(next_at=tomorrow)  # a day later it is looked at again: somebody may have left
    told = {(p.id, kind): (p, kind) for p in (*owed, *_climbed(account.step, people))}
    if kind in _CONFIRMED_FIRST or (kind is NoticeKind.REVIEW and account.step == 0):
        told |= {
            (p.id, NoticeKind.CONFIRM): (p, NoticeKind.CONFIRM)
            for p in dict.fromkeys(chain(*unready(account, rules, people, policy, today)))
        }
    steps = rules.decide if kind is NoticeKind.DECIDE else (rules.remind,)
    next_at = calendar.after(steps[min(account.step, len(steps) - 1)], now)
    if kind is NoticeKind.REVIEW and account.review_on and today < account.review_on:
        next_at = max(tomorrow, _morning(account.review_on, calendar))
    if account.state is State.APPROVED and account.approved_at:
        next_at = min(next_at, account.approved_at + rules.expires)
    return Nudge(told=tuple(told.values()), next_at=next_at)


def _waits(account: Account, rules: Rules, roster: tuple[Person, ...]) -> tuple[NoticeKind, tuple[Person, ...]] | None:
    """What an account waits for and from whom; None when it waits for nothing."""
    approvers = waits_for(replace(account, approvals=()), rules, roster)
    if account.asked_to_close and account.state in IN_USE:
        asked = the_same({account.asked_to_close}, roster)
        return NoticeKind.TO_CLOSE, tuple(p for p in approvers if not p.ids & asked)
    makers = creators(account, rules, roster)
    return {
        State.SUBMITTED: (NoticeKind.DECIDE, waits_for(account, rules, roster)),
        State.INFORMATION_REQUESTED: (
            NoticeKind.INFORMATION,
            tuple(p for p in roster if account.applicant in p.ids and p.active),
        ),
        State.APPROVED: (NoticeKind.CREATE, makers),
        State.CREATED: (NoticeKind.OPEN, makers),
        State.LIVE: (NoticeKind.REVIEW, makers),
        State.SUSPENDED: (NoticeKind.SUSPENDED, approvers),
        State.HANDOVER: (NoticeKind.HANDOVER, makers),
    }.get(account.state)


def _review_near(account: Account, today: date) -> bool:
    return account.review_on is not None and today >= account.review_on - BEFORE_REVIEW


def _climbed(step: int, roster: tuple[Person, ...]) -> tuple[Person, ...]:
    """Who hears of it beside those it waits for."""
    roles = {"headteacher"} if step == 2 else {"headteacher", "chair_of_governors"} if step > 2 else set()
    return tuple(p for p in roster if p.active and p.roles & roles)


def _morning(day: date, calendar: SchoolCalendar) -> datetime:
    return datetime.combine(day, calendar.opens, calendar.zone).astimezone(UTC)


POLICY_DAYS = (90, 30, 0)  # days before a policy's review on which its owner is reminded


def policies_due(policies: Iterable[Policy], today: date) -> list[tuple[Policy, int]]:
    """The policies whose owner is to be reminded now, with which of POLICY_DAYS it is: the last that has come."""
    found = []
    for policy in policies:
        if policy.next_review is not None:
            left = (policy.next_review.last - today).days
            reached = [days for days in POLICY_DAYS if left <= days]
            if reached:
                found.append((policy, min(reached)))
    return found


def the_policy(rules: Rules, policies: Iterable[Policy]) -> Policy | None:
    """The policy that operators confirm: the one the school file names, else the one on social media, else the first."""
    known = tuple(policies)
    named = [policy for policy in known if policy.id == rules.policy]
    social = [policy for policy in known if re.search(r"social[ -]?(?:media|network)", policy.title, re.IGNORECASE)]
    return next(iter((*named, *social, *known)), None)


def version_of(policy: Policy | None) -> str:
    """What is confirmed: the policy and its version, "" where there is none."""
    return f"{policy.id} {policy.version}" if policy else ""


_NAMES = re.compile(r"\b1password\b", re.IGNORECASE)
_SAID = re.compile(r"\b(?:password|passcode|passwd|pwd|pw|pin)\s*(?:is\b|[:=])\s*\S", re.IGNORECASE)
_SPEAKS = re.compile(r"\b(?:passwords?|passcode|passwd|pwd|pw)\b", re.IGNORECASE)
_GIVEN = re.compile(
    r"\b(?:password|passcode|passwd|pwd|pw|pin)\s*(?:is(?:\s+now)?\b|[:=])\s*(?=\S*\d)\S", re.IGNORECASE
)
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile(r"\d"), re.compile(r"[^\w\s]"))


def looks_like_a_password(text: str) -> bool:
    """Whether words that should say where a password is kept hold what may be one.

    A word of eight characters or more with three of: small letters, capitals, digits, signs; or what stands behind
    "password:". Names of password managers, addresses and paths are words too, so those with a dot or a slash between
    letters only are let through. A single word with a digit is one with two of the four: hardly a place is called so.
    """
    words = _words(text)
    least = 2 if len(words) == 1 and re.search(r"\d", text) else 3
    return bool(_SAID.search(_NAMES.sub("", text))) or any(
        _mixed(word, least) for word in words if not re.fullmatch(r"[A-Za-z]+(?:[./\\-][A-Za-z]+)*", word)
    )


def gives_a_password(text: str) -> bool:
    """Whether words about anything, a reason or a name, give away a password.

    They do where they speak of one and hold a word with a digit that may be it, or that stands behind "password is".
    "The password is changed" and the name of an account give none.
    """
    likely = (word for word in _words(text) if re.search(r"\d", word) and word[0] not in "@#")
    speaks = bool(_SPEAKS.search(text))
    return bool(_GIVEN.search(_NAMES.sub("", text))) or (speaks and any(_mixed(word, 3) for word in likely))


# What somebody writes with a step of an account, and what would make it hold a password.
_HOLDS = {"password_kept": looks_like_a_password, "handle": gives_a_password, "text": gives_a_password}


def with_a_password(values: Mapping[str, str]) -> frozenset[str]:
    """The names of those that hold what may be a password."""
    return frozenset(name for name, holds in _HOLDS.items() if holds(values.get(name, "")))


def _words(text: str) -> list[str]:
    words = (word.strip(".,;:()'\"") for word in _NAMES.sub("", text).split())
    return [word for word in words if word]


def _mixed(word: str, kinds: int) -> bool:
    return len(word) >= 8 and sum(bool(kind.search(word)) for kind in _KINDS) >= kinds
