"""The form of an application, with the clause that asks for each field beside it."""

from collections.abc import Mapping, Sequence

from assistant import cards
from assistant.cards import Card, Choice, Field, Form, Quote, Text
from assistant.domain.accounts import Lack
from assistant.domain.applications import Question, Rules
from assistant.domain.asked_for import AskedFor
from assistant.domain.errors import AssistantError, NotReady
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.screens.terms import names

OURS = "The assistant's own question: your policies don't ask for it."
DEFAULT_FORM = "Your school file says nothing of applications, so this is the assistant's own form and not your policy."
LACKS = {
    Lack.FIELDS: "something that the form requires is empty",
    Lack.OPERATORS: "too few different people who work here are named to run it",
    Lack.CONFIRMATIONS: "somebody who runs it has not confirmed the policy as it is now",
    Lack.TRAINING: "somebody who runs it has given no training date, or one too long ago",
    Lack.DECIDER: "nobody at the school may decide on it: all who could are involved, or the role is empty",
    Lack.HANDLE: "its name or handle is missing",
    Lack.PASSWORD: "where its password is kept is missing",
    Lack.CHECKLIST: "not everything on the list has been confirmed",
    Lack.ASKED_TO_CLOSE: "nobody has asked for it",
}


def form(
    school: School,
    found: Mapping[str, AskedFor | None],
    values: Mapping[str, str],
    deciders: Sequence[Person],
    error: AssistantError | None = None,
) -> Card:
    """The school's own form; beside each field the clause that asks for it."""
    rules = school.applications
    parts: list[cards.Part] = [Text(text=_who_decides(rules, deciders))]
    if rules.ours:
        parts.insert(0, Text(text=DEFAULT_FORM, style="note"))
    if error is not None:
        parts.insert(0, Text(text=trouble(error), style="warning"))
    fields = [_field(one, found.get(one.name), values.get(one.name, ""), school) for one in rules.fields]
    then = Field(
        name="then",
        label="Send it now?",
        kind="one",
        choices=(
            Choice(value="send", label="Send it"),
            Choice(value="keep", label="Keep it as a draft: only you see it"),
        ),
        required=True,
        value=values.get("then", "send"),
    )
    unseen = {name: values[name] for name in ("form", "reference", "version") if values.get(name)}
    parts.append(Form(action="apply-send", fields=(*fields, then), submit="Go on", values=unseen))
    again = ("apply-change", {"reference": unseen["reference"]}) if "reference" in unseen else ("apply", {})
    return Card(
        title="Apply for a social-media account",
        parts=tuple(parts),
        failed=error is not None,
        action=again[0],
        values=again[1],
    )


def trouble(error: AssistantError) -> str:
    """What is wrong, with what must be put right first."""
    said = type(error).__doc__ or ""
    if isinstance(error, NotReady):
        return f"{said} What is missing: " + "; ".join(LACKS[Lack(lack)] for lack in error.lacks) + "."
    return said


def _who_decides(rules: Rules, deciders: Sequence[Person]) -> str:
    who = f" It is decided by {names(deciders)}." if deciders else ""
    run = f" At least {rules.operators} different people must be named to run it." if rules.operators > 1 else ""
    return f"Nothing is opened before it is approved.{who}{run}"


def _field(one: Question, found: AskedFor | None, value: str, school: School) -> Field:
    quote = None
    if found is not None:
        clause = found.clause
        lead = clause.lead_ins[-1] if clause.lead_ins else ""
        quote = Quote(
            text=clause.text, citation=clause.citation, policy_id=found.policy.id, clause_id=clause.id, lead_in=lead
        )
    choices = tuple(Choice(value=choice, label=choice) for choice in one.choices)
    if one.kind == "people":
        choices = tuple(Choice(value=p.id, label=f"{p.name}, {p.titles}") for p in school.roster if p.active)
    return Field(
        name=one.name,
        label=one.label,
        kind="any" if one.kind == "people" else one.kind,
        choices=choices,
        hint=one.hint,
        required=one.required,
        value=value,
        quote=quote,
        note="" if found else OURS,
    )
