"""What things are called, wherever they are shown."""

from collections.abc import Iterable
from datetime import date, datetime

from assistant.cards import Choice
from assistant.domain import accounts
from assistant.domain.concerns import State
from assistant.domain.people import ROLES, Person
from assistant.domain.routing import UNLISTED, Kind
from assistant.domain.schools import School

KINDS = {
    Kind.PUPIL: "A pupil",
    Kind.STAFF: "A member of staff, a volunteer or a contractor",
    Kind.HEADTEACHER: "The headteacher",
    Kind.DSL: "The Designated Safeguarding Lead or a deputy",
    Kind.EXECUTIVE: "The chief executive or a trustee",
    Kind.GOVERNOR: "A governor",
    Kind.OUTSIDER: "A parent, or someone outside the school",
    Kind.CONTACT: "A pupil in contact with a member of staff's personal account",
    Kind.UNSURE: "Not sure",
    Kind.DECLARATION: "A declared relationship",
}
NOT_LISTED = "Somebody who isn't on this list"


ACCOUNT_STATES = {
    accounts.State.DRAFT: "draft, not sent yet",
    accounts.State.SUBMITTED: "waits for a decision",
    accounts.State.INFORMATION_REQUESTED: "waits for information from the applicant",
    accounts.State.APPROVED: "approved, to be created",
    accounts.State.REJECTED: "rejected",
    accounts.State.WITHDRAWN: "withdrawn",
    accounts.State.EXPIRED: "expired: approved, and not created in time",
    accounts.State.CREATED: "created, not live yet",
    accounts.State.LIVE: "live",
    accounts.State.SUSPENDED: "suspended",
    accounts.State.HANDOVER: "in handover",
    accounts.State.CLOSED: "closed",
}


STATES = {
    State.RECEIVED: "received",
    State.ACKNOWLEDGED: "acknowledged",
    State.IN_PROGRESS: "in progress",
    State.REFERRED: "referred",
    State.MONITORING: "being monitored",
    State.NO_FURTHER_ACTION: "no further action",
    State.CLOSED: "closed",
    State.REOPENED: "reopened",
}


ASKED = (  # the last step's questions: name, label, hint
    ("what", "What happened?", "What you saw or heard, in the child's own words where there are any."),
    ("when", "When was it?", "Day and time, as well as you know."),
    ("where", "Where?", "A place, or a group or chat."),
    ("platform", "On which platform or app, if any?", "For example WhatsApp, Instagram, a game."),
    ("witnesses", "Who else saw or heard it?", ""),
    (
        "done",
        "What has been done already?",
        "Who was rung, whether parents know. If telling them could add to the risk, don't.",
    ),
    ("told", "Whom have you told in person, and when?", ""),
)


def moment(at: datetime, school: School) -> str:
    """A moment in the school's own time."""
    local = at.astimezone(school.calendar.zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"


def day(on: date) -> str:
    """A day."""
    return f"{on.day} {on:%B %Y}"


def names(people: Iterable[Person]) -> str:
    """People's names in a line."""
    return ", ".join(person.name for person in people)


def name_of(id_: str, school: School) -> str:
    """A person's name, or their id once they are off the roster."""
    return next((p.name for p in school.roster if id_ in p.ids), id_)


def adults(school: School) -> tuple[Choice, ...]:
    """Whom of the school a report may be about: everybody on the roster, or somebody who isn't on it."""
    listed = (Choice(value=p.id, label=f"{p.name}, {p.titles}") for p in school.roster)
    return (*listed, Choice(value=UNLISTED, label=NOT_LISTED))


def place_name(place: str, school: School) -> str:
    """A place of a route in words: who holds it, as far as the roster says."""
    names = [p.name for p in school.roster if place in p.roles or place.removeprefix("person:") in p.ids]
    title = ROLES.get(place, "").capitalize()
    return ", ".join(filter(None, [title, *names])) or place.replace("_", " ")
