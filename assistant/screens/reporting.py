"""The confidential form, the receipt, the reporter's own page."""

from collections.abc import Iterable, Mapping, Sequence

from assistant import cards
from assistant.cards import Button, Card, Choice, Facts, Field, Form, Items, Row, Text
from assistant.domain.concerns import Action, Summary
from assistant.domain.errors import AssistantError
from assistant.domain.people import Person
from assistant.domain.routing import Kind, Ladder
from assistant.domain.schools import School
from assistant.handlers.reporting import Receipt
from assistant.screens.emergency import danger_first, emergency, outside
from assistant.screens.terms import ASKED, KINDS, STATES, adults, moment, place_name

_LONG = {"what", "done"}


ADVICE = (
    "Don't promise to keep it secret. Say who needs to know.",
    "Don't investigate, and don't ask leading questions. Listen, and write it down.",
    "Write facts, and the child's own words where there are any. Say when something is your opinion.",
    "If you are a teacher and find that female genital mutilation was carried out on a girl under 18, you must also tell the police yourself (101).",
    "Never look at, copy, send or delete an image that may be illegal. Leave the device, and tell the Designated Safeguarding Lead.",
)


def dropped() -> Text:
    """Why what was typed behind the command is not in the form."""
    return Text(
        text="What you typed after the command was thrown away unread: a chat message is no safe place for it. Please write it here instead.",
        style="warning",
    )


def missing(text: str) -> Text:
    """What a form still wants."""
    return Text(text=text, style="warning")


def about_whom(
    school: School, day_people: Sequence[Person], values: Mapping[str, str], note: Text | None = None
) -> Card:
    """The first step: danger, and whom it is about. Nothing of what happened."""
    fields = (
        Field(
            name="danger",
            label="Is anyone in immediate danger?",
            kind="one",
            choices=(Choice(value="no", label="No"), Choice(value="yes", label="Yes")),
            required=True,
            value=values.get("danger", ""),
        ),
        Field(
            name="kinds",
            label="Whom is it about?",
            kind="any",
            choices=tuple(
                Choice(value=kind, label=label) for kind, label in KINDS.items() if kind is not Kind.DECLARATION
            ),
            hint="Tick all that apply. It decides who gets it, so it comes before what happened.",
            required=True,
            value=values.get("kinds", ""),
        ),
    )
    return Card(
        title="Report a concern, in confidence",
        parts=(
            *emergency(school, day_people),
            *((note,) if note else ()),
            Form(
                action="report-about",
                fields=fields,
                submit="Go on",
                values={name: values[name] for name in ("form", "where") if values.get(name)},
            ),
            Text(text="Nothing is sent until you press Send on the last page.", style="note"),
        ),
        sealed=True,
    )


def which_person(school: School, me: Person, kind: Kind, values: Mapping[str, str], danger: bool) -> Card:
    """The second step, where an adult of the school is meant: which one, and what the reporter may choose."""
    people = adults(school)
    label, hint = "Which person?", "If you tick nobody, nobody who has the post that you ticked gets it."
    if kind is Kind.CONTACT:
        # Often it is the reporter's own; whoever is ticked would see nothing of it any more, so they are no choice.
        people = tuple(choice for choice in people if choice.value not in me.ids)
        label, hint = "Whose account is it?", "Leave it empty if it is your own or you don't know."
    elif kind is Kind.STAFF:
        hint = "Leave it empty if you don't know."
    hint = f"Whoever you tick never gets this report, nor sees that there is one. {hint}"
    ticked = values.get("subjects", "")
    fields = [Field(name="subjects", label=label, kind="any", choices=people, hint=hint, value=ticked)]
    offered = school.choices.get(kind, ())
    if offered:
        fields.append(
            Field(
                name="choice",
                label="Who should get it first?",
                kind="one",
                choices=tuple(Choice(value=place, label=place_name(place, school)) for place in offered),
                value=values.get("choice", ""),
            )
        )
    if kind is Kind.STAFF:
        fields.append(
            Field(
                name="also_dsl",
                label="Should the Designated Safeguarding Lead get it too?",
                kind="one",
                choices=(Choice(value="no", label="No"), Choice(value="yes", label="Yes")),
                value=values.get("also_dsl", ""),
            )
        )
    return Card(
        title="Which person is it about?",
        parts=(
            *danger_first(danger),
            Form(action="report-who", fields=tuple(fields), submit="Go on", values=dict(values)),
        ),
        sealed=True,
    )


def what_happened(
    school: School, ladder: Ladder, values: Mapping[str, str], danger: bool, error: AssistantError | None = None
) -> Card:
    """The last step: who will get it, and only now what happened. With an error, what was typed is still there."""
    fields = [
        Field(
            name=name,
            label=label,
            kind="text" if name in _LONG else "line",
            hint=hint,
            required=name == "what",
            value=values.get(name, ""),
        )
        for name, label, hint in ASKED
    ]
    if ladder.everyone:
        fields.append(
            Field(
                name="close",
                label="Should one of these people not get it?",
                kind="any",
                choices=tuple(Choice(value=p.id, label=p.name) for p in ladder.everyone),
                hint="Because they are involved, or close to somebody who is.",
                value=values.get("close", ""),
            )
        )
    if school.anonymous:
        fields.append(
            Field(
                name="anonymous",
                label="Give your name?",
                kind="one",
                choices=(
                    Choice(value="no", label="Yes, with my name"),
                    Choice(value="yes", label="No, anonymously"),
                ),
                hint="Without your name it is taken just as seriously. Nobody who reads it sees your name; it is kept sealed, so that questions can reach you here. What you write may still show who you are.",
                value=values.get("anonymous", "no"),
            )
        )
    kept = {key: value for key, value in values.items() if key not in {field.name for field in fields}}
    return Card(
        title="Your report",
        parts=(
            *((Text(text=type(error).__doc__ or "", style="warning"),) if error else ()),
            *danger_first(danger or error is not None),
            Text(text=_goes_to(ladder, danger)),
            *(outside(school) if not ladder.rungs or error else ()),
            Items(items=ADVICE),
            Form(action="report-send", fields=tuple(fields), submit="Send", values=kept),
        ),
        sealed=True,
        failed=error is not None,
    )


def declaration(ladder: Ladder, values: Mapping[str, str], error: AssistantError | None = None) -> Card:
    """A member of staff's own declaration; kept as a report is, and read by nobody but those named."""
    fields = (
        Field(
            name="what",
            label="Whom do you know, how, and since when?",
            kind="text",
            hint="For example: a cousin who is a parent in Year 3; a friend since before her child joined.",
            required=True,
            value=values.get("what", ""),
        ),
        Field(
            name="platform",
            label="Where are you in touch online, if anywhere?",
            value=values.get("platform", ""),
        ),
        Field(name="told", label="Whom have you told already, and when?", value=values.get("told", "")),
    )
    kept = {key: value for key, value in values.items() if key not in {field.name for field in fields}}
    read_by = f"It is read by {_people(ladder.rungs[0])}." if ladder.rungs else "Nobody at the school may have it."
    return Card(
        title="Declare a relationship",
        parts=(
            *((Text(text=type(error).__doc__ or "", style="warning"),) if error else ()),
            Text(text=f"{read_by} It is kept sealed, and what is agreed is written down beside it."),
            Form(action="report-send", fields=fields, submit="Send", values=kept),
        ),
        sealed=True,
        failed=error is not None,
    )


def declared(found: Receipt, school: School) -> Card:
    """After a declaration is kept."""
    text = f"Your declaration was received on {moment(found.received_at, school)}. Its reference is {found.reference}. You are told here when it has been read."
    see = Button(label="See it", action="report-state", values={"reference": found.reference})
    return Card(title="Received", parts=(Text(text=text), see), sealed=True)


def _goes_to(ladder: Ladder, danger: bool) -> str:
    if not ladder.rungs:
        return "Nobody at the school could be given this, because of whom it is about or who is away. Use one of these numbers. You can still send it: it is kept sealed until somebody may have it."
    first, *others = ladder.rungs
    said = f"It goes to {_people(first)}, and to nobody else at first."
    if others:
        when = "within 15 minutes" if danger else "in time"
        said += f" If nobody takes it {when}, it goes on to {_people([p for rung in others for p in rung])}."
    return said


def _people(people: Iterable[Person]) -> str:
    names = [f"{person.name} ({person.titles})" for person in people]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def receipt(found: Receipt, school: School, day_people: Sequence[Person]) -> Card:
    """After the report is kept: the reference, what happens now, and whom to ring all the same."""
    is_open = school.calendar.is_open(found.received_at)
    parts: list[cards.Part] = [
        Text(
            text=f"Your report was received on {moment(found.received_at, school)}. Its reference is {found.reference}."
        ),
    ]
    if found.nobody:
        parts.append(
            Text(
                text="Nobody at the school may have it at the moment, so nobody has been told. It is kept sealed. Use one of these numbers now.",
                style="warning",
            )
        )
    elif found.urgent:
        parts.append(
            Text(
                text="Those who should have it are being told now. Don't wait for an answer: ring them as well, and 999 if you haven't.",
                style="warning",
            )
        )
    elif not is_open:
        opening = moment(school.calendar.next_opening(found.received_at), school)
        parts.append(
            Text(
                text=f"The school is closed, and perhaps nobody reads it before {opening}. If it can't wait, ring one of the numbers below; 999 in an emergency.",
                style="warning",
            )
        )
    parts.append(Text(text="You are told here when somebody has read it, and if nobody has taken it in time."))
    if found.urgent or not is_open or found.nobody:
        parts += [*emergency(school, day_people)[1:], *outside(school)]
    parts.append(Button(label="See my report", action="report-state", values={"reference": found.reference}))
    return Card(title="Received", parts=tuple(parts), sealed=True)


def reports(found: Sequence[Summary], school: School) -> Card:
    """What a person has reported."""
    parts: list[cards.Part] = [
        Row(
            label=one.reference,
            facts=(
                f"sent {moment(one.received_at, school)}",
                STATES[one.state],
                *(("a question waits for you",) if waits(one) else ()),
            ),
            action="report-state",
            values={"reference": one.reference},
            strong=waits(one),
        )
        for one in found
    ]
    if not found:
        parts.append(Text(text="You have reported nothing here. To report a concern, in confidence:"))
        parts.append(Button(label="Report a concern", action="report", strong=True))
    return Card(title="My reports", parts=tuple(parts), sealed=True, action="reports")


def waits(one: Summary) -> bool:
    """Whether the last word is a question."""
    return bool(one.asked) and one.asked[-1].action is Action.ASK


def report_state(one: Summary, school: School, day_people: Sequence[Person]) -> Card:
    """One's own report: where it stands, what was asked, and room to answer or add."""
    facts = [("State", STATES[one.state]), ("Sent", moment(one.received_at, school))]
    for label, at in (("Read", one.read_at), ("Taken on", one.acknowledged_at), ("Closed", one.closed_at)):
        if at is not None:
            facts.append((label, moment(at, school)))
    parts: list[cards.Part] = [Facts(facts=tuple(facts))]
    if one.acknowledged_at is None:
        done = "read" if one.read_at is None else "taken"
        parts.append(
            Text(text=f"Nobody has {done} it yet. If it can't wait, speak to or ring somebody who is named here.")
        )
        parts += [*(emergency(school, day_people) if day_people else danger_first(danger=True)), *outside(school)]
    for entry in one.asked:
        who = "You were asked" if entry.action is Action.ASK else "You added"
        parts.append(Facts(facts=((f"{who}, {moment(entry.at, school)}", entry.text),)))
    parts.append(
        Form(
            action="report-answer",
            fields=(
                Field(
                    name="text",
                    label="Your answer" if waits(one) else "Add something",
                    kind="text",
                    hint="It goes to those who have your report. It can't be changed afterwards.",
                    required=True,
                ),
            ),
            submit="Send",
            values={"reference": one.reference},
        )
    )
    return Card(
        title=one.reference,
        parts=tuple(parts),
        sealed=True,
        action="report-state",
        values={"reference": one.reference},
    )
