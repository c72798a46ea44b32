"""What an account waits for, which policies are due, which clause asks for what, and what looks like a password."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.accounts import Action, State
from assistant.domain.applications import DEFAULTS, KNOWN, Rules, deciders
from assistant.domain.asked_for import asked_for
from assistant.domain.calendar import SchoolCalendar
from assistant.domain.delivery import NoticeKind
from assistant.domain.register import (
    gives_a_password,
    looks_like_a_password,
    nudge,
    policies_due,
    the_policy,
    version_of,
    with_a_password,
)
from index.clauses import Clause, Policy, PolicyDate

from .test_accounts import NOW, POLICY, ROSTER, RULES, account

CALENDAR = SchoolCalendar(terms=((date(2026, 9, 1), date(2027, 7, 20)),))


def told(state: State, step: int = 0, now: datetime = NOW, rules: Rules = RULES, **more: object) -> dict[str, str]:
    found = nudge(account(state, step=step, **({"asked_to_close": ""} | more)), rules, ROSTER, CALENDAR, POLICY, now)
    return {person.id: kind.value for person, kind in found.told}


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (State.DRAFT, {}),
        (State.SUBMITTED, {"sal": "decide", "sid": "decide"}),
        (State.INFORMATION_REQUESTED, {"amy": "information"}),
        (State.APPROVED, {"wei": "create"}),
        (State.CREATED, {"wei": "open"}),
        (State.LIVE, {}),
        (State.SUSPENDED, {"sal": "suspended", "sid": "suspended"}),
        (State.HANDOVER, {"wei": "handover"}),
        (State.CLOSED, {}),
        (State.REJECTED, {}),
    ],
)
def test_who_is_told_in_each_state(state: State, who: dict[str, str]) -> None:
    assert told(state) == who


def test_what_waits_too_long_climbs_to_the_head_and_then_the_chair() -> None:
    assert "hal" not in told(State.HANDOVER, 1)
    assert told(State.HANDOVER, 2) == {"wei": "handover", "hal": "handover"}
    assert told(State.HANDOVER, 3) == {"wei": "handover", "hal": "handover", "gov": "handover"}


@pytest.mark.parametrize("state", [State.SUBMITTED, State.CREATED, State.SUSPENDED, State.HANDOVER])
def test_operators_are_asked_to_confirm_while_it_waits_for_their_word(state: State) -> None:
    assert told(state, confirmations=())["ben"] == "confirm"
    assert told(state, 1, confirmations=())["cat"] == "confirm"


def test_a_closing_that_was_asked_for_waits_for_those_who_decide() -> None:
    assert told(State.LIVE, asked_to_close="sal") == {"sid": "to close"}
    twice = tuple(replace(p, aliases=frozenset({"sid"} if p.id == "wei" else ())) for p in ROSTER)
    found = nudge(account(State.LIVE, asked_to_close="wei"), RULES, twice, CALENDAR, POLICY, NOW)
    assert [person.id for person, _ in found.told] == ["sal"]


def test_the_assistant_hands_over_and_expires_by_itself() -> None:
    alone = account(State.LIVE, operators=("ben",))
    assert nudge(alone, RULES, ROSTER, CALENDAR, POLICY, NOW).by_itself is Action.HAND_OVER
    old = account(State.APPROVED, approved_at=NOW - RULES.expires)
    assert nudge(old, RULES, ROSTER, CALENDAR, POLICY, NOW).by_itself is Action.EXPIRE
    young = account(State.APPROVED, approved_at=NOW - RULES.expires + timedelta(hours=1), asked_to_close="")
    assert nudge(young, RULES, ROSTER, CALENDAR, POLICY, NOW).next_at == NOW + timedelta(hours=1)
    undated = account(State.APPROVED, asked_to_close="")
    assert nudge(undated, RULES, ROSTER, CALENDAR, POLICY, NOW).next_at == NOW + timedelta(days=7)


def test_a_review_is_near_30_days_before_and_on_the_day() -> None:
    near = {"review_on": date(2026, 12, 19)}
    assert told(State.LIVE, review_on=date(2026, 12, 20)) == {}
    assert told(State.LIVE, **near) == {"wei": "review"}
    found = nudge(account(State.LIVE, asked_to_close="", **near), RULES, ROSTER, CALENDAR, POLICY, NOW)
    assert found.next_at == datetime(2026, 12, 19, 8, tzinfo=UTC)
    late = nudge(
        account(State.LIVE, asked_to_close="", **near), RULES, ROSTER, CALENDAR, POLICY, NOW + timedelta(days=31)
    )
    assert late.next_at == NOW + timedelta(days=38)
    unread = told(State.LIVE, confirmations=(), **near)
    assert unread == {"wei": "review", "ben": "confirm", "cat": "confirm"}
    assert told(State.LIVE, 1, confirmations=(), **near) == {"wei": "review"}


def test_nobody_decides_without_an_approval_that_fits() -> None:
    assert deciders(replace(DEFAULTS, approvals=()), {}, (), ROSTER) == ((),)


# Policies


def policy(id_: str, title: str, review: date | None = None, *clauses: Clause) -> Policy:
    when = PolicyDate(text=str(review), first=review, last=review) if review else None
    return Policy(
        id=id_,
        title=title,
        organisation="",
        written=None,
        ratified=None,
        reviewed=None,
        next_review=when,
        owner="",
        version="v1",
        clauses=clauses,
    )


def test_policies_are_due_90_30_and_0_days_before_their_review() -> None:
    today = date(2026, 11, 19)
    due = {days: policy(str(days), "P", today + timedelta(days=days)) for days in (91, 90, 31, 30, 1, 0, -400)}
    found = {p.id: days for p, days in policies_due([*due.values(), policy("none", "P")], today)}
    assert found == {"90": 90, "31": 90, "30": 30, "1": 30, "0": 0, "-400": 0}


def test_the_policy_that_operators_confirm() -> None:
    some = [policy("ict", "Acceptable Use"), policy("sm", "Social Media Policy")]
    assert the_policy(RULES, some) == some[1]
    assert the_policy(replace(RULES, policy="ict"), some) == some[0]
    assert the_policy(RULES, some[:1]) == some[0]
    assert the_policy(RULES, []) is None
    assert (version_of(some[1]), version_of(None)) == ("sm v1", "")


# What asks for a field


def clause(text: str, *headings: str, lead_in: str = "") -> Clause:
    return Clause(
        id=text,
        text=text,
        kind="bullet",
        marker="-",
        headings=headings,
        lead_ins=(lead_in,) if lead_in else (),
        place="",
        citation="",
        depth=0,
        line=1,
    )


def found(name: str, *clauses: Clause, clause_words: str = "") -> str | None:
    question = replace(KNOWN[name], clause=clause_words)
    hit = asked_for(question, [policy("p", "P", None, *clauses)])
    return hit.clause.text if hit else None


def test_the_clause_of_a_list_that_opens_with_an_application_is_found() -> None:
    lead = "To set up a new account, send a case that says:"
    general = clause("The aim of this policy is to keep everyone safe.")
    assert found("aim", general) is None
    assert found("aim", general, clause("the aims of the page", lead_in=lead)) == "the aims of the page"


def test_a_sentence_on_applications_asks_by_itself() -> None:
    said = clause("Whoever applies for a new account says what its purpose is.", "Social media")
    assert found("aim", said) == said.text


def test_what_is_said_of_personal_accounts_asks_for_nothing() -> None:
    said = clause("Do not use your school e-mail to open accounts.", "Personal use")
    assert found("school_email", said) is None
    official = clause("Official accounts are opened with a school e-mail.", "Our channels")
    assert found("school_email", said, official) == official.text


def test_under_a_heading_on_official_accounts_less_is_enough() -> None:
    heading = "Official use"
    assert found("outcomes", clause("There must be clear outcomes.", heading)) == "There must be clear outcomes."
    assert found("outcomes", clause("There must be clear outcomes.", "Homework")) is None


def test_a_clause_that_the_school_file_names_is_the_one() -> None:
    odd = clause("Say why you want it.", "Elsewhere")
    assert found("aim", odd, clause_words="say WHY you want it") == odd.text
    assert found("aim", odd, clause_words="words that are nowhere") is None


# Passwords


@pytest.mark.parametrize(
    "text",
    [
        "Tr0ub4dor&3",
        "password: hunter",
        "the password is hunter2",
        "pw=x",
        "it is Oakfield2026! in Bitwarden",
        "PIN: 4821",
        "monkeymonkey42",
    ],
)
def test_what_looks_like_a_password_is_seen(text: str) -> None:
    assert looks_like_a_password(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the school's password manager, folder Social media",
        "KeePass, entry 14",
        "1Password vault Communications",
        "Bitwarden/Oakfield/Social",
        "safe in the head's office",
        "LastPass: Shared-School",
        "KeePass",
        "https://vault.oakfield.example",
        "Bitwarden, folder social2026",
    ],
)
def test_where_a_password_is_kept_is_none(text: str) -> None:
    assert not looks_like_a_password(text)


@pytest.mark.parametrize(
    "text",
    [
        "The password is Summer2026! now, changed today",
        "The password is now hunter2.",
        "I changed the password to Summer2026! yesterday",
        "pw: Summer2026!",
        "PIN=4821",
    ],
)
def test_words_that_give_a_password_away_are_seen(text: str) -> None:
    assert gives_a_password(text)
    for name in ("text", "handle"):
        assert with_a_password({name: text, "password_kept": "the safe"}) == {name}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@Oakfield_PE2026",
        "The password is changed, on 3 July 2026",
        "Password changed on 3/7/2026 by Amina; it is in 1Password",
        "The password of @Oakfield_PE2026 was changed on 2026-07-03.",
        "We posted Year10-Geography twice",
        "Pin the post GCSE-Results2026",
        "Passwords are kept in Bitwarden/Oakfield",
    ],
)
def test_words_about_a_password_or_with_a_name_in_them_give_none_away(text: str) -> None:
    assert not gives_a_password(text)


@given(st.text())
def test_it_never_raises(text: str) -> None:
    assert looks_like_a_password(text) in {True, False}
    assert gives_a_password(text) in {True, False}


def test_all_reminders_are_of_kinds_that_can_still_be_waited_for() -> None:
    from assistant.domain.accounts import WAITS_IN

    kinds = {kind for state in State for kind in told(state).values()}
    assert kinds <= {kind.value for kind in WAITS_IN}
    assert NoticeKind.DECIDED not in WAITS_IN
