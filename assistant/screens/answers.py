"""Answers, and everything around a question."""

import json
from collections.abc import Sequence

from assistant import cards
from assistant.cards import Button, Card, Facts, Field, Form, Incoming, Row, Text
from assistant.domain.answers import Answer, Declined, Heading, Quote
from assistant.domain.errors import AssistantError, NotReachable
from assistant.domain.feedback import Verdict
from assistant.domain.languages import Language
from assistant.domain.people import Contact
from assistant.domain.wording import Sentence
from assistant.screens.terms import day

ABOUT = "Quoted from your school's own policies. No wording of ours is policy: read the clause in its place."


OWN_WORDS = "In short, in the assistant's words; the clauses below count."


def answer(question: str, found: Answer, wording: Sequence[Sentence] = ()) -> Card:
    """An answer: the quotes, what to know about each, and whether they helped ("" for a question that is not to be kept).

    With a `wording` it comes first, under its own heading, and the quotes are numbered for it.
    """
    several = len(found.policies) > 1
    opening = (
        "These clauses of your school's policies speak to that."
        if len(found.quotes) > 1
        else "This is what the policy says."
    )
    parts: list[cards.Part] = []
    if wording:
        short = " ".join(f"{one.text.rstrip(' .')}. [{one.clause}]" for one in wording)
        parts += [Text(text=OWN_WORDS, style="note"), Text(text=short)]
    parts.append(Text(text=opening))
    if several:
        parts.append(
            Text(text=f"They come from {_listed(found.policies)}. Read each: where they differ, ask before you act.")
        )
    for number, quote in enumerate(found.quotes, 1):
        if wording:
            parts.append(Text(text=f"[{number}]", style="note"))
        parts.append(
            cards.Quote(
                text=quote.text,
                lead_in=quote.lead_in,
                citation=quote.citation,
                policy_id=quote.policy_id,
                clause_id=quote.clause_id,
                note=_note(quote),
                telling=quote.telling,
            )
        )
    kept = {"question": question, "citations": json.dumps([quote.citation for quote in found.quotes])}
    parts.append(Text(text=ABOUT, style="note"))
    parts.append(
        Facts(title="Why these?" if len(found.quotes) > 1 else "Why this?", facts=tuple(map(_why, found.quotes)))
    )
    if question:
        parts += [
            Button(label="This helped", action="feedback", values=kept | {"verdict": Verdict.HELPED}),
            Button(label="This did not help", action="feedback", values=kept | {"verdict": Verdict.NOT_HELPFUL}),
        ]
    return Card(title="What your policies say", parts=tuple(parts), action="answer")


def _why(quote: Quote) -> tuple[str, str]:
    if not quote.matched:
        return quote.citation, "It is near in meaning; no word of it was looked for."
    return quote.citation, f"It is near in meaning, and these words of it were looked for: {', '.join(quote.matched)}."


def _note(quote: Quote) -> str:
    if quote.until:
        since = f"from {day(quote.since)} " if quote.since else ""
        return f"This is no longer in force: it was {since}until {day(quote.until)}. Ask again without the date for what counts now."
    return f"This policy is past its review date ({quote.overdue_since})." if quote.overdue_since else ""


_IN_THEIR_OWN = {
    Language.WELSH: "Dim ond yn Saesneg y gallaf chwilio drwy'r polisïau. Gofynnwch yn Saesneg, neu gofynnwch i gydweithiwr eich helpu.",
    Language.POLISH: "Mogę przeszukiwać zasady szkoły tylko po angielsku. Proszę zadać pytanie po angielsku albo poprosić kogoś o pomoc.",
    Language.URDU: "میں اسکول کی پالیسیاں صرف انگریزی میں تلاش کر سکتا ہوں۔ براہِ کرم انگریزی میں پوچھیں، یا کسی ساتھی سے مدد لیں۔",
}


def in_english(language: Language, contact: Contact) -> Card:
    """A question in a language that is not searched in: kindly, in plain English and in that language."""
    parts: list[cards.Part] = [
        Text(text=f"I can only look things up in English. Please ask again in English, or ask {whom(contact)}."),
    ]
    if language in _IN_THEIR_OWN:
        parts.append(Text(text=_IN_THEIR_OWN[language]))
    parts += [
        Text(text="A worry about a child may be written in any language: press here.", style="warning"),
        Button(label="Report a concern", action="report"),
    ]
    return Card(title="In English, please", parts=tuple(parts))


def declined(question: str, found: Declined, contact: Contact) -> Card:
    """No answer: what comes nearest, whom to ask, and a way to tell the policy's owner."""
    parts: list[cards.Part] = [
        Text(text=f"Nothing in your school's policies clearly answers that. Ask {whom(contact)}.")
    ]
    if found.nearest:
        parts.append(Text(text="The nearest headings, in case one helps:"))
        parts += map(_near, found.nearest)
    parts += [
        Text(
            text="If a child may be at risk, don't wait for a policy: speak to your Designated Safeguarding Lead now; 999 in an emergency.",
            style="warning",
        ),
    ]
    if question:
        parts += [
            Text(
                text="Nothing you typed has been kept. If you press the button, the question (not your name) is kept for whoever looks after the policies.",
                style="note",
            ),
            Button(
                label="Tell the policy owner",
                action="feedback",
                values={"question": question, "citations": "[]", "verdict": Verdict.DECLINED},
            ),
        ]
    return Card(title="Our policies don't say", parts=tuple(parts))


def _near(found: Heading) -> Row:
    alone = found.heading.casefold() == found.policy_title.casefold()
    return Row(
        label=found.heading,
        facts=() if alone else (found.policy_title,),
        action="clause",
        values={"policy": found.policy_id, "clause": found.clause_id},
    )


def thanks(verdict: Verdict) -> Card:
    """After a press of a feedback button."""
    said = {
        Verdict.HELPED: "Noted that this helped.",
        Verdict.NOT_HELPFUL: "Noted that this did not help. Whoever looks after the policies will see the question, not your name.",
        Verdict.DECLINED: "Whoever looks after the policies will see the question, not your name.",
    }
    return Card(title="Thank you", parts=(Text(text=said[verdict]),))


def no_policies(contact: Contact) -> Card:
    """Nothing is indexed for the organisation."""
    text = f"No policies are indexed for your school yet. Ask {whom(contact)}, or whoever runs the assistant to run `assistant index`."
    return Card(title="No policies yet", parts=(Text(text=text),))


# What comes with a press and was not written by hand: names of things, and what was ticked.
_NOT_WRITTEN = frozenset(
    "reference version form duty kind organisation policy clause question citations verdict "
    "kinds subjects invited operators owner checked outcome then".split()
)
_NOT_KEPT = "What you wrote, which is not kept"


def problem(error: AssistantError, tried: Incoming | None = None) -> Card:
    """One of our own errors, in its own words; with what was tried, so that nothing that was written is lost."""
    parts: list[cards.Part] = [Text(text=type(error).__doc__ or "", style="warning")]
    values = tried.values if tried else {}
    if tried and tried.action and isinstance(error, NotReachable):
        parts.append(_try_again(tried))
    elif values.get("text"):
        parts.append(Facts(facts=((_NOT_KEPT, values["text"]),)))
    if tried and tried.action.startswith("do-"):
        parts.append(Button(label="Open it again", action="concern", values={"reference": values.get("reference", "")}))
    return Card(title="That didn't work", parts=tuple(parts), sealed=bool(values), failed=True)


def _try_again(tried: Incoming) -> Button | Form:
    """The same once more. What somebody wrote comes back in fields: in a chat a button's values stay where they are."""
    unseen = {name: value for name, value in tried.values.items() if name in _NOT_WRITTEN}
    fields = tuple(
        Field(name=name, label=_NOT_KEPT, kind="text", value=value)
        for name, value in tried.values.items()
        if name not in _NOT_WRITTEN and value
    )
    if not fields:
        return Button(label="Try again", action=tried.action, values=unseen)
    return Form(action=tried.action, fields=fields, submit="Try again", values=unseen)


def whom(contact: Contact) -> str:
    """Whom to ask, by role and name."""
    return f"the {contact.role}" + (f" ({_listed(contact.names)})" if contact.names else "")


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
