"""The dialogue about concerns: a form's values to a report, a press to the right use case, what comes back to cards."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from assistant.cards import Card, Incoming
from assistant.domain.concerns import Action, Report
from assistant.domain.errors import AssistantError, NothingHere, NotKept, TooMany, Unfinished
from assistant.domain.people import Person
from assistant.domain.routing import ABOUT_ADULTS_OF_THE_SCHOOL, Desk, Kind, Matter, kind_of
from assistant.domain.schools import School
from assistant.handlers import casework, reporting
from assistant.handlers.records import export_code
from assistant.ports import Begin, Clock
from assistant.screens import casework as case_screens
from assistant.screens import emergency
from assistant.screens import reporting as screens
from assistant.screens.terms import ASKED

# What a form carries from step to step before anything has been written about what happened.
_CARRIED = ("form", "danger", "kinds", "subjects", "choice", "also_dsl", "where")
_WRITTEN = (*(name for name, *_ in ASKED), "close", "anonymous")


class ConcernDesk:
    """Everything that is said about concerns, for every door alike."""

    def __init__(self, begin: Begin, clock: Clock, code_key: bytes) -> None:
        self._begin, self._clock, self._code_key = begin, clock, code_key
        self._actions: dict[str, Callable[[Incoming, School, Person], Card]] = {
            "report": self._start,
            "declare": self._declare,
            "report-about": self._about,
            "report-who": self._who,
            "report-send": self._send,
            "reports": self._reports,
            "report-state": self._state,
            "report-answer": self._answer,
            "inbox": self._inbox,
            "concern": self._concern,
            "export-code": self._code,
        }
        self._actions |= {
            f"do-{action.replace(' ', '-')}": self._do
            for action in (Action.ACKNOWLEDGE, *(action for action, *_ in case_screens.ACTIONS))
        }

    def knows(self, action: str) -> bool:
        """Whether an action is one of ours."""
        return action in self._actions

    def reply(self, incoming: Incoming, school: School, person: Person) -> Card:
        """The card for an action. Raises AssistantError."""
        return self._actions[incoming.action](incoming, school, person)

    def disclosure(self, desk: Desk, school: School) -> Card:
        """In place of an answer to what reads like a concern, or before one to what may be either."""
        return emergency.disclosure(desk, school, school.safeguarding(self._clock.now()))

    def _start(self, incoming: Incoming, school: School, person: Person) -> Card:
        # Typed behind the command: it is not looked at, only that it is there.
        note = screens.dropped() if incoming.text.strip() else None
        values = {"form": secrets.token_urlsafe(18), "kinds": incoming.values.get("kinds", "")}
        values["where"] = incoming.values.get("where", "")  # a message's link, never its words
        return screens.about_whom(school, school.safeguarding(self._clock.now()), values, note)

    def _declare(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = {"form": secrets.token_urlsafe(18), "kinds": Kind.DECLARATION, "danger": "no"}
        return self._what(values, school, person)

    def _about(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = _carried(incoming.values)
        matter = _matter(values, person)
        if not matter.kinds or values.get("danger") not in ("yes", "no"):
            note = screens.missing("Say first whether anyone is in immediate danger, and whom it is about.")
            return screens.about_whom(school, school.safeguarding(self._clock.now()), values, note)
        if matter.kinds & ABOUT_ADULTS_OF_THE_SCHOOL:
            kind = kind_of(matter, school.roster)
            return screens.which_person(school, person, kind, values, values["danger"] == "yes")
        return self._what(values, school, person)

    def _who(self, incoming: Incoming, school: School, person: Person) -> Card:
        return self._what(_carried(incoming.values), school, person)

    def _what(
        self, values: Mapping[str, str], school: School, person: Person, error: AssistantError | None = None
    ) -> Card:
        values = {key: value for key, value in values.items() if key in (*_CARRIED, *_WRITTEN)}
        ladder = school.ladder(_matter(values, person), school.today(self._clock.now()))
        if values.get("kinds") == Kind.DECLARATION:
            return screens.declaration(ladder, values, error)
        return screens.what_happened(school, ladder, values, values.get("danger") == "yes", error)

    def _send(self, incoming: Incoming, school: School, person: Person) -> Card:
        values = dict(incoming.values)
        try:
            if not values.get("form"):
                raise Unfinished
            report = _report(values, school, person)
            receipt = reporting.raise_concern(
                report, values["form"], school=school, begin=self._begin, clock=self._clock
            )
        except (Unfinished, TooMany, NotKept) as error:
            # On the reporter's own screen what they wrote is still there, to be sent again.
            return self._what(values, school, person, error)
        if report.matter.kinds == {Kind.DECLARATION}:
            return screens.declared(receipt, school)
        ladder = school.ladder(report.matter, school.today(receipt.received_at))
        return screens.receipt(receipt, school, ladder.everyone)

    def _reports(self, incoming: Incoming, school: School, person: Person) -> Card:
        return screens.reports(
            reporting.my_reports(person, school=school, begin=self._begin, clock=self._clock), school
        )

    def _state(self, incoming: Incoming, school: School, person: Person) -> Card:
        found, contacts = reporting.follow(
            _reference(incoming), person, school=school, begin=self._begin, clock=self._clock
        )
        return screens.report_state(found, school, contacts)

    def _answer(self, incoming: Incoming, school: School, person: Person) -> Card:
        self._take(Action.ANSWER, incoming, school, person)
        return self._state(incoming, school, person)

    def _inbox(self, incoming: Incoming, school: School, person: Person) -> Card:
        waiting = casework.waiting_for(person, school=school, begin=self._begin, clock=self._clock)
        shown = casework.notices_for(person, school=school, begin=self._begin)
        return case_screens.inbox(waiting, shown, school, self._clock.now())

    def _concern(self, incoming: Incoming, school: School, person: Person) -> Card:
        opened = casework.open_concern(
            _reference(incoming), person, school=school, begin=self._begin, clock=self._clock
        )
        return case_screens.case(opened, school)

    def _code(self, incoming: Incoming, school: School, person: Person) -> Card:
        # Opening it checks, and keeps, that this person may.
        opened = casework.open_concern(
            _reference(incoming), person, school=school, begin=self._begin, clock=self._clock
        )
        reference = opened.concern.reference
        return case_screens.export_code(
            reference, export_code(reference, person, school, self._code_key, self._clock.now())
        )

    def _do(self, incoming: Incoming, school: School, person: Person) -> Card:
        self._take(Action(incoming.action.removeprefix("do-").replace("-", " ")), incoming, school, person)
        try:
            return self._concern(incoming, school, person)
        except NothingHere:
            return case_screens.sent_on(_reference(incoming))

    def _take(self, action: Action, incoming: Incoming, school: School, person: Person) -> None:
        values, matter = incoming.values, None
        if action is Action.REROUTE:
            # Only who has it already may bring in others: a reporter's form asks for nobody.
            matter = replace(_matter(values, person), invited=_set(values, "invited"))
            if not matter.kinds:
                raise Unfinished
        casework.do(
            action,
            _reference(incoming),
            person,
            text=values.get("text", ""),
            version=incoming.version,
            other=values.get("other", ""),
            matter=matter,
            mistaken=_set(values, "mistaken"),
            school=school,
            begin=self._begin,
            clock=self._clock,
        )


def _reference(incoming: Incoming) -> str:
    return incoming.values.get("reference", "")


def _carried(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if key in _CARRIED}


def _set(values: Mapping[str, str], key: str) -> frozenset[str]:
    return frozenset(part for part in values.get(key, "").split(",") if part)


def _matter(values: Mapping[str, str], person: Person) -> Matter:
    known = {kind.value for kind in Kind}
    return Matter(
        kinds=frozenset(Kind(kind) for kind in _set(values, "kinds") if kind in known),
        subjects=_set(values, "subjects"),
        close=_set(values, "close"),
        reporter=person.id,
        choice=values.get("choice", ""),
        also_dsl=values.get("also_dsl") == "yes",
    )


def _report(values: Mapping[str, str], school: School, person: Person) -> Report:
    said = {name: values.get(name, "").strip() for name, *_ in ASKED}
    if any(len(text) > reporting.MOST_CHARACTERS for text in said.values()):
        raise Unfinished
    return Report(
        matter=_matter(values, person),
        danger=values.get("danger") == "yes",
        anonymous=school.anonymous and values.get("anonymous") == "yes" and values.get("kinds") != Kind.DECLARATION,
        **said,  # the names of the form's questions are those of the fields
    )
