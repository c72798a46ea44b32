"""Notices: a reference and how urgent, never what it is about, whom, or by whom."""

from assistant.domain.accounts import State
from assistant.domain.delivery import ChannelHealth, Notice, NoticeKind
from assistant.domain.people import Person
from assistant.domain.routing import Kind
from assistant.ports import Odds
from assistant.screens.terms import ACCOUNT_STATES

# The same for every notice: it shows on locked screens and in lists of messages.
SUBJECT = "Please open the policy assistant"
_SAID = {
    NoticeKind.NEW: "A confidential report, {reference}, waits for you. Open it and acknowledge it.",
    NoticeKind.CLIMBED: "A confidential report, {reference}, has not been taken in time, so it comes to you. Open it and acknowledge it.",
    NoticeKind.REMINDER: "A confidential report, {reference}, still waits to be acknowledged.",
    NoticeKind.READ: "Your report {reference} has been read.",
    NoticeKind.UNREAD: "Nobody has taken your report {reference} yet. If it can't wait, don't wait: your report's page says whom to ring; 999 if anyone is in immediate danger.",
    NoticeKind.NOBODY: "Nobody at the school may have your report {reference} at the moment, so nobody has taken it. Don't wait: your report's page has the numbers outside the school; 999 if anyone is in immediate danger.",
    NoticeKind.TAKEN: "Somebody has taken on your report {reference}.",
    NoticeKind.QUESTION: "There is a question for you about your report {reference}.",
    NoticeKind.ANSWER: "Something was added to {reference}.",
    NoticeKind.CLOSED: "Your report {reference} has been closed.",
    NoticeKind.DECIDE: "The application {reference} waits for your decision.",
    NoticeKind.CONFIRM: "You are named to run an account, {reference}. Open it, read the policy and confirm.",
    NoticeKind.INFORMATION: "There is a question for you about your application {reference}.",
    NoticeKind.CREATE: "The application {reference} is approved: the account is yours to create.",
    NoticeKind.OPEN: "The account {reference} has been created. Check the last points, then let it go live.",
    NoticeKind.REVIEW: "The yearly review of the account {reference} is due.",
    NoticeKind.SUSPENDED: "The account {reference} is suspended and waits for you.",
    NoticeKind.HANDOVER: "Too few people run the account {reference}. Name others, or close it.",
    NoticeKind.TO_CLOSE: "Somebody asks to close the account {reference}. It waits for you.",
    NoticeKind.DECIDED: "There is news about {reference}. Open it to see.",
    NoticeKind.COMMENT: "A comment on the account {reference} waits for an answer.",
    NoticeKind.POST: "A post for the account {reference} waits to be read by a second person.",
    NoticeKind.POST_READ: "A post for the account {reference} has been read.",
    NoticeKind.POLICY_REVIEW: "The review of {reference} is due soon, or overdue: the policies' page says when.",
    NoticeKind.ALARM: "The assistant can't deliver something that is owed. Run `assistant check` to see what to mend.",
}


def told(notice: Notice) -> str:
    """A notice in a sentence or two."""
    urgent = (
        "URGENT. " if notice.urgent and notice.kind in {NoticeKind.NEW, NoticeKind.CLIMBED, NoticeKind.REMINDER} else ""
    )
    return urgent + _SAID[notice.kind].format(reference=notice.reference)


def settled(reference: str, state: State | None) -> str:
    """What stands in a message once what it waited for is settled."""
    now = f" It is now {ACCOUNT_STATES[state]}." if state else ""
    return f"{reference}: nothing is left to do here.{now}"


DATABASE_DOWN = "The database can't be reached."
NOTHING_DELIVERED = (
    "A notice has been owed for more than ten minutes: is `assistant serve` or `assistant deliver` running, "
    "and can everybody be reached?"
)
SCHOOL_FILE_TAKEN = "The school file has been read again. `policies`, `sources`, and a school that is new or gone, wait for the next start."
SCHOOL_FILE_WRONG = "The school file has been changed and can't be taken as it is now, so what it said before is in force. Run `assistant check` to see what to mend."


def channel_dead(channel: ChannelHealth) -> str:
    """A channel that has failed several times in a row."""
    since = f"{channel.failing_since:%d %b %H:%M} UTC" if channel.failing_since else "now"
    return f"The channel {channel.name} has failed {channel.failures} times since {since} ({channel.error})."


_AT_ODDS = {
    Odds.GONE: "is in the trail and not in the database, though nobody deleted it",
    Odds.UNTOLD: "was changed, and the trail does not say how: its end was cut off",
    Odds.UNREADABLE: "can't be unsealed: a key is missing, its row was changed, or an older one put in its place",
    Odds.ENTRIES: "lacks some of what was done with it",
    Odds.CLOCK: "has another state, or another clock, than it was given: it may wait for nobody",
    Odds.NOTICES: "has notices that count as settled and never were",
}


def at_odds(reference: str, how: Odds) -> str:
    """A report that somebody has changed in the database."""
    return f"{reference or 'A report'} {_AT_ODDS[how]}."


NO_ROSTER = "people: nobody is on the roster, so nobody can ask in chat."
NO_LADO = "concerns.numbers: no number named LADO, to be shown when nobody at the school may have a report."
NO_ALARMS = "concerns.alarms: nobody hears when notices can't be delivered."
NO_TERMS = "calendar.terms: none, so every working day counts as a school day."


def reaches_nobody(kind: Kind) -> str:
    """A kind of concern that nobody in the school file would get."""
    return f"concerns.routes.{kind}: nobody on the roster would get such a report; numbers outside would be shown."


def reaches_only_them(person: Person) -> str:
    """Somebody about whom a concern would reach nobody."""
    return f"concerns.routes: a report about {person.name} would reach nobody; numbers outside would be shown."


def alias_of_nobody(person: Person, alias: str) -> str:
    """An alias that no entry has as its id."""
    return f"people: {alias}, an alias of {person.name}, is on no roster. Was it their id before? If not, mend it."


def no_address(person: Person) -> str:
    """A safeguarding lead or deputy who can't be reached."""
    return f"people: {person.name} has neither an e-mail address nor a phone number."


def no_channel(person: Person) -> str:
    """Somebody with a post to whom no notice can go."""
    return (
        f"people: {person.name} has neither an e-mail address nor an id in Slack or Teams, so no notice reaches them."
    )
