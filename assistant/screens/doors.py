"""What is said at a chat's door: to strangers, while something is on its way, when it went wrong; and the home page."""

from collections.abc import Sequence
from datetime import date

from assistant import cards
from assistant.cards import Button, Card, Facts, Row, Text
from assistant.domain.accounts import Account
from assistant.domain.concerns import Concern, Summary
from assistant.domain.schools import School
from assistant.screens.terms import ACCOUNT_STATES, STATES, moment
from index.clauses import Clause, Policy

STRANGER = "This assistant is for the staff of the schools in its school file, and you are not on a roster. If you work here, ask the school office to add you. If you are a pupil and something is wrong, tell an adult whom you trust, or ring Childline, free, at any hour: 0800 1111."
WAIT = "One moment …"
KEEPING = "This is being kept. Please wait: it is not sent until you see the receipt here."
WENT_WRONG = "Something went wrong, and nothing was changed. Please try again. If someone may be at risk, don't wait: speak to your Designated Safeguarding Lead now; 999 in an emergency."
CUT = "What you wrote is too long for this window, so only its beginning is still here. Add what is missing before you send it."
TOO_LATE = "That took too long for the window to open. Nothing is lost: press here to open it."
WHAT_TO_ASK = (
    "Type your question behind the command, for example: /ask-policy may I accept a friend request from a parent?"
)
PRIVATE = "That is private, so it opens in a window that only you see."
IN_PRIVATE = "I have answered you in our own chat: that is nothing for a channel. Please delete your message here if it names anybody."
NOT_YET = "That is nothing for a channel, and we have no chat of our own yet. Open the app's chat and write to me there; please delete your message here if it names anybody."
OPEN = "Open"


def words(text: str) -> Text:
    """One of the sentences above, as part of a card."""
    return Text(text=text, style="warning")


def stranger() -> Card:
    """To whoever is on no roster, is a guest, or comes from elsewhere."""
    return Card(title="Policy assistant", parts=(Text(text=STRANGER),))


def choose(schools: Sequence[School]) -> Card:
    """Somebody on two rosters says once which school they mean."""
    parts: list[cards.Part] = [
        Text(text="You are on the roster of more than one school. Which one do you mean? It is remembered.")
    ]
    parts += [Button(label=s.name, action="choose-school", values={"organisation": s.id}) for s in schools]
    return Card(title="Which school?", parts=tuple(parts))


def elsewhere(here: School, others: Sequence[School], action: str) -> tuple[cards.Part, ...]:
    """At the end of a list, for somebody on two rosters: whose list it is, and the way to the others'."""
    said = Text(text=f"This is for {here.name} alone. You are on the roster of another school too.", style="note")
    buttons = [Button(label=f"Go to {one.name}", action=action, values={"organisation": one.id}) for one in others]
    return (said, *buttons)


def opener(title: str, text: str, action: str, values: dict[str, str]) -> Card:
    """A message that opens what may not stand in a message."""
    return Card(title=title, parts=(Text(text=text), Button(label=OPEN, action=action, values=values, strong=True)))


def ask_anyway() -> Card:
    """Room to type a question again that was taken for a concern: it is put into no button."""
    field = cards.Field(name="question", label="Your question about policy", required=True)
    form = cards.Form(action="ask-anyway", fields=(field,), submit="Ask")
    return Card(title="Ask it anyway", parts=(form,), sealed=True, action="ask-anyway")


def clause(policy: Policy, clause: Clause, around: Sequence[Clause], today: date) -> Card:
    """A clause in its place: its headings, what stands before and after it."""
    parts: list[cards.Part] = [Text(text=" › ".join(clause.headings) or policy.title, style="note")]
    if policy.overdue(today) and policy.next_review:
        parts.append(Text(text=f"This policy is past its review date ({policy.next_review.text}).", style="warning"))
    for one in around:
        if one.id == clause.id:
            parts.append(Text(text="The clause:"))
            parts.append(
                cards.Quote(
                    text=one.text,
                    citation=one.citation,
                    policy_id=policy.id,
                    clause_id=one.id,
                    lead_in=one.lead_ins[-1] if one.lead_ins else "",
                )
            )
        else:
            parts.append(Text(text=f"{one.marker} {one.text}".strip()))
    return Card(
        title=policy.title, parts=tuple(parts), action="clause", values={"policy": policy.id, "clause": clause.id}
    )


def home(
    school: School,
    waiting: Sequence[Concern],
    reports: Sequence[Summary],
    accounts: Sequence[Account],
    policies: Sequence[Policy],
    today: date,
) -> tuple[Card, ...]:
    """The page a person comes to: what waits for them, what is theirs, the policies with their dates."""
    start = Card(
        title=f"{school.name}: policy assistant",
        parts=(
            Text(
                text="Ask me about your school's policies in a message, in everyday words. Answers are quoted from them word for word."
            ),
            Button(label="Report a concern", action="report", strong=True),
            Button(label="Apply for an account", action="apply"),
            Button(label="My reports", action="reports"),
            Button(label="Reports for you", action="inbox"),
            Button(label="Accounts", action="accounts"),
        ),
    )
    rows: list[cards.Part] = [
        Row(
            label=f"{one.reference}{' · URGENT' if one.urgent else ''}",
            facts=(f"received {moment(one.received_at, school)}", STATES[one.state]),
            action="concern",
            values={"reference": one.reference},
            strong=one.step_at is not None,
        )
        for one in waiting
        if one.closed_at is None
    ]
    rows += [
        Row(
            label=f"{one.platform or 'Account'} · {one.reference}",
            facts=(ACCOUNT_STATES[one.state],),
            action="account",
            values={"reference": one.reference},
        )
        for one in accounts
    ]
    rows += [
        Row(
            label=f"Your report {one.reference}",
            facts=(STATES[one.state],),
            action="report-state",
            values={"reference": one.reference},
        )
        for one in reports
        if one.closed_at is None
    ]
    mine = Card(title="For you", parts=tuple(rows[:40]) or (Text(text="Nothing waits for you."),))
    dates = tuple(
        (
            p.title,
            f"dated {p.dated or 'not given'}; {'OVERDUE, ' if p.overdue(today) else ''}review {p.next_review.text if p.next_review else 'not given'}",
        )
        for p in policies
    )
    shelf = Card(
        title="Policies", parts=(Facts(facts=dates[:40]),) if dates else (Text(text="No policies are indexed yet."),)
    )
    return start, mine, shelf
