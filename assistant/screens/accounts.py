"""An application or account with all that can be done with it; what waits for whom; the register."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from assistant import cards
from assistant.cards import Button, Card, Choice, Facts, Field, Form, Row, Text
from assistant.domain.account_steps import active_operators, creators, lacking, unready, waits_for
from assistant.domain.accounts import IN_USE, STEPS, Account, Action, Entry, Lack, Part, State
from assistant.domain.applications import CHECKS, OPERATORS
from assistant.domain.errors import AssistantError
from assistant.domain.register import version_of
from assistant.domain.routing import Kind
from assistant.domain.schools import School
from assistant.handlers.register import Seen
from assistant.screens.applying import LACKS, trouble
from assistant.screens.terms import ACCOUNT_STATES, day, moment, name_of, names
from index.clauses import Policy


def account(
    seen: Seen,
    school: School,
    policy: Policy | None,
    today: date,
    error: AssistantError | None = None,
    duties: Sequence[cards.Part] = (),
    tried: tuple[Action, Mapping[str, str]] | None = None,
) -> Card:
    """An application or account: where it stands, what was answered and done, what can be done now.

    After an `error` what was `tried` stands in its form, to be put right.
    """
    one = seen.account
    parts: list[cards.Part] = [Facts(facts=tuple(facts(one, school)))]
    if error is not None:
        parts.insert(0, Text(text=trouble(error), style="warning"))
    said = [(q.label, one.answers[q.name]) for q in school.applications.fields if one.answers.get(q.name)]
    parts.append(Facts(facts=tuple(said), title="" if one.state is State.SUBMITTED else "Show the application"))
    parts.append(
        Facts(facts=tuple((_when_and_who(e, school), _done(e)) for e in seen.entries), title="Show what has been done")
    )
    parts += _missing(seen, school, version_of(policy), today)
    parts += duties
    parts += _forms(seen, school, policy.title if policy else "policy", tried)
    parts.append(Button(label="All accounts", action="accounts"))
    return Card(
        title=f"{one.platform or 'Account'} · {one.reference}",
        parts=tuple(parts),
        failed=error is not None,
        action="account",
        values={"reference": one.reference},
    )


def facts(one: Account, school: School) -> list[tuple[str, str]]:
    """Where an account stands."""
    rules, roster = school.applications, school.roster
    active = active_operators(one, roster)
    found = [
        ("State", ACCOUNT_STATES[one.state]),
        ("Applied for by", name_of(one.applicant, school)),
        ("Run by", names(active) or "nobody who works here"),
    ]
    gone = [id_ for id_ in one.operators if not any(id_ in p.ids for p in active)]
    if gone:
        found.append(("No longer here", ", ".join(name_of(id_, school) for id_ in gone)))
    if one.state is State.SUBMITTED:
        found.append(("Waits for", names(waits_for(one, rules, roster)) or "nobody who may decide"))
    if one.state in {State.APPROVED, State.CREATED, State.HANDOVER}:
        found.append(("Looked after by", names(creators(one, rules, roster)) or "nobody: the role is empty"))
    if one.handle:
        found.append(("Name or handle", one.handle))
    if one.state in IN_USE:
        found += [("Owner", name_of(one.owner, school)), ("Password kept in", one.password_kept)]
    for given in one.confirmations:
        trained = f", trained {day(given.trained)}" if given.trained else ""
        found.append((f"Confirmed by {name_of(given.person, school)}", f"{moment(given.at, school)}{trained}"))
    if one.review_on:
        found.append(("Next review", day(one.review_on)))
    if one.asked_to_close and one.state in IN_USE:
        found.append(("To be closed", f"asked by {name_of(one.asked_to_close, school)}"))
    return found


_NEXT = {
    State.SUBMITTED: Action.APPROVE,
    State.CREATED: Action.OPEN,
    State.SUSPENDED: Action.RESUME,
    State.HANDOVER: Action.TAKE_OVER,
}


def _missing(seen: Seen, school: School, policy: str, today: date) -> list[cards.Part]:
    """What the next step still waits for, by name, apart from what is ticked with it."""
    one, rules = seen.account, school.applications
    action = _NEXT.get(one.state)
    if action is None:
        return []
    lacks = [lack for lack in lacking(one, action, rules, school.roster, policy, today) if lack is not Lack.CHECKLIST]
    unread, untrained = unready(one, rules, school.roster, policy, today)
    said = [LACKS[lack] for lack in lacks]
    who = [f"confirmation: {names(unread)}"] * bool(unread) + [f"training: {names(untrained)}"] * bool(untrained)
    text = f"Not ready: {'; '.join(said)}" + (f" ({'; '.join(who)})" if who else "") + "."
    return [Text(text=text, style="warning")] if lacks else []


# Action: title, label of the words asked for ("" for none), button
SAID = {
    Action.CONFIRM: ("Confirm that you have read the {policy}", "", "I have read and understood it"),
    Action.APPROVE: ("Approve", "Anything to say with it", "Approve"),
    Action.ASK: ("Ask for information", "Your question to the applicant", "Ask"),
    Action.REJECT: ("Reject", "Why. The applicant reads it.", "Reject"),
    Action.WITHDRAW: ("Withdraw", "Why, if you like", "Withdraw"),
    Action.CREATE: ("It has been created", "", "It has been created"),
    Action.OPEN: ("Let it go live", "", "It is live"),
    Action.REVIEW: ("Yearly review", "What was looked at", "It has been reviewed"),
    Action.CHANGE: ("Change who runs it, or where the password is kept", "Why", "Change"),
    Action.SUSPEND: ("Suspend", "What has happened", "Suspend"),
    Action.RESUME: ("Let it go on", "Why it is safe again", "Let it go on"),
    Action.HAND_OVER: ("Begin a handover", "Why", "Begin"),
    Action.TAKE_OVER: ("The handover is done", "Say that the password has been changed, and when", "It is done"),
    Action.ASK_TO_CLOSE: ("Ask to close it", "Why", "Ask"),
    Action.KEEP: ("Keep it after all", "Why", "Keep it"),
    Action.CLOSE: ("Close it for good", "What becomes of its content and followers", "Close it"),
}


def can(action: Action, one: Account, held: frozenset[Part]) -> bool:
    """Whether an action is offered."""
    if action in {Action.CLOSE, Action.KEEP} and not one.asked_to_close:
        return False
    if action is Action.ASK_TO_CLOSE and one.asked_to_close:
        return False
    return bool(held & STEPS[action].by) and one.state in STEPS[action].when


def _forms(
    seen: Seen, school: School, policy: str, tried: tuple[Action, Mapping[str, str]] | None = None
) -> list[cards.Part]:
    one = seen.account
    values = {"reference": one.reference, "version": str(one.entries)}
    found: list[cards.Part] = []
    if can(Action.SUBMIT, one, seen.held):
        question = next((e.text for e in reversed(seen.entries) if e.action is Action.ASK), "")
        if one.state is State.INFORMATION_REQUESTED and question:
            found.append(Text(text=f"You are asked: {question}", style="warning"))
        label = "Answer, or change the application" if one.state is not State.DRAFT else "Go on with the draft"
        found.append(Button(label=label, action="apply-change", values=values, strong=True))
    for action, (title, label, submit) in SAID.items():
        if can(action, one, seen.held):
            fields = _fields(action, one, school)
            if label:
                fields.append(Field(name="text", label=label, kind="text", required=STEPS[action].reason))
            back = tried is not None and tried[0] is action
            if tried is not None and back:
                fields = [replace(field, value=tried[1].get(field.name, "")) for field in fields]
            found.append(
                Form(
                    action=f"account-{action.replace(' ', '-')}",
                    fields=tuple(fields),
                    submit=submit,
                    values=values,
                    title=title.format(policy=policy),
                    open=back,
                )
            )
    return found


def _fields(action: Action, one: Account, school: School) -> list[Field]:
    """What an action asks for beside words."""
    rules = school.applications
    people = tuple(Choice(value=p.id, label=f"{p.name}, {p.titles}") for p in school.roster if p.active)
    fields: list[Field] = []
    if action is Action.CONFIRM and rules.trained_within is not None:
        fields.append(
            Field(name="trained", label="When were you trained?", hint="A date, for example 2026-09-02.", required=True)
        )
    if action in {Action.CREATE, Action.CHANGE}:
        fields.append(
            Field(
                name="handle",
                label="Its name or handle",
                required=True,
                value=one.handle or one.answers.get("name", ""),
            )
        )
        fields.append(
            Field(
                name="password_kept",
                label="Where is its password kept?",
                hint="A place, for example: password manager, folder Social media. Never the password itself.",
                required=True,
                value=one.password_kept,
            )
        )
    if action is Action.CHANGE:
        fields.append(
            Field(
                name=OPERATORS,
                label="Who runs it?",
                kind="any",
                choices=people,
                hint="Whoever is new confirms first; an account that is live is being handed over until then.",
                required=True,
                value=",".join(one.operators),
            )
        )
        fields.append(
            Field(name="owner", label="Who owns it?", kind="one", choices=people, required=True, value=one.owner)
        )
    if action is Action.OPEN and rules.before_live:
        checks = tuple(Choice(value=name, label=CHECKS[name]) for name in rules.before_live)
        fields.append(Field(name="checked", label="Confirm each of these:", kind="any", choices=checks, required=True))
    return fields


def accounts(
    mine: Sequence[tuple[Account, frozenset[Part]]],
    public: Sequence[Account],
    school: School,
    *,
    duties: Sequence[cards.Part] = (),
    policies: Sequence[cards.Part] = (),
) -> Card:
    """What waits for a person, what is theirs, the register for those who look after it, and the school's accounts for all."""
    waiting = [(a, held) for a, held in mine if _waits_for(a, held)]
    own = [(a, held) for a, held in mine if held & {Part.APPLICANT, Part.OPERATOR}]
    kept = [(a, held) for a, held in mine if held & {Part.LEADER, Part.CREATOR, Part.APPROVER, Part.SAFEGUARDING}]
    parts: list[cards.Part] = [Button(label="Apply for an account", action="apply", strong=True)]
    parts += _rows("Waiting for you:", [a for a, _ in waiting], school, strong=True)
    parts += duties
    parts += _rows("Yours:", [a for a, _ in own if a not in [w for w, _ in waiting]], school)
    shown = {a.id for a, _ in (*waiting, *own)}
    parts += _rows("The register:", [a for a, _ in kept if a.id not in shown], school)
    others = [a for a in public if a.id not in shown | {k.id for k, _ in kept}]
    if others:
        parts.append(Text(text="Accounts in the school's name:"))
        parts.append(
            Facts(facts=tuple((f"{a.platform}: {a.handle}", f"ask {name_of(a.owner, school)}") for a in others))
        )
    if not (mine or public):
        parts.append(
            Text(text="There are no accounts yet. An application that you send, or that waits for you, appears here.")
        )
    parts += policies
    parts.append(
        Button(label="A pupil has contacted my personal account", action="report", values={"kinds": Kind.CONTACT})
    )
    if school.applications.duties.declarations:
        parts.append(Button(label="Declare that I know a pupil or parent in private", action="declare"))
    return Card(title="Social-media accounts", parts=tuple(parts), action="accounts")


def _waits_for(one: Account, held: frozenset[Part]) -> bool:
    """Whether it is this person's turn."""
    turns = {
        State.DRAFT: Part.APPLICANT,
        State.SUBMITTED: Part.APPROVER,
        State.INFORMATION_REQUESTED: Part.APPLICANT,
        State.APPROVED: Part.CREATOR,
        State.CREATED: Part.CREATOR,
        State.SUSPENDED: Part.APPROVER,
        State.HANDOVER: Part.CREATOR,
    }
    return turns.get(one.state) in held or bool(one.asked_to_close and one.state in IN_USE and Part.APPROVER in held)


def _rows(title: str, found: Iterable[Account], school: School, *, strong: bool = False) -> list[cards.Part]:
    rows: list[cards.Part] = [
        Row(
            label=f"{one.platform or 'Account'} · {one.reference}",
            facts=tuple(_summary(one, school)),
            action="account",
            values={"reference": one.reference},
            strong=strong,
        )
        for one in found
    ]
    return [Text(text=title), *rows] if rows else []


def _summary(one: Account, school: School) -> list[str]:
    found = [ACCOUNT_STATES[one.state]]
    if one.handle:
        found.append(one.handle)
    if one.state in IN_USE:
        found.append(f"run by {names(active_operators(one, school.roster)) or 'nobody'}")
        found.append(f"password in {one.password_kept}")
    else:
        found.append(f"from {name_of(one.applicant, school)}")
    if one.review_on and one.state in IN_USE:
        found.append(f"review {day(one.review_on)}")
    return found


def _when_and_who(entry: Entry, school: School) -> str:
    who = name_of(entry.actor, school) if entry.actor else "the assistant"
    return f"{moment(entry.at, school)}, {who}"


_DONE = {
    Action.SAVE: "kept a draft",
    Action.SUBMIT: "sent the application",
    Action.CONFIRM: "confirmed having read the policy",
    Action.ASK: "asked",
    Action.APPROVE: "approved it",
    Action.REJECT: "rejected it",
    Action.WITHDRAW: "withdrew it",
    Action.EXPIRE: "let the approval expire",
    Action.CREATE: "created the account",
    Action.OPEN: "let it go live",
    Action.CHANGE: "changed it",
    Action.REVIEW: "reviewed it",
    Action.SUSPEND: "suspended it",
    Action.RESUME: "let it go on",
    Action.HAND_OVER: "began a handover",
    Action.TAKE_OVER: "ended the handover",
    Action.ASK_TO_CLOSE: "asked to close it",
    Action.KEEP: "kept it",
    Action.CLOSE: "closed it",
}


def _done(entry: Entry) -> str:
    return _DONE[entry.action] + (f": {entry.text}" if entry.text else "")
