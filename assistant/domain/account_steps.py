"""Who may take a step with an account, what must be so first, and the account after it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from assistant.domain.accounts import STEPS, Account, Action, Approval, Entry, Lack, Part, State
from assistant.domain.applications import Rules, deciders
from assistant.domain.errors import Changed, NotNow, NotReady, NotYours, ReasonNeeded
from assistant.domain.people import Person, the_same

_READERS = frozenset(Part) - {Part.ASSISTANT}
# Before these enough people must run it, each having confirmed the policy as it is now and been trained: whatever brings
# it into use, the decision on it, and its review. What only prepares for one of them is open to those who put it right.
_RUN_BY_READY = frozenset({Action.APPROVE, Action.OPEN, Action.RESUME, Action.TAKE_OVER, Action.REVIEW})


def parts(person: Person, account: Account, rules: Rules, roster: Iterable[Person]) -> frozenset[Part]:
    """How a person stands to an account now. Nobody decides on what they applied for or run, under whatever id."""
    people = tuple(roster)
    if not any(one.id == person.id and one.active for one in people):
        return frozenset()
    found = set()
    mine = the_same(person.ids, people)
    if account.applicant in mine:
        found.add(Part.APPLICANT)
    if mine & set(account.operators):
        found.add(Part.OPERATOR)
    if any(person in group for group in _deciders(account, rules, people)):
        found.add(Part.APPROVER)
    if person in creators(account, rules, people):
        found.add(Part.CREATOR)
    if person.roles & {"dsl", "deputy_dsl"}:
        found.add(Part.SAFEGUARDING)
    if person.roles & {"slt", "headteacher", "ceo", "account_administrator", "account_approver"}:
        found.add(Part.LEADER)
    return frozenset(found)


def may_see(account: Account, held: frozenset[Part]) -> bool:
    """Whether the whole of it may be read: a draft by its applicant alone."""
    return Part.APPLICANT in held if account.state is State.DRAFT else bool(held & _READERS)


def _deciders(account: Account, rules: Rules, roster: Iterable[Person]) -> tuple[tuple[Person, ...], ...]:
    return deciders(rules, account.answers, {account.applicant, *account.operators}, tuple(roster))


def creators(account: Account, rules: Rules, roster: Iterable[Person]) -> tuple[Person, ...]:
    """Who makes the account and looks after it: those with the school's role, or the operators themselves."""
    people = [person for person in roster if person.active]
    if rules.creator == "operator":
        return tuple(person for person in people if person.ids & set(account.operators))
    return tuple(person for person in people if rules.creator in person.roles)


def active_operators(account: Account, roster: Iterable[Person]) -> tuple[Person, ...]:
    """Those who run it and still work here, each person once."""
    people = tuple(roster)
    found: list[Person] = []
    for id_ in account.operators:
        same = the_same({id_}, people)
        person = next((p for p in people if p.active and p.ids & same), None)
        if person is not None and not any(p.ids & same for p in found):
            found.append(person)
    return tuple(found)


def waits_for(account: Account, rules: Rules, roster: Iterable[Person]) -> tuple[Person, ...]:
    """Who may still decide on a submitted application: those on the approvals that are not given yet."""
    people = tuple(roster)
    given = {approval.which for approval in account.approvals if approval.revision == account.revision}
    said = the_same((one.person for one in account.approvals if one.revision == account.revision), people)
    waiting: dict[str, Person] = {}
    for which, group in enumerate(_deciders(account, rules, people)):
        if which not in given:
            waiting |= {person.id: person for person in group if not person.ids & said}
    return tuple(waiting.values())


def lacking(
    account: Account, action: Action, rules: Rules, roster: Iterable[Person], policy: str, today: date
) -> tuple[Lack, ...]:
    """What must be so before an action and is not; `policy` is the version in force."""
    people = tuple(roster)
    found = []
    if action is Action.SUBMIT:
        if any(
            one.required and one.kind != "people" and not account.answers.get(one.name, "").strip()
            for one in rules.fields
        ):
            found.append(Lack.FIELDS)
        if not all(_deciders(account, rules, people)):
            found.append(Lack.DECIDER)
    if (action is Action.SUBMIT or action in _RUN_BY_READY) and not enough(account, rules, people):
        found.append(Lack.OPERATORS)
    if action in _RUN_BY_READY:
        unread, untrained = unready(account, rules, people, policy, today)
        found += [Lack.CONFIRMATIONS] * bool(unread) + [Lack.TRAINING] * bool(untrained)
    if action in {Action.CREATE, Action.CHANGE}:
        found += [Lack.HANDLE] * (not account.handle.strip()) + [Lack.PASSWORD] * (not account.password_kept.strip())
    if action is Action.CHANGE and account.state is not State.HANDOVER and not enough(account, rules, people):
        found.append(Lack.OPERATORS)
    if action is Action.OPEN and set(rules.before_live) - set(account.checked):
        found.append(Lack.CHECKLIST)
    if action in {Action.CLOSE, Action.KEEP} and not account.asked_to_close:
        found.append(Lack.ASKED_TO_CLOSE)
    return tuple(found)


def enough(account: Account, rules: Rules, roster: Iterable[Person]) -> bool:
    """Whether enough different people run it."""
    return len(active_operators(account, roster)) >= rules.operators


def unready(
    account: Account, rules: Rules, roster: Iterable[Person], policy: str, today: date
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """The operators who have not confirmed the policy as it is now, and those not trained, or not lately enough."""
    people, unread, untrained = tuple(roster), [], []
    for person in active_operators(account, people):
        mine = the_same(person.ids, people)
        given = next((c for c in reversed(account.confirmations) if c.person in mine), None)
        if rules.confirm and (given is None or given.policy != policy):
            unread.append(person)
        if rules.trained_within is not None and (
            given is None or given.trained is None or given.trained + rules.trained_within < today
        ):
            untrained.append(person)
    return tuple(unread), tuple(untrained)


def newly_unready(
    before: Account, after: Account, rules: Rules, roster: Iterable[Person], policy: str, today: date
) -> tuple[Person, ...]:
    """Those who run an account after a change and did not before, as far as they are not ready to."""
    people = tuple(roster)
    were = the_same(before.operators, people)
    unread, untrained = unready(after, rules, people, policy, today)
    return tuple(person for person in dict.fromkeys((*unread, *untrained)) if not person.ids & were)


def take(
    account: Account,
    action: Action,
    person: Person | None,
    now: datetime,
    *,
    rules: Rules,
    roster: Iterable[Person],
    policy: str,
    today: date,
    text: str = "",
    version: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> tuple[Account, Entry | None]:
    """The account after an action, and the entry to add; None when it is the second press of what was just done.

    `person` None is the assistant itself; `version` the number of entries of the account they were looking at; `changes` what the action
    brings: answers, operators, handle and so on. Raises NotYours, Changed, NotNow, ReasonNeeded and NotReady.
    """
    people, actor, text = tuple(roster), person.id if person else "", text.strip()
    step = STEPS[action]
    held = frozenset({Part.ASSISTANT}) if person is None else parts(person, account, rules, people)
    after = replace(account, **(changes or {}))
    # With anything else in it, it is no second press but another try from a page that is out of date.
    if version == account.entries - 1 and account.last == (actor, action, text) and after == account:
        return account, None
    if not held & step.by:
        raise NotYours
    if version is not None and version != account.entries:
        raise Changed
    if account.state not in step.when:
        raise NotNow
    if step.reason and not text:
        raise ReasonNeeded
    if lacks := lacking(after, action, rules, people, policy, today):
        raise NotReady(lacks)
    changed: dict[str, Any] = {
        "state": step.to or account.state,
        "entries": account.entries + 1,
        "last": (actor, action, text),
    }
    after = replace(after, **changed | _changed_by(action, account, after, actor, now, policy, today, rules, people))
    entry = Entry(
        at=now,
        actor=actor,
        action=action,
        text=text,
        before=account.state,
        after=after.state,
        policy=policy,
        revision=after.revision,
    )
    return after, entry


def _changed_by(
    action: Action,
    before: Account,
    account: Account,
    actor: str,
    now: datetime,
    policy: str,
    today: date,
    rules: Rules,
    roster: tuple[Person, ...],
) -> dict[str, Any]:
    """What an action changes beside what was given with it."""
    if action is Action.CHANGE:
        _given_to_oneself(before, account, actor, roster)
        new = newly_unready(before, account, rules, roster, policy, today)
        # Nobody new runs it before they are ready and it has been taken over.
        return {"state": State.HANDOVER} if new and account.state is State.LIVE else {}
    if action in {Action.OPEN, Action.REVIEW}:
        return {"review_on": today + rules.review}
    if action is Action.SUBMIT:  # whatever was approved was another application
        return {
            "revision": account.revision + 1,
            "approvals": (),
            "policy": policy,
            "submitted_at": now,
            "owner": account.owner or account.operators[0],
        }
    if action is Action.APPROVE:
        return _approved(account, actor, now, rules, roster)
    if action is Action.ASK_TO_CLOSE:
        return {"asked_to_close": actor}
    if action is Action.KEEP:
        return {"asked_to_close": ""}
    if action is Action.CLOSE:
        if account.asked_to_close in the_same({actor}, roster):
            raise NotYours
        return {"closed_at": now}
    return {}


def _given_to_oneself(before: Account, after: Account, actor: str, roster: tuple[Person, ...]) -> None:
    """Raise NotYours where somebody who did not run it makes themselves one of those who do, under whatever id."""
    me = the_same({actor}, roster)
    if me & set(after.operators) and not me & set(before.operators):
        raise NotYours


def _approved(account: Account, actor: str, now: datetime, rules: Rules, roster: tuple[Person, ...]) -> dict[str, Any]:
    """One more approval; the application is approved once all that the school asks for are there."""
    given = tuple(one for one in account.approvals if one.revision == account.revision)
    me = the_same({actor}, roster)
    if any(one.person in me for one in given):
        raise NotYours  # two approvals are two people's
    groups = _deciders(account, rules, roster)
    open_ = [which for which in range(len(groups)) if which not in {one.which for one in given}]
    which = next((one for one in open_ if any(p.ids & me for p in groups[one])), None)
    if which is None:
        raise NotYours
    given = (*given, Approval(person=actor, which=which, revision=account.revision))
    if len(given) < len(groups):
        return {"approvals": given, "state": State.SUBMITTED}
    return {"approvals": given, "approved_at": now}
