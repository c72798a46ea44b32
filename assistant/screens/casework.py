"""What those entitled to a concern see: their inbox, the concern, what can be done with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from assistant import cards
from assistant.cards import Button, Card, Choice, Facts, Field, Form, Items, Row, Text
from assistant.domain.concerns import Action, Concern, Entry, Report, State, allowed_now
from assistant.domain.delivery import TO_REPORTER, Delivered, Notice, Sent
from assistant.domain.routing import ABOUT_ADULTS_OF_THE_SCHOOL, PERSON, UNLISTED
from assistant.domain.routing import said as said_of
from assistant.domain.schools import School
from assistant.handlers.casework import Opened
from assistant.screens.notices import told
from assistant.screens.terms import ASKED, KINDS, NOT_LISTED, STATES, adults, moment, name_of

LADO = "The assistant's reminder, not a rule of your policy: an allegation that may meet the harm threshold goes to the local authority designated officer (LADO), in many areas within one working day. Their number belongs in the school file."


def inbox(waiting: Sequence[Concern], shown: Sequence[Delivered], school: School, now: datetime) -> Card:
    """What waits for a person, with its clock; then what they have been told. No text of any concern."""
    parts: list[cards.Part] = []
    for concern in waiting:
        facts = [f"received {moment(concern.received_at, school)}", STATES[concern.state]]
        if concern.step_at is not None:
            late = concern.step > 1 or concern.step_at <= now
            facts.append(
                ("nobody took it in time; " if late else "") + f"to be taken by {moment(concern.step_at, school)}"
            )
        parts.append(
            Row(
                label=f"{concern.reference}{' · URGENT' if concern.urgent else ''}",
                facts=tuple(facts),
                action="concern",
                values={"reference": concern.reference},
                strong=concern.step_at is not None,
            )
        )
    if not waiting:
        parts.append(
            Text(text="Nothing waits for you. A report that should come to you appears here, and you are told.")
        )
    if shown:
        parts.append(Text(text="What you have been told:"))
        parts.append(Items(items=tuple(f"{moment(one.at, school)}: {told(one.notice)}" for one in shown[:10])))
    return Card(title="Reports for you", parts=tuple(parts), sealed=True, action="inbox")


def case(opened: Opened, school: School) -> Card:
    """A concern, for somebody entitled to it: what was reported, what was done, what can be done now."""
    concern = opened.concern
    facts = case_facts(concern, school)
    if concern.links:
        facts.append(("Linked", ", ".join(sorted(concern.links))))
    parts: list[cards.Part] = [
        Facts(facts=tuple(facts)),
        Facts(facts=tuple(said(concern.report)), title="Show what was reported"),
        Facts(
            facts=tuple((when_and_who(e, concern, school), done(e, school)) for e in opened.entries),
            title="Show what has been done",
        ),
    ]
    if opened.lost:
        parts.append(Text(text=lost(opened.lost), style="warning"))
    if concern.matter.kinds & ABOUT_ADULTS_OF_THE_SCHOOL:
        parts.append(Text(text=LADO, style="note"))
    version = {"reference": concern.reference, "version": str(len(opened.entries))}
    if allowed_now(concern, Action.ACKNOWLEDGE):
        parts.append(Text(text="Acknowledge it to stop the clock: you take it on, and the reporter is told."))
        parts.append(Button(label="Acknowledge", action="do-acknowledge", values=version, strong=True))
    for action, title, label, submit in ACTIONS:
        if allowed_now(concern, action):
            parts.append(_action_form(action, title, label, submit, version, concern, school))
    if concern.state is State.CLOSED and not concern.held:
        parts.append(
            Text(
                text="To keep it in the school's own record: save the case file, file it there, then confirm. Only then is it ever deleted here.",
                style="note",
            )
        )
    parts.append(Button(label="Save the case file (PDF)", action="export", values=version))
    parts.append(Button(label="Get a code for the command line", action="export-code", values=version))
    parts.append(Button(label="Hide and go back", action="inbox"))
    return Card(
        title=concern.reference,
        parts=tuple(parts),
        sealed=True,
        action="concern",
        values={"reference": concern.reference},
    )


ACTIONS = (  # what can be done with words: action, title, label, button
    (
        Action.ASK,
        "Ask the reporter",
        "Your question. It goes through the assistant; an anonymous reporter stays so.",
        "Ask",
    ),
    (Action.NOTE, "Add a note", "Your note. It can't be changed afterwards.", "Add"),
    (Action.REFER, "Refer", "To whom, when, their reference, and why.", "Record the referral"),
    (Action.MONITOR, "Monitor", "What you watch for, until when, and why.", "Monitor"),
    (Action.END, "No further action", "Why none is needed.", "Record"),
    (Action.CLOSE, "Close", "The outcome, and why.", "Close"),
    (Action.REOPEN, "Reopen", "Why.", "Reopen"),
    (
        Action.LINK,
        "Link to another report",
        "Why they belong together. Only those who have both reports see the link and read this.",
        "Link",
    ),
    (
        Action.REROUTE,
        "Send it to somebody else",
        "Why. Whoever is not on the new way loses sight of it, perhaps you too.",
        "Send it on",
    ),
    (Action.HOLD, "Legal hold", "Why it must not be deleted.", "Hold"),
    (Action.RELEASE, "Release the legal hold", "Why.", "Release"),
    (
        Action.HAND_OVER,
        "Confirm that it is filed",
        "Where the case file is now, for example its number in the school's record.",
        "Confirm",
    ),
)


def _action_form(
    action: Action, title: str, label: str, submit: str, version: dict[str, str], concern: Concern, school: School
) -> Form:
    fields = [Field(name="text", label=label, kind="text", required=True)]
    if action is Action.LINK:
        fields.insert(0, Field(name="other", label="The other report's reference", required=True))
    if action is Action.REROUTE:
        everyone = tuple(Choice(value=p.id, label=f"{p.name}, {p.titles}") for p in school.roster)
        kinds = tuple(Choice(value=kind, label=name) for kind, name in KINDS.items())
        fields = [
            Field(name="kinds", label="Whom is it about?", kind="any", choices=kinds, required=True),
            Field(
                name="subjects",
                label="Which adult of the school, if any, besides those named already?",
                kind="any",
                choices=adults(school),
                hint="If nobody is named, nobody who has the post that is ticked gets it.",
            ),
            Field(
                name="mistaken",
                label="Was something said of that before by mistake?",
                kind="any",
                choices=tuple(
                    Choice(value=one, label=name) for one, name in _about_whom(said_of(concern.matter), school).items()
                ),
                hint="What you tick doesn't hold any more, and that person may come to have it. Say below why.",
            ),
            Field(
                name="invited",
                label="Who should have it beside those whom the school file names?",
                kind="any",
                choices=everyone,
            ),
            *fields,
        ]
    return Form(
        action=f"do-{action.replace(' ', '-')}", fields=tuple(fields), submit=submit, values=version, title=title
    )


def case_facts(concern: Concern, school: School) -> list[tuple[str, str]]:
    """Where a concern stands, for those entitled to it."""
    facts = [
        ("State", STATES[concern.state]),
        ("Received", moment(concern.received_at, school)),
        ("About", _about(concern, school)),
        ("From", _reporter(concern, school)),
    ]
    if concern.urgent:
        facts.insert(0, ("Urgent", "the reporter says that somebody is in immediate danger"))
    if concern.held:
        facts.append(("Legal hold", "yes: it is not deleted"))
    return facts


def said(report: Report) -> list[tuple[str, str]]:
    """What the reporter wrote: the form's questions that were answered."""
    return [(label.rstrip("?"), getattr(report, name)) for name, label, _ in ASKED if getattr(report, name)]


def when_and_who(entry: Entry, concern: Concern, school: School) -> str:
    """When something was done, and by whom."""
    return f"{moment(entry.at, school)}, {_actor(entry, concern, school)}"


def is_to_reporter(notice: Notice) -> bool:
    """Whether a notice went to the reporter."""
    return notice.kind in TO_REPORTER


def sent(one: Sent, school: School) -> str:
    """What became of a notice."""
    settled = f"{one.outcome} {moment(one.done_at, school)}" if one.done_at else "still owed"
    way = f" by {one.channel}" if one.channel else ""
    return f"{name_of(one.notice.person, school)}: {told(one.notice)} ({settled}{way})"


def looked(actor: str, action: str, detail: str, school: School) -> str:
    """An entry of the audit trail."""
    who = name_of(actor, school) if actor else "the assistant, or an anonymous reporter"
    return f"{who}: {action}" + (f" ({detail})" if detail else "")


def _about(concern: Concern, school: School) -> str:
    names = [_named(id_, school) for id_ in sorted(concern.matter.subjects)]
    kinds = [KINDS[kind].lower() for kind in KINDS if kind in concern.matter.kinds]
    return ", ".join(kinds) + (f": {', '.join(names)}" if names else "")


def _named(id_: str, school: School) -> str:
    return NOT_LISTED if id_ == UNLISTED else name_of(id_, school)


def _about_whom(said: Iterable[str], school: School) -> dict[str, str]:
    """What is said of whom a concern is about, in words; kinds first."""
    said = sorted(said)
    names = {one: _named(one.removeprefix(PERSON), school) for one in said if one.startswith(PERSON)}
    return {kind: name for kind, name in KINDS.items() if kind in said} | names


def _reporter(concern: Concern, school: School) -> str:
    if concern.report.anonymous:
        return "anonymous (questions reach them through the assistant)"
    return name_of(concern.report.matter.reporter, school)


def _actor(entry: Entry, concern: Concern, school: School) -> str:
    if entry.actor:
        return name_of(entry.actor, school)
    return "the reporter" if entry.action in {Action.RAISE, Action.ANSWER} else "the assistant"


DONE = {
    Action.RAISE: "reported it",
    Action.ACKNOWLEDGE: "acknowledged it",
    Action.NOTE: "noted",
    Action.ASK: "asked the reporter",
    Action.ANSWER: "answered or added",
    Action.REFER: "referred it",
    Action.MONITOR: "began to monitor",
    Action.END: "decided on no further action",
    Action.CLOSE: "closed it",
    Action.REOPEN: "reopened it",
    Action.LINK: "linked it",
    Action.REROUTE: "sent it to somebody else",
    Action.HOLD: "put a legal hold on it",
    Action.RELEASE: "released the legal hold",
    Action.EXPORT: "saved the case file",
    Action.HAND_OVER: "confirmed that it is filed",
}


def done(entry: Entry, school: School) -> str:
    """An entry in words."""
    back = "; not about: " + ", ".join(_about_whom(entry.mistaken, school).values()) if entry.mistaken else ""
    other = f" with {entry.other}" if entry.other else ""
    return DONE[entry.action] + other + back + (f": {entry.text}" if entry.text else "")


def lost(entries: int) -> str:
    """That something which was done with a concern is not kept any more."""
    what = "An entry is" if entries == 1 else f"{entries} entries are"
    return f"{what} missing here: somebody has changed the database. Tell whoever looks after the assistant to run `assistant audit verify`."


def sent_on(reference: str) -> Card:
    """After a report was sent to somebody else and the sender may not see it any more."""
    text = f"{reference} has been sent on. You can't see it any more; that you did is in its record."
    return Card(title="Sent on", parts=(Text(text=text), Button(label="Reports for you", action="inbox")))


def export_code(reference: str, code: str) -> Card:
    """A code with which whoever runs the machine can make the case file, without being able to without it."""
    text = f"For the next quarter of an hour this code makes your copy of the case file: assistant concerns export {reference} --code {code}"
    back = Button(label="Back to the report", action="concern", values={"reference": reference})
    return Card(title="A code for the command line", parts=(Text(text=text), back), sealed=True)
