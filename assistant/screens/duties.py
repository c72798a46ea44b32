"""Comments with their clocks, posts for a second reader, and policies whose review comes near."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from assistant import cards
from assistant.cards import Choice, Facts, Field, Form, Row, Text
from assistant.domain.accounts import Account
from assistant.domain.duties import Duty, DutyKind, Outcome
from assistant.domain.people import Person, the_same
from assistant.domain.schools import School
from assistant.screens.terms import day, moment, name_of
from index.clauses import Policy

_OUTCOMES = {
    Outcome.ANSWERED: "Answered",
    Outcome.ACKNOWLEDGED: "Acknowledged: an answer follows",
    Outcome.AGREED: "Agreed: it may be published",
    Outcome.NOT_AGREED: "Not agreed",
    Outcome.WITHDRAWN: "Withdrawn",
}


def of_account(
    account: Account, found: Sequence[Duty], school: School, person: Person, now: datetime, form: str
) -> list[cards.Part]:
    """An account's open duties with what can be done, forms for new ones, and what was done."""
    switched = school.applications.duties
    parts: list[cards.Part] = []
    for duty in found:
        if duty.done_at is None:
            parts += _open(duty, school, person, now)
    done = [duty for duty in found if duty.done_at is not None][:20]
    if done:
        parts.append(
            Facts(facts=tuple(_done(duty, school) for duty in done), title="Show comments and posts that are done")
        )
    values = {"reference": account.reference, "form": form}
    if switched.comments:
        fields = (
            Field(
                name="text",
                label="What was asked, and where?",
                kind="text",
                hint="In short. No child's name.",
                required=True,
            ),
            Field(name="received", label="When did it come in?", hint="For example 2026-11-19 15:40. Empty for now."),
        )
        parts.append(
            Form(
                action="comment-log", fields=fields, submit="Log it", values=values, title="Log a comment or complaint"
            )
        )
    if switched.second_reader:
        field = Field(name="text", label="The post, word for word", kind="text", required=True)
        parts.append(
            Form(
                action="post-log",
                fields=(field,),
                submit="Ask for a second reader",
                values=values,
                title="Have a post read before it is published",
            )
        )
    return parts


def _open(duty: Duty, school: School, person: Person, now: datetime) -> list[cards.Part]:
    who = name_of(duty.by, school)
    values = {"duty": duty.id, "reference": duty.account}
    if duty.kind is DutyKind.COMMENT:
        outcomes: tuple[Outcome, ...] = (Outcome.ANSWERED, Outcome.ACKNOWLEDGED)
        clock = f"to be answered by {moment(duty.due_at, school)}" if duty.due_at else ""
        late = "LATE: it was " if duty.late(now) else ""
        facts = [
            ("Comment, logged by " + who, duty.text),
            ("Received", moment(duty.at, school)),
            ("Clock", late + clock),
        ]
        label = "What was answered, in short"
    else:
        mine = duty.by in the_same(person.ids, school.roster)
        outcomes = (Outcome.WITHDRAWN,) if mine else (Outcome.AGREED, Outcome.NOT_AGREED)
        facts = [("Post by " + who, duty.text), ("Written", moment(duty.at, school))]
        label = "Why, if you don't agree" if not mine else "Why, if you like"
    choices = tuple(Choice(value=outcome, label=_OUTCOMES[outcome]) for outcome in outcomes)
    fields = (
        Field(name="outcome", label="What has been done?", kind="one", choices=choices, required=True),
        Field(name="text", label=label, kind="text"),
    )
    return [Facts(facts=tuple(facts)), Form(action="duty-done", fields=fields, submit="Record it", values=values)]


def _done(duty: Duty, school: School) -> tuple[str, str]:
    what = _OUTCOMES[duty.outcome] if duty.outcome else ""
    at = moment(duty.done_at, school) if duty.done_at else ""
    late = ", late" if duty.due_at and duty.done_at and duty.done_at > duty.due_at else ""
    note = f" ({duty.note})" if duty.note else ""
    return f"{what} {at}{late}, {name_of(duty.done_by, school)}", duty.text + note


def waiting(found: Iterable[Duty], school: School, now: datetime) -> list[cards.Part]:
    """Rows that lead to the accounts on which something waits."""
    rows: list[cards.Part] = []
    for duty in found:
        fact = "a post to be read"
        if duty.due_at:
            fact = f"a comment, {'LATE since' if duty.late(now) else 'to be answered by'} {moment(duty.due_at, school)}"
        rows.append(
            Row(label=duty.account, facts=(fact,), action="account", values={"reference": duty.account}, strong=True)
        )
    return [Text(text="Comments and posts:"), *rows] if rows else []


def policies(due: Sequence[tuple[Policy, int]], today: date) -> list[cards.Part]:
    """The policies to review, overdue ones first."""
    facts = []
    for policy, _ in sorted(due, key=lambda pair: pair[0].next_review.last if pair[0].next_review else today):
        if policy.next_review:
            late = "overdue since" if policy.overdue(today) else "due"
            facts.append((policy.title, f"{late} {day(policy.next_review.last)}, owner {policy.owner or 'not named'}"))
    return [Text(text="Policies to review:"), Facts(facts=tuple(facts))] if facts else []
