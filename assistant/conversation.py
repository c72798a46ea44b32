"""Incoming to the right use case to cards; the one place where our own errors become words."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from assistant.account_desk import AccountDesk
from assistant.cards import Card, Incoming
from assistant.concern_desk import ConcernDesk
from assistant.domain.accounts import OVER, Part
from assistant.domain.answers import Answer, follow_up
from assistant.domain.errors import AssistantError, NoOrganisation, NothingHere, NotOnRoster
from assistant.domain.feedback import Verdict
from assistant.domain.languages import language_of
from assistant.domain.people import Person, whom_to_ask
from assistant.domain.routing import Desk, desk_for
from assistant.domain.schools import School
from assistant.domain.wording import Sentence
from assistant.handlers import casework, register, reporting
from assistant.handlers.questions import MOST_CHARACTERS, answer_question, give_feedback
from assistant.handlers.records import CaseFile, CaseRecord, export
from assistant.handlers.wording import Model, make_whole, patience, word
from assistant.ports import Begin, Clock, FindClauses, KeepFeedback
from assistant.screens import answers as screens
from assistant.screens import doors, library

log = logging.getLogger(__name__)
_ASKS_WHAT_CHANGED = re.compile(
    r"\bwhat(?:'s|’s| has| have| is| was)?\b.{0,20}\b(?:changed|new|different)\b.{0,60}\b(?:polic(?:y|ies)|version|code)\b"
    r"|\bwhat\b.{0,60}\bpolic(?:y|ies)\b.{0,20}\bchanged\b|\bchanges\b.{0,60}\bpolicy\b",
    re.IGNORECASE,
)
_AROUND = 3  # clauses shown before and after one that is opened
_CONCERNED = frozenset({Part.APPLICANT, Part.OPERATOR, Part.APPROVER, Part.CREATOR})
REPORT_COMMAND, APPLY_COMMAND = "/report-concern", "/apply-account"


class Conversation:
    """Replies to people of the schools in the school file."""

    def __init__(
        self,
        schools: Mapping[str, School],
        *,
        clauses: FindClauses,
        desk: Callable[[str], Desk],
        feedback: KeepFeedback,
        begin: Begin,
        clock: Clock,
        make_case_file: tuple[Callable[[CaseRecord], bytes], Callable[[CaseRecord, bytes], bytes]],
        code_key: bytes,
        model: Model | None = None,
    ) -> None:
        self._schools = schools
        self._begin, self._make_case_file = begin, make_case_file
        self._clauses, self._feedback, self._clock = clauses, feedback, clock
        self._desk, self._model = desk, model
        self._concerns = ConcernDesk(begin, clock, code_key)
        self._accounts = AccountDesk(begin, clock, clauses)

    def reply_to(self, incoming: Incoming) -> tuple[Card, ...]:
        """The cards to show the sender, and nobody else."""
        incoming = _writable(incoming)
        try:
            school, person = self._sender_of(incoming)
            if incoming.text.strip().lower().startswith(REPORT_COMMAND):
                # What follows the command is not looked at, only that there is something.
                behind = incoming.text.strip()[len(REPORT_COMMAND) :]
                incoming = replace(incoming, action="report", text=behind)
            if self._concerns.knows(incoming.action):
                return (self._concerns.reply(incoming, school, person),)
            if incoming.text.strip().lower().startswith(APPLY_COMMAND):
                incoming = replace(incoming, action="apply", text="")
            if self._accounts.knows(incoming.action):
                return (self._accounts.reply(incoming, school, person),)
            if incoming.action == "feedback":
                return (self._feedback_from(incoming, school),)
            if incoming.action == "clause":
                return (self._clause(incoming, school),)
            if incoming.action == "home":
                return self._home(school, person)
            if incoming.action == "ask-anyway" and not incoming.text.strip():
                return (doors.ask_anyway(),)
            return self._answer(incoming, school, anyway=incoming.action == "ask-anyway")
        except AssistantError as error:
            return (screens.problem(error, incoming),)

    def case_file(self, incoming: Incoming) -> CaseFile | Card:
        """A concern's case file for somebody who may have it, or a card that says why not."""
        try:
            school, person = self._sender_of(_writable(incoming))
            render, sign = self._make_case_file
            return export(
                incoming.values.get("reference", ""),
                person,
                school=school,
                begin=self._begin,
                clock=self._clock,
                render=render,
                sign=sign,
            )
        except AssistantError as error:
            return screens.problem(error)

    def _sender_of(self, incoming: Incoming) -> tuple[School, Person]:
        """The sender and their school, checked against its roster; never guessed between two."""
        found = [(s, person) for s in self._schools.values() if (person := s.person(incoming.person))]
        if incoming.organisation is not None:
            found = [(s, person) for s, person in found if s.id == incoming.organisation]
        if not found:
            raise NotOnRoster
        if len(found) > 1:
            raise NoOrganisation
        return found[0]

    def _answer(self, incoming: Incoming, school: School, *, anyway: bool) -> tuple[Card, ...]:
        """What policies say, or the form, or both: the form first."""
        asked = follow_up(incoming.before, incoming.text)
        desk = self._desk(asked)
        if asked != incoming.text:  # a question before it doesn't make less of what is told now
            desk = max(desk, desk_for(incoming.text), key=list(Desk).index)
        if desk is Desk.POLICY or anyway:
            return (self._looked_up(incoming, asked, school, private=anyway),)
        offered = self._concerns.disclosure(desk, school)
        if desk is not Desk.EITHER:
            return (offered,)
        try:
            return (offered, self._looked_up(incoming, asked, school, private=True))
        except Exception as error:  # whatever becomes of the search, the form is offered
            log.error("a question could not be looked up (%s)", type(error).__name__)
            return (offered, screens.problem(error if isinstance(error, AssistantError) else AssistantError()))

    def _looked_up(self, incoming: Incoming, asked: str, school: School, *, private: bool) -> Card:
        """What policies say. `private`: it reads like a concern, so it goes to no model and is not offered to be kept."""
        if (language := language_of(incoming.text)) and len(incoming.text) <= MOST_CHARACTERS:
            return screens.in_english(language, whom_to_ask(school.roster))
        if _ASKS_WHAT_CHANGED.search(incoming.text):
            return self._what_changed(incoming, school)
        # What reads like a concern by either of the tripwire's measures goes to no model.
        texts = {asked} if asked == incoming.text else {asked, incoming.before}
        model = self._model
        if model and (private or not all(self._reads_like_policy(text) for text in texts)):
            model = None
        until = patience()
        if model and asked != incoming.text:
            whole = make_whole(
                school.id, incoming.before, incoming.text, clauses=self._clauses, model=model, until=until
            )
            asked = whole if whole and self._reads_like_policy(whole) else asked
        found = answer_question(school.id, asked, clauses=self._clauses, clock=self._clock)
        question = "" if private else incoming.text.strip()
        if isinstance(found, Answer):
            said: tuple[Sentence, ...] = ()
            if model and not any(quote.until for quote in found.quotes):  # what is no longer in force is only quoted
                said = word(school.id, asked, found, clauses=self._clauses, model=model, until=until)
            return screens.answer(question, found, said)
        contact = whom_to_ask(school.roster)
        if not self._clauses.policies(school.id):
            return screens.no_policies(contact)
        return screens.declined(question, found, contact)

    def _reads_like_policy(self, text: str) -> bool:
        return desk_for(text) is Desk.POLICY and self._desk(text) is Desk.POLICY

    def _what_changed(self, incoming: Incoming, school: School) -> Card:
        shelves = library.shelves(self._clauses.versions(school.id), self._clock.today())
        named = library.which_policy(f"{incoming.before} {incoming.text}", [shelf.policy for shelf in shelves])
        if named is None:
            return library.which_changed(shelves)
        return library.what_changed(next(shelf for shelf in shelves if shelf.policy.id == named.id))

    def _clause(self, incoming: Incoming, school: School) -> Card:
        policy = next((p for p in self._clauses.policies(school.id) if p.id == incoming.values.get("policy")), None)
        found = [i for i, c in enumerate(policy.clauses if policy else ()) if c.id == incoming.values.get("clause")]
        if policy is None or not found:
            raise NothingHere
        at = found[0]
        around = policy.clauses[max(0, at - _AROUND) : at + _AROUND + 1]
        return doors.clause(policy, policy.clauses[at], around, self._clock.today())

    def _home(self, school: School, person: Person) -> tuple[Card, ...]:
        mine: dict[str, Any] = {"school": school, "begin": self._begin, "clock": self._clock}
        accounts = register.everything_for(person, school=school, begin=self._begin)
        return doors.home(
            school,
            casework.waiting_for(person, **mine),
            reporting.my_reports(person, **mine),
            [account for account, held in accounts if account.state not in OVER and held & _CONCERNED],
            self._clauses.policies(school.id),
            self._clock.today(),
        )

    def _feedback_from(self, incoming: Incoming, school: School) -> Card:
        values = incoming.values
        if self._desk(values.get("question", "")) is not Desk.POLICY:
            raise AssistantError
        try:
            verdict, citations = Verdict(values["verdict"]), tuple(map(str, json.loads(values["citations"])))
        except (KeyError, ValueError, TypeError) as error:
            raise AssistantError from error
        give_feedback(
            school.id,
            values.get("question", ""),
            citations,
            verdict,
            feedback=self._feedback,
            clock=self._clock,
        )
        return screens.thanks(verdict)


def _writable(incoming: Incoming) -> Incoming:
    """What came in without what no database or file can hold, NUL and halves of characters; a line's end is one character
    everywhere, though browsers send two, so that what is measured is what was typed."""

    def clean(text: str) -> str:
        return text.replace("\0", "").replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")

    return replace(incoming, text=clean(incoming.text), values={clean(k): clean(v) for k, v in incoming.values.items()})
