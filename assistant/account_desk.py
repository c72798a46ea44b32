"""The dialogue about social-media accounts: a form's values to an application, a press to the right use case, to cards."""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from assistant.cards import Card, Incoming
from assistant.domain.accounts import IN_USE, WAITS_IN, Action
from assistant.domain.applications import CHECKS, OPERATORS, deciders
from assistant.domain.asked_for import asked_for
from assistant.domain.delivery import NoticeKind
from assistant.domain.duties import Outcome
from assistant.domain.errors import (
    AssistantError,
    Changed,
    LooksLikeAPassword,
    NothingHere,
    NotNow,
    NotReachable,
    NotReady,
    ReasonNeeded,
    Unfinished,
)
from assistant.domain.people import Person
from assistant.domain.register import policies_due, the_policy, version_of, with_a_password
from assistant.domain.schools import School
from assistant.handlers import accounts, duties, register
from assistant.ports import Begin, Clock, FindClauses
from assistant.screens import accounts as screens
from assistant.screens import applying
from assistant.screens import duties as duty_screens
from assistant.screens.notice_cards import as_it_is_now
from index.clauses import Policy

_LEADERS = frozenset({"slt", "headteacher", "ceo", "policy_owner"})  # who sees which policies are due for review


class AccountDesk:
    """Everything that is said about accounts, for every door alike."""

    def __init__(self, begin: Begin, clock: Clock, clauses: FindClauses) -> None:
        self._begin, self._clock, self._clauses = begin, clock, clauses
        self._actions: dict[str, Callable[[Incoming, School, Person], Card]] = {
            "apply": self._form,
            "apply-change": self._change,
            "apply-send": self._send,
            "accounts": self._accounts,
            "account": self._account,
            "account-notice": self._notice,
            "comment-log": self._comment,
            "post-log": self._post,
            "duty-done": self._duty,
        }
        self._actions |= {f"account-{action.replace(' ', '-')}": self._do for action in screens.SAID}

    def knows(self, action: str) -> bool:
        """Whether an action is one of ours."""
        return action in self._actions

    def reply(self, incoming: Incoming, school: School, person: Person) -> Card:
        """The card for an action. Raises AssistantError."""
        return self._actions[incoming.action](incoming, school, person)

    def _form(self, incoming: Incoming, school: School, person: Person) -> Card:
        return self._filled({"form": secrets.token_urlsafe(18), OPERATORS: person.id}, school, person)

    def _change(self, incoming: Incoming, school: School, person: Person) -> Card:
        one = register.see(_reference(incoming), person, **self._with(school)).account
        values = {**one.answers, OPERATORS: ",".join(one.operators)}
        return self._filled(values | {"reference": one.reference, "version": str(one.entries)}, school, person)

    def _filled(
        self, values: Mapping[str, str], school: School, person: Person, error: AssistantError | None = None
    ) -> Card:
        rules = school.applications
        policies = self._clauses.policies(school.id)
        found = {one.name: asked_for(one, policies) for one in rules.fields}
        groups = deciders(rules, values, {person.id, *_ids(values.get(OPERATORS, ""))}, school.roster)
        who = {p.id: p for group in groups for p in group}
        return applying.form(school, found, values, tuple(who.values()), error)

    def _send(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = incoming.values
        operators, submit = _ids(values.get(OPERATORS, "")), values.get("then") != "keep"
        try:
            if values.get("reference"):
                account = accounts.do(
                    Action.SUBMIT if submit else Action.SAVE,
                    values["reference"],
                    person,
                    version=incoming.version,
                    changes={"answers": values, "operators": operators},
                    policy=self._policy(school),
                    **self._with(school),
                )
            else:
                account = accounts.apply(
                    values,
                    operators,
                    person,
                    values.get("form", ""),
                    submit=submit,
                    policy=self._policy(school),
                    **self._with(school),
                )
        except (Unfinished, NotReady, NotNow, Changed, NotReachable) as error:  # what was written is still there
            return self._filled(values, school, person, error)
        return self._shown(account.reference, school, person)

    def _accounts(self, incoming: Incoming, school: School, person: Person) -> Card:
        mine = register.everything_for(person, school=school, begin=self._begin)
        now = self._clock.now()
        waiting = duties.waiting_for(person, school=school, begin=self._begin)
        due = policies_due(self._clauses.policies(school.id), school.today(now)) if person.roles & _LEADERS else []
        return screens.accounts(
            mine,
            register.in_the_schools_name(school, begin=self._begin),
            school,
            duties=duty_screens.waiting(waiting, school, now),
            policies=duty_screens.policies(due, school.today(now)),
        )

    def _account(self, incoming: Incoming, school: School, person: Person) -> Card:
        return self._shown(_reference(incoming), school, person)

    def _notice(self, incoming: Incoming, school: School, person: Person) -> Card:
        """A message about an account as it is now, for whoever looks at it."""
        kind = incoming.values.get("kind", "")
        if kind not in {k.value for k in WAITS_IN}:
            raise NothingHere
        account = register.see(_reference(incoming), person, **self._with(school)).account
        policy = self._policy(school)
        confirmed = any(c.person == person.id and c.policy == policy for c in account.confirmations)
        theirs = not (NoticeKind(kind) is NoticeKind.CONFIRM and confirmed)
        return as_it_is_now(school.id, account.reference, NoticeKind(kind), account.state, theirs=theirs)

    def _shown(
        self,
        reference: str,
        school: School,
        person: Person,
        error: AssistantError | None = None,
        tried: tuple[Action, Mapping[str, str]] | None = None,
    ) -> Card:
        seen = register.see(reference, person, **self._with(school))
        now, owed = self._clock.now(), []
        if seen.account.state in IN_USE and seen.held & duties.DOES:
            found = duties.of_account(seen.account, school=school, begin=self._begin)
            owed = duty_screens.of_account(seen.account, found, school, person, now, secrets.token_urlsafe(18))
        return screens.account(seen, school, self._the_policy(school), school.today(now), error, owed, tried)

    def _comment(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = incoming.values
        received = _moment(values.get("received", ""), school)
        duties.log_comment(
            _reference(incoming),
            values.get("text", ""),
            received,
            person,
            values.get("form", ""),
            **self._with(school),
        )
        return self._shown(_reference(incoming), school, person)

    def _post(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = incoming.values
        duties.log_post(
            _reference(incoming), values.get("text", ""), person, values.get("form", ""), **self._with(school)
        )
        return self._shown(_reference(incoming), school, person)

    def _duty(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = incoming.values
        if values.get("outcome") not in set(Outcome):
            raise Unfinished
        duties.finish(
            values.get("duty", ""), Outcome(values["outcome"]), values.get("text", ""), person, **self._with(school)
        )
        return self._shown(_reference(incoming), school, person)

    def _do(self, incoming: Incoming, school: School, person: Person) -> Card:
        action = Action(incoming.action.removeprefix("account-").replace("-", " "))
        values = incoming.values
        try:
            accounts.do(
                action,
                _reference(incoming),
                person,
                text=values.get("text", ""),
                version=incoming.version,
                changes=_changes(action, values),
                policy=self._policy(school),
                **self._with(school),
            )
        except LooksLikeAPassword as error:  # everything else that was written comes back, to be put right
            rest = dict(values) | dict.fromkeys(with_a_password(values), "")
            return self._shown(_reference(incoming), school, person, error, (action, rest))
        except (NotReady, ReasonNeeded, Unfinished) as error:
            return self._shown(_reference(incoming), school, person, error, (action, values))
        try:
            return self._shown(_reference(incoming), school, person)
        except NothingHere:  # done, and no longer theirs to see
            return self._accounts(incoming, school, person)

    def _policy(self, school: School) -> str:
        return version_of(self._the_policy(school))

    def _the_policy(self, school: School) -> Policy | None:
        return the_policy(school.applications, self._clauses.policies(school.id))

    def _with(self, school: School) -> dict[str, Any]:
        return {"school": school, "begin": self._begin, "clock": self._clock}


def _reference(incoming: Incoming) -> str:
    return incoming.values.get("reference", "")


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _changes(action: Action, values: Mapping[str, str]) -> dict[str, Any]:
    """What comes with an action, as its form asks for it: nothing else of what was sent counts."""
    if action is Action.CONFIRM:
        return {"trained": _date(values.get("trained", ""))}
    changes: dict[str, Any] = {}
    if action in {Action.CREATE, Action.CHANGE}:
        changes |= {name: values.get(name, "").strip()[:500] for name in ("handle", "password_kept")}
    if action is Action.CHANGE:
        changes |= {OPERATORS: _ids(values.get(OPERATORS, "")), "owner": values.get("owner", "")}
    if action is Action.OPEN:
        changes["checked"] = tuple(name for name in _ids(values.get("checked", "")) if name in CHECKS)
    return changes


def _moment(text: str, school: School) -> datetime | None:
    """A moment at the school, as people write it; None for nothing. Raises Unfinished for anything else."""
    words = text.replace("T", " ").split()
    day = _date(words[0]) if words else None
    try:
        clock = time.fromisoformat(words[1]) if len(words) > 1 else time()
    except ValueError:
        raise Unfinished from None
    return datetime.combine(day, clock.replace(tzinfo=None), school.calendar.zone) if day else None


def _date(text: str) -> date | None:
    """A day as people write it: 2026-09-02 or 2/9/2026. Raises Unfinished for anything else, None for nothing."""
    text = text.strip()
    if not text:
        return None
    try:
        if "/" in text:
            day, month, year = map(int, text.split("/"))
            return date(year + 2000 * (year < 100), month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise Unfinished from None
