"""Incoming to the right use case to cards; the one place where our own errors become words."""

import json
from collections.abc import Mapping

from assistant import screens
from assistant.cards import Card, Incoming
from assistant.config import Organisation
from assistant.domain.answers import Answer
from assistant.domain.errors import AssistantError, NoOrganisation, NotOnRoster
from assistant.domain.feedback import Verdict
from assistant.domain.people import whom_to_ask
from assistant.handlers import answer_question, give_feedback
from assistant.ports import Clock, FindClauses, KeepFeedback


class Conversation:
    """Replies to people of the organisations in the school file."""

    def __init__(
        self,
        organisations: Mapping[str, Organisation],
        *,
        clauses: FindClauses,
        feedback: KeepFeedback,
        clock: Clock,
    ) -> None:
        self._organisations = organisations
        self._clauses, self._feedback, self._clock = clauses, feedback, clock

    def reply_to(self, incoming: Incoming) -> tuple[Card, ...]:
        """The cards to show the sender, and nobody else."""
        try:
            organisation = self._organisation_of(incoming)
            if incoming.action == "feedback":
                return (self._feedback_from(incoming, organisation),)
            return (self._answer(incoming, organisation),)
        except AssistantError as error:
            return (screens.problem(error),)

    def _organisation_of(self, incoming: Incoming) -> Organisation:
        """The sender's organisation, checked against its roster; never guessed between two."""
        theirs = [o for o in self._organisations.values() if any(p.id == incoming.person for p in o.people)]
        if incoming.organisation is not None:
            theirs = [o for o in theirs if o.id == incoming.organisation]
        if not theirs:
            raise NotOnRoster
        if len(theirs) > 1:
            raise NoOrganisation
        return theirs[0]

    def _answer(self, incoming: Incoming, organisation: Organisation) -> Card:
        found = answer_question(organisation.id, incoming.text, clauses=self._clauses, clock=self._clock)
        question = incoming.text.strip()
        if isinstance(found, Answer):
            return screens.answer(question, found)
        contact = whom_to_ask(organisation.roster)
        if not self._clauses.policies(organisation.id):
            return screens.no_policies(contact)
        return screens.declined(question, found, contact)

    def _feedback_from(self, incoming: Incoming, organisation: Organisation) -> Card:
        values = incoming.values
        try:
            verdict, citations = Verdict(values["verdict"]), tuple(map(str, json.loads(values["citations"])))
        except (KeyError, ValueError, TypeError) as error:
            raise AssistantError from error
        give_feedback(
            organisation.id,
            values.get("question", ""),
            citations,
            verdict,
            feedback=self._feedback,
            clock=self._clock,
        )
        return screens.thanks(verdict)
