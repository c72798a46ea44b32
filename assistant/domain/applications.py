"""What a school asks of an application for a social-media account: the form, who decides, who creates, what comes first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from assistant.domain.calendar import Step, parse_step
from assistant.domain.people import Person, the_same
from assistant.domain.routing import PERSON, Route

OPERATORS = "operators"  # the one field whose answer is people
EXPIRES = timedelta(days=60)
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A field of the form. `asks` are patterns that a clause asking for it matches, one of them at least."""

    name: str
    label: str
    hint: str = ""
    kind: Literal["line", "text", "one", "people"] = "line"
    choices: tuple[str, ...] = ()
    required: bool = True
    asks: tuple[str, ...] = ()
    clause: str = ""  # the words of the clause that asks for it, where the school file names it


@dataclass(frozen=True, kw_only=True, slots=True)
class Needed:
    """An approval that the school asks for: who may give it, and for which applications ({} for all)."""

    by: Route
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duties:
    """What is switched on around live accounts."""

    comments: bool = False  # comments and complaints are answered in time
    second_reader: bool = False  # a post is read by two before it is published
    declarations: bool = False  # relationships with pupils or parents are declared


# What can be confirmed before an account goes live.
CHECKS = {
    "disclaimer": "The account says that it is not monitored round the clock, and whom to tell of a concern.",
    "parents": "Parents and carers have been told about the account.",
    "consent": "Written consent is held for every child who will appear.",
    "school_email": "The account is registered with a school e-mail address.",
    "leadership_access": "Somebody in the leadership can get at the login details in an emergency.",
    "two_factor": "Signing in needs a second step.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A school's process."""

    fields: tuple[Question, ...]
    approvals: tuple[Needed, ...]
    creator: str = "account_administrator"  # a role, or "operator"
    operators: int = 2  # different people at least
    confirm: bool = True  # each has read and understood the policy
    trained_within: timedelta | None = None  # None: no training is asked for
    policy: str = ""  # the id of the policy that is confirmed; "" for the one on social media
    before_live: tuple[str, ...] = ()  # of CHECKS
    decide: tuple[Step, ...] = (parse_step("next school day 12:00"),)  # until an approver is reminded; the last repeats
    remind: Step = field(default_factory=lambda: parse_step("168 hours"))  # for everything else
    expires: timedelta = EXPIRES
    review: timedelta = A_YEAR
    duties: Duties = field(default_factory=Duties)
    ours: bool = False  # nothing of it is the school's: the assistant's defaults


# The form's fields that the assistant knows. Labels are ours; what a policy says of them is found in the policy.
KNOWN: dict[str, Question] = {
    one.name: one
    for one in (
        Question(
            name="team",
            label="Where does it belong?",
            kind="one",
            choices=("A school", "The central team"),
            asks=(r"central team",),
        ),
        Question(
            name="platform",
            label="On which platform?",
            hint="For example Facebook, Instagram, X, YouTube.",
        ),
        Question(
            name="name",
            label="What will it be called?",
            hint="The handle or page name that you would like.",
        ),
        Question(
            name="aim",
            label="What is it for?",
            kind="text",
            asks=(r"\baims?\b", r"\bpurpose", r"\bobjectives?\b", r"what (?:the|it|this) .{0,20}is for\b"),
        ),
        Question(
            name="audience",
            label="Who is meant to read it?",
            asks=(r"\baudience", r"meant to reach", r"who (?:it|the account) is (?:for|aimed at)"),
        ),
        Question(
            name="promotion",
            label="How will people hear of it?",
            asks=(r"\bpromot", r"be told about it", r"\bpublicis", r"\badvertis"),
        ),
        Question(
            name=OPERATORS,
            label="Who will run it?",
            kind="people",
            hint="The first one leads. Each of them is asked to confirm.",
            asks=(r"\bwho will run\b", r"\bwill run it\b", r"at least two (?:members of )?staff", r"two staff members"),
        ),
        Question(
            name="contributors",
            label="Who else may contribute?",
            asks=(r"contribut\w* (?:any )?content", r"who (?:else )?(?:will be able to|can|may) (?:contribute|post)"),
        ),
        Question(
            name="access",
            label="Open to everyone, or closed?",
            kind="one",
            choices=("Open to everyone", "Closed: followers are let in one by one"),
            asks=(
                r"\bopen or (?:private|closed)",
                r"\b(?:private|public) or (?:private|public|closed)",
                r"open to everyone or",
            ),
        ),
        Question(
            name="content",
            label="What will be on it?",
            kind="text",
            asks=(
                r"description of the content",
                r"(?:kind|type)s? of content",
                r"what (?:will|is to) be (?:posted|published)",
            ),
        ),
        Question(
            name="outcomes",
            label="What should come of it, and how will you know?",
            kind="text",
            asks=(r"\boutcomes?\b",),
        ),
        Question(
            name="risk_assessment",
            label="Risk assessment: where is it, who made it, when?",
            hint="A reference; the file itself stays where your school keeps it.",
            asks=(r"risk[- ]assess",),
        ),
        Question(
            name="children",
            label="Will children appear or take part?",
            kind="one",
            choices=("No", "Yes"),
            asks=(
                r"(?:use|activity|accounts?|posts?) (?:\w+ )?(?:involving|with) children",
                r"children .{0,40}(?:appear|take part)",
            ),
        ),
        Question(
            name="parents",
            label="How will parents be told, and consent be had?",
            kind="text",
            asks=(r"parents.{0,60}\b(?:informed|told)\b", r"parental consent", r"consent .{0,30}parents"),
        ),
        Question(
            name="second_reader",
            label="Who reads a post before it is published?",
            asks=(
                r"\bread (?:and agreed )?by (?:at least one other|another|a second)",
                r"second (?:member of staff|reader|person)",
            ),
        ),
        Question(
            name="disclaimer",
            label="The disclaimer that the account will carry",
            kind="text",
            asks=(r"\bdisclaimer\b.{0,80}\baccounts?\b", r"24/7"),
        ),
        Question(
            name="school_email",
            label="The school e-mail address that it will be registered with",
            asks=(r"(?:school|setting|work)[- ](?:provided )?e-?mail",),
        ),
        Question(
            name="reply_owner",
            label="Who answers comments and messages?",
            asks=(r"(?:comments|complaints|queries|questions).{0,120}\b(?:within|responded to|answered)\b",),
        ),
    )
}
DEFAULT_FIELDS = ("platform", "name", "aim", "audience", "promotion", OPERATORS, "access", "content")


DEFAULTS = Rules(
    fields=tuple(KNOWN[name] for name in DEFAULT_FIELDS),
    approvals=(Needed(by=(("account_approver",), ("slt",), ("headteacher",))),),
    ours=True,
)


def needed(rules: Rules, answers: Mapping[str, str]) -> tuple[Needed, ...]:
    """The approvals that an application with these answers needs."""
    return tuple(one for one in rules.approvals if all(answers.get(name) == value for name, value in one.when.items()))


def deciders(
    rules: Rules, answers: Mapping[str, str], involved: Iterable[str], roster: Iterable[Person]
) -> tuple[tuple[Person, ...], ...]:
    """Who may give each of the approvals that are needed: the first rung with somebody who is not involved.

    Where the school names nobody else and its own are all involved, a chair of governors or of trustees decides: the
    assistant's default. An empty group means that nobody at the school may.
    """
    people = tuple(roster)
    out = the_same(involved, people)
    groups = []
    for one in needed(rules, answers):
        route = (*one.by, ("chair_of_governors",), ("chair_of_trustees",))
        able = ([p for p in people if p.active and not p.ids & out and _at(p, rung)] for rung in route)
        groups.append(tuple(next((rung for rung in able if rung), [])))
    return tuple(groups) or ((),)


def _at(person: Person, rung: tuple[str, ...]) -> bool:
    """Whether somebody is at one of a rung's places."""
    return any(
        place.removeprefix(PERSON) in person.ids if place.startswith(PERSON) else place in person.roles
        for place in rung
    )
