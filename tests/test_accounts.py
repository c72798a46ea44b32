"""Applications, accounts and the duties around them, through the use cases and over each kind of database."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from assistant.account_desk import AccountDesk
from assistant.cards import Button, Card, Facts, Form, Incoming, Row, Text
from assistant.domain.accounts import Account, Action, State
from assistant.domain.applications import Needed
from assistant.domain.duties import Duty, Outcome
from assistant.domain.errors import (
    AssistantError,
    Changed,
    LooksLikeAPassword,
    NothingHere,
    NotNow,
    NotReady,
    NotYours,
    ReasonNeeded,
    Unfinished,
)
from assistant.handlers import accounts, duties
from assistant.handlers import register as looking
from assistant.outbox import Outbox
from assistant.reminders import Reminders
from assistant.storage import tables
from index.clauses import Findings, Policy
from index.documents import read
from index.parsing import parse

from .house import House

POLICY_TEXT = """Social Media Policy

Date written: {written}

Next review: {review}

Owner: Siobhan Byrne

Applying

Anyone who would like a new account must send an application that covers:

- the aim of the account
- the intended audience
"""
TRAINED = {"trained": date(2026, 9, 2)}
ANSWERS = {
    "platform": "Instagram",
    "name": "oakfield_pe",
    "aim": "To show PE.",
    "audience": "Families",
    "promotion": "Newsletter",
    "access": "Open to everyone",
    "school_email": "pe@oakfield.example",
    "second_reader": "Callum",
    "reply_owner": "Amina",
}
KEPT = {"handle": "@oakfield_pe", "password_kept": "the password manager"}


def policy(written: str = "September 2025", review: str = "September 2027") -> Policy:
    text = POLICY_TEXT.format(written=written, review=review)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "social-media-policy.md"
        file.write_text(text)
        return parse(read(file))


class Shelf:
    """The policies in force."""

    def __init__(self) -> None:
        self.policy = policy()

    def find(self, organisation: str, question: str) -> Findings:
        raise AssertionError("nothing is searched here")

    def policies(self, organisation: str) -> tuple[Policy, ...]:
        return (self.policy,)


class Register:
    """The example school's accounts."""

    def __init__(self, house: House) -> None:
        self.house, self.shelf, self.forms = house, Shelf(), 0
        self.start()

    def start(self) -> None:
        """As a worker and a server do when the machine starts."""
        house = self.house
        schools = {house.school.id: house.school}
        reminders = Reminders(schools, self.shelf.policies, begin=house.database.begin, clock=house.clock)
        house.outbox = Outbox(schools, [house.channel], begin=house.database.begin, clock=house.clock, also=reminders)
        self.desk = AccountDesk(house.database.begin, house.clock, self.shelf)

    @property
    def with_(self) -> dict[str, object]:
        return self.house.with_

    @property
    def version(self) -> str:
        return f"{self.shelf.policy.id} {self.shelf.policy.version}"

    def apply(self, by: str = "amina", operators: tuple[str, ...] = ("amina", "callum"), **more: object) -> Account:
        self.forms += 1
        said = {"submit": True, "policy": self.version} | more
        form = str(said.pop("form", f"form {self.forms}"))
        answers = said.pop("answers", ANSWERS)
        return accounts.apply(answers, operators, self.house.person(by), form, **said, **self.with_)  # type: ignore[arg-type]

    def do(self, by: str, action: Action, reference: str, text: str = "why", **more: object) -> Account:
        said = {"policy": self.version} | more
        return accounts.do(action, reference, self.house.person(by), text=text, **said, **self.with_)  # type: ignore[arg-type]

    def see(self, by: str, reference: str) -> Account:
        return looking.see(reference, self.house.person(by), **self.with_).account  # type: ignore[arg-type]

    def confirmed(self) -> str:
        """An application that its operators have confirmed."""
        reference = self.apply().reference
        for operator in ("amina", "callum"):
            self.do(operator, Action.CONFIRM, reference, changes=TRAINED)
        return reference

    def live(self) -> str:
        reference = self.confirmed()
        self.do("david", Action.APPROVE, reference)
        self.do("wei", Action.CREATE, reference, changes=KEPT)
        self.do("wei", Action.OPEN, reference, changes={"checked": ("school_email",)})
        return reference

    def told(self, by: str) -> list[str]:
        self.house.deliver()
        return [kind for kind, _ in self.house.told(by)]

    def card(self, by: str, action: str, **values: str) -> Card:
        incoming = Incoming(person=by, organisation=self.house.school.id, action=action, values=values)
        return self.desk.reply(incoming, self.house.school, self.house.person(by))


@pytest.fixture
def register(house: House) -> Register:
    return Register(house)


# Applying and deciding


def test_an_application_is_told_to_those_who_decide_and_to_those_who_will_run_it(register: Register) -> None:
    account = register.apply()
    assert (account.state, account.policy, account.revision) == (State.SUBMITTED, register.version, 1)
    for decider in ("david", "priya", "grace", "helen"):
        assert register.told(decider) == ["decide"]
    assert register.told("amina") == register.told("callum") == ["confirm"]
    assert register.told("siobhan") == register.told("wei") == []


def test_one_form_is_one_application_however_often_it_is_sent(register: Register) -> None:
    first = register.apply(form="one")
    assert register.apply(form="one").reference == first.reference
    assert register.apply(by="callum", form="one").reference != first.reference
    with pytest.raises(Unfinished):
        register.apply(form="")


def test_a_form_gone_back_to_and_changed_is_not_taken_for_a_second_press(register: Register) -> None:
    draft = register.apply(form="one", submit=False)
    sent = register.apply(form="one")
    assert (sent.reference, sent.state, sent.revision) == (draft.reference, State.SUBMITTED, 1)
    assert register.told("david") == ["decide"]
    other = register.apply(form="one", answers=ANSWERS | {"aim": "To show PE and music."})
    assert (other.reference, other.revision) == (draft.reference, 2)
    assert register.see("david", draft.reference).answers["aim"] == "To show PE and music."
    for operator in ("amina", "callum"):
        register.do(operator, Action.CONFIRM, draft.reference, changes=TRAINED)
    register.do("david", Action.APPROVE, draft.reference)
    with pytest.raises(NotNow):
        register.apply(form="one")


def test_the_same_form_sent_twice_at_once_is_one_application(register: Register) -> None:
    found = both(lambda: register.apply(form="one").reference, lambda: register.apply(form="one").reference)
    assert found[0] == found[1]


def test_a_draft_is_seen_by_nobody_else_and_can_be_sent_later(register: Register) -> None:
    draft = register.apply(submit=False, answers={"platform": "X"}, operators=())
    assert draft.state is State.DRAFT
    for other in ("david", "wei", "callum"):
        with pytest.raises(NothingHere):
            register.see(other, draft.reference)
        assert register.told(other) == []
    with pytest.raises(NotReady):
        register.do("amina", Action.SUBMIT, draft.reference)
    sent = register.do(
        "amina", Action.SUBMIT, draft.reference, changes={"answers": ANSWERS, "operators": ("amina", "callum")}
    )
    assert sent.state is State.SUBMITTED
    assert register.told("david") == ["decide"]


def test_strangers_find_nothing_whether_it_exists_or_not(register: Register) -> None:
    reference = register.apply().reference
    for there in (reference, "A-22222222", ""):
        with pytest.raises(NothingHere):
            register.see("maria", there)
        with pytest.raises(NothingHere):
            register.do("maria", Action.APPROVE, there)


def test_what_is_asked_goes_to_the_applicant_and_the_answer_back(register: Register) -> None:
    reference = register.apply().reference
    assert register.told("david") == ["decide"]
    register.do("david", Action.ASK, reference, "Will children be named?")
    assert "information" in register.told("amina")
    register.do("amina", Action.SUBMIT, reference, changes={"answers": {**ANSWERS, "aim": "No child is named."}})
    account = register.see("david", reference)
    assert (account.state, account.revision, account.answers["aim"]) == (State.SUBMITTED, 2, "No child is named.")
    assert register.told("david") == ["decide", "decide"]


def test_an_approval_tells_who_creates_and_the_applicant(register: Register) -> None:
    reference = register.confirmed()
    register.do("david", Action.APPROVE, reference)
    assert register.told("wei") == ["create"]
    assert "decided" in register.told("amina")
    assert "decided" in register.told("callum")


def test_nobody_decides_on_what_they_applied_for_or_run(register: Register) -> None:
    reference = register.apply(by="david", operators=("amina", "grace")).reference
    for person in ("david", "grace"):
        with pytest.raises(NotYours):
            register.do(person, Action.REJECT, reference)
    assert register.do("helen", Action.REJECT, reference).state is State.REJECTED


def test_two_presses_are_one_decision(register: Register) -> None:
    reference = register.confirmed()
    seen = register.see("david", reference).entries
    for _ in range(2):
        assert register.do("david", Action.APPROVE, reference, version=seen).state is State.APPROVED
    account = register.see("david", reference)
    with register.house.database.begin() as transaction:
        done = [e.action for e in transaction.accounts.entries(account)]
    assert done.count(Action.APPROVE) == 1


def test_a_change_from_a_page_that_is_out_of_date_is_refused_and_not_passed_over(register: Register) -> None:
    reference = register.live()
    seen = register.see("wei", reference).entries
    change = KEPT | {"operators": ("amina", "callum"), "owner": "amina"}
    for _ in range(2):
        register.do("wei", Action.CHANGE, reference, version=seen, changes=change)
    assert register.see("wei", reference).entries == seen + 1
    with pytest.raises(Changed):
        register.do("wei", Action.CHANGE, reference, version=seen, changes=change | {"handle": "@two"})
    seen = register.see("amina", reference).entries
    for _ in range(2):
        register.do("amina", Action.CONFIRM, reference, version=seen, changes=TRAINED)
        register.house.clock.forward(minutes=1)
    with pytest.raises(Changed):
        register.do("amina", Action.CONFIRM, reference, version=seen, changes={"trained": date(2026, 9, 3)})


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(register: Register) -> None:
    reference = register.confirmed()
    seen = register.see("david", reference).entries
    found = both(
        lambda: register.do("david", Action.APPROVE, reference, version=seen).state,
        lambda: register.do("helen", Action.REJECT, reference, version=seen).state,
    )
    assert sum(isinstance(one, Changed | NotNow) for one in found) == 1
    assert register.see("david", reference).state in {State.APPROVED, State.REJECTED}


def test_a_decision_on_a_changed_application_asks_again(register: Register) -> None:
    reference = register.confirmed()
    seen = register.see("david", reference).entries
    register.do("amina", Action.SUBMIT, reference, changes={"answers": {**ANSWERS, "aim": "Something else."}})
    with pytest.raises(Changed):
        register.do("david", Action.APPROVE, reference, version=seen)


def test_a_policy_that_changes_meanwhile_is_confirmed_anew(register: Register) -> None:
    reference = register.confirmed()
    register.shelf.policy = policy(written="October 2026")
    with pytest.raises(NotReady):
        register.do("david", Action.APPROVE, reference)
    for operator in ("amina", "callum"):
        register.do(operator, Action.CONFIRM, reference, changes=TRAINED)
    assert register.do("david", Action.APPROVE, reference).state is State.APPROVED


def test_a_policy_that_changes_after_the_approval_is_confirmed_before_it_goes_live(register: Register) -> None:
    reference = register.confirmed()
    register.do("david", Action.APPROVE, reference)
    register.shelf.policy = policy(written="October 2026")
    register.do("wei", Action.CREATE, reference, changes=KEPT)
    assert register.told("callum").count("confirm") == 2
    with pytest.raises(NotReady):
        register.do("wei", Action.OPEN, reference, changes={"checked": ("school_email",)})
    assert "confirmation: Amina Yusuf, Callum Reid" in words(register.card("wei", "account", reference=reference))
    for operator in ("amina", "callum"):
        register.do(operator, Action.CONFIRM, reference, changes=TRAINED)
    assert "Not ready" not in words(register.card("wei", "account", reference=reference))
    opened = register.do("wei", Action.OPEN, reference, changes={"checked": ("school_email",)})
    assert opened.state is State.LIVE


def test_whoever_is_named_after_the_approval_is_asked_at_once_and_it_is_not_live_before_they_have_confirmed(
    register: Register,
) -> None:
    reference = register.confirmed()
    register.do("david", Action.APPROVE, reference)
    register.do("wei", Action.CREATE, reference, changes=KEPT)
    change = KEPT | {"operators": ("amina", "tomasz"), "owner": "amina"}
    register.do("wei", Action.CHANGE, reference, changes=change)
    assert register.told("tomasz") == ["confirm"]
    with pytest.raises(NotReady):
        register.do("wei", Action.OPEN, reference, changes={"checked": ("school_email",)})
    register.house.clock.forward(days=8)
    assert register.told("tomasz") == ["confirm", "confirm"]
    register.do("tomasz", Action.CONFIRM, reference, changes=TRAINED)
    opened = register.do("wei", Action.OPEN, reference, changes={"checked": ("school_email",)})
    assert opened.state is State.LIVE


def test_a_live_account_with_somebody_new_is_in_handover_until_they_have_confirmed(register: Register) -> None:
    reference = register.live()
    change = KEPT | {"operators": ("amina", "tomasz"), "owner": "amina"}
    assert register.do("wei", Action.CHANGE, reference, changes=change).state is State.HANDOVER
    assert register.told("tomasz") == ["confirm"]
    assert register.told("wei")[-1] == "handover"
    with pytest.raises(NotReady):
        register.do("wei", Action.TAKE_OVER, reference)
    register.do("tomasz", Action.CONFIRM, reference, changes=TRAINED)
    assert register.do("wei", Action.TAKE_OVER, reference).state is State.LIVE
    same = KEPT | {"operators": ("amina", "tomasz"), "owner": "tomasz"}
    assert register.do("wei", Action.CHANGE, reference, changes=same).state is State.LIVE


def test_somebody_who_lost_the_role_decides_no_more(register: Register) -> None:
    reference = register.confirmed()
    register.house.change("david", roles=frozenset({"staff"}))
    with pytest.raises(NothingHere):
        register.do("david", Action.APPROVE, reference)


@pytest.mark.parametrize(
    "changes",
    [
        {"answers": {**ANSWERS, "access": "Half open"}},
        {"operators": ("amina", "nobody")},
    ],
)
def test_what_no_form_offers_is_refused(register: Register, changes: dict[str, object]) -> None:
    reference = register.apply().reference
    with pytest.raises(Unfinished):
        register.do("amina", Action.SUBMIT, reference, changes=changes)


def test_a_password_is_never_kept(register: Register) -> None:
    reference = register.confirmed()
    register.do("david", Action.APPROVE, reference)
    with pytest.raises(LooksLikeAPassword):
        register.do("wei", Action.CREATE, reference, changes=KEPT | {"password_kept": "Tr0ub4dor&3"})
    assert register.do("wei", Action.CREATE, reference, changes=KEPT).password_kept == "the password manager"


def test_a_password_in_what_is_said_with_a_step_is_not_kept_nor_shown_again(register: Register) -> None:
    reference = register.live()
    change = {**KEPT, "operators": "amina,callum", "owner": "amina", "text": "It has a new name.", "handle": "pw: Xy1!"}
    card = register.card("wei", "account-change", reference=reference, **change)
    assert "looks like a password" in words(card)
    assert "Xy1!" not in words(card)
    assert "It has a new name." in words(card)
    register.do("wei", Action.HAND_OVER, reference)
    with pytest.raises(LooksLikeAPassword):
        register.do("wei", Action.TAKE_OVER, reference, "The password is Summer2026! now.")
    assert register.do("wei", Action.TAKE_OVER, reference, "The password is changed, on 3 July.").state is State.LIVE


def test_training_to_come_is_no_training(register: Register) -> None:
    reference = register.apply().reference
    with pytest.raises(Unfinished):
        register.do("amina", Action.CONFIRM, reference, changes={"trained": date(2027, 1, 1)})


# Clocks


def test_an_undecided_application_is_reminded_of_and_climbs(register: Register) -> None:
    register.apply()
    assert register.told("farah") == []
    for told in (["decide"], ["decide", "decide"], ["decide"] * 3, ["decide"] * 4):
        assert register.told("david") == told
        register.house.clock.forward(days=4)
    assert register.told("farah") == ["decide", "decide"]  # the chair hears in the end


def test_an_approval_that_nobody_acts_on_expires_and_the_applicant_hears(register: Register) -> None:
    reference = register.confirmed()
    register.do("david", Action.APPROVE, reference)
    for _ in range(10):
        register.house.clock.forward(days=7)
        register.house.deliver()
    assert register.see("amina", reference).state is State.EXPIRED
    assert register.told("wei").count("create") >= 8
    assert register.told("amina")[-1] == "decided"


def test_a_live_account_is_reviewed_after_a_year_and_what_is_overdue_climbs(register: Register) -> None:
    reference = register.live()
    before = register.told("wei")
    register.house.clock.forward(days=334)
    assert register.told("wei") == before
    register.house.clock.forward(days=2)
    assert register.told("wei") == [*before, "review"]
    helens = register.told("helen")
    for _ in range(40):
        register.house.clock.forward(days=1)
        register.house.deliver()
    assert len(register.told("helen")) > len(helens)
    with pytest.raises(NotReady):  # the training is too long ago by now
        register.do("wei", Action.REVIEW, reference)
    for operator in ("amina", "callum"):
        register.do(operator, Action.CONFIRM, reference, changes={"trained": date(2027, 9, 1)})
    assert register.do("wei", Action.REVIEW, reference).review_on == date(2028, 11, 29)


def test_a_changed_policy_is_confirmed_again_at_the_yearly_review(register: Register) -> None:
    register.live()
    register.shelf.policy = policy(written="October 2026")
    register.start()
    confirms = register.told("amina").count("confirm")
    register.house.clock.forward(days=340)
    assert register.told("amina").count("confirm") == confirms + 1


def test_an_operator_who_leaves_starts_a_handover_by_itself(register: Register) -> None:
    reference = register.live()
    heard = register.told("amina").count("decided")
    register.house.change("callum", active=False)
    register.start()
    register.house.deliver()
    assert register.see("wei", reference).state is State.HANDOVER
    assert "handover" in register.told("wei")
    assert register.told("amina").count("decided") == heard + 1
    with pytest.raises(NotReady):
        register.do("wei", Action.TAKE_OVER, reference)
    change = KEPT | {"operators": ("amina", "tomasz"), "owner": "amina"}
    register.do("wei", Action.CHANGE, reference, changes=change)
    with pytest.raises(NotReady):  # the new one has confirmed nothing yet
        register.do("wei", Action.TAKE_OVER, reference)
    register.do("tomasz", Action.CONFIRM, reference, changes=TRAINED)
    assert register.do("wei", Action.TAKE_OVER, reference).state is State.LIVE


def test_leaving_is_noticed_while_the_worker_runs_too(register: Register) -> None:
    reference = register.live()
    register.house.deliver()
    register.house.change("callum", active=False)
    register.start()
    register.house.clock.forward(days=2)
    register.house.deliver()
    assert register.see("wei", reference).state is State.HANDOVER


def test_a_notice_is_dropped_once_it_is_not_needed(register: Register) -> None:
    reference = register.confirmed()
    register.do("david", Action.APPROVE, reference)  # before anything was delivered
    assert register.told("priya") == []


def test_the_owner_hears_90_30_and_0_days_before_a_policys_review_once_each(register: Register) -> None:
    register.shelf.policy = policy(review="31 March 2027")
    heard = []
    for day in ("2026-12-20", "2027-01-02", "2027-02-10", "2027-03-10", "2027-03-31", "2027-05-01"):
        register.house.clock.at = datetime.fromisoformat(f"{day}T09:00+00:00")
        register.start()
        heard.append(register.told("siobhan").count("policy review"))
    assert heard == [0, 1, 1, 2, 3, 3]


def test_a_school_that_is_gone_from_the_file_is_reminded_of_nothing(register: Register) -> None:
    register.live()
    register.house.clock.forward(days=400)
    assert accounts.remind_due({}, {}, begin=register.house.database.begin, clock=register.house.clock, limit=9) == 1
    assert accounts.remind_due({}, {}, begin=register.house.database.begin, clock=register.house.clock, limit=9) == 0


# Closing, and what is kept


def test_who_asks_to_close_does_not_close(register: Register) -> None:
    reference = register.live()
    with pytest.raises(NotReady):
        register.do("david", Action.CLOSE, reference)
    register.do("wei", Action.ASK_TO_CLOSE, reference)
    assert register.told("david")[-1] == "to close"
    assert register.do("david", Action.CLOSE, reference).state is State.CLOSED
    assert [a.reference for a in the_register(register)] == [reference]


def the_register(register: Register) -> list[Account]:
    house = register.house
    return looking.the_register(house.school, begin=house.database.begin, clock=house.clock, actor="")


def test_every_step_is_in_the_audit_trail_and_a_refused_try_too(register: Register) -> None:
    reference = register.live()
    account = register.see("wei", reference)
    with pytest.raises(NothingHere):
        register.do("maria", Action.SUSPEND, reference)
    the_register(register)
    with register.house.database.begin() as transaction:
        done = [entry.action for entry in transaction.audit.of(account.id)]
        assert transaction.audit.verify().broken_at is None
    steps = ["submit", "confirm", "confirm", "approve", "create", "go live"]
    assert done == [f"account {step}" for step in steps]


def test_nothing_of_an_account_stands_in_a_plain_column(register: Register) -> None:
    reference = register.live()
    log(register, reference, "A marked comment.")
    import sqlalchemy as sa

    from assistant.storage.tables import metadata

    with register.house.engine.begin() as connection:
        rows = "".join(str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table)))
    for word in ("oakfield_pe", "marked comment", "amina", "password manager", "To show PE"):
        assert word not in rows


def test_what_is_over_is_kept_six_years_and_then_deleted(register: Register) -> None:
    reference = register.live()
    log(register, reference, "A comment.")
    register.do("wei", Action.ASK_TO_CLOSE, reference)
    register.do("david", Action.CLOSE, reference)
    house = register.house
    some = {"school": house.school, "begin": house.database.begin, "clock": house.clock}
    due = looking.over(school=house.school, begin=house.database.begin)[0]
    assert due.reference == reference
    assert due.due.date() == date(2032, 11, 18)
    assert looking.delete_over(actor="", **some) == []
    house.clock.forward(days=365 * 6 + 2)
    assert looking.delete_over(actor="", **some) == [reference]
    with pytest.raises(NothingHere):
        register.see("wei", reference)
    assert looking.over(school=house.school, begin=house.database.begin) == []


# Duties


def log(register: Register, reference: str, text: str, by: str = "amina", received: datetime | None = None) -> Duty:
    return duties.log_comment(reference, text, received, register.house.person(by), "", **register.with_)  # type: ignore[arg-type]


def test_a_comment_has_its_clock_and_a_late_one_climbs(register: Register) -> None:
    reference = register.live()
    register.house.deliver()
    duty = log(register, reference, "When is the match?")
    assert duty.due_at == register.house.clock.at + timedelta(hours=24)
    assert "comment" in register.told("callum")
    assert "comment" not in register.told("david")
    register.house.clock.forward(hours=25)
    assert "comment" in register.told("david")
    done = duties.finish(duty.id, Outcome.ACKNOWLEDGED, "", register.house.person("callum"), **register.with_)  # type: ignore[arg-type]
    assert done.late(register.house.clock.at)
    count = register.told("david").count("comment")
    register.house.clock.forward(days=3)
    assert register.told("david").count("comment") == count
    with pytest.raises(NotNow):
        duties.finish(duty.id, Outcome.ANSWERED, "", register.house.person("callum"), **register.with_)  # type: ignore[arg-type]


def test_a_comment_of_the_weekend_is_due_on_the_next_working_day(register: Register) -> None:
    reference = register.live()
    register.house.clock.at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    duty = log(register, reference, "Hello?", received=datetime(2026, 11, 21, 20, tzinfo=UTC))
    assert duty.due_at == datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    with pytest.raises(NotNow):
        log(register, reference, "Hello?", received=datetime(2026, 12, 21, 20, tzinfo=UTC))


def test_a_post_is_read_by_a_second_person(register: Register) -> None:
    reference = register.live()
    register.house.deliver()
    post = duties.log_post(reference, "We won!", register.house.person("amina"), "once", **register.with_)  # type: ignore[arg-type]
    again = duties.log_post(reference, "We won!", register.house.person("amina"), "once", **register.with_)  # type: ignore[arg-type]
    assert again.id == post.id
    assert "post" in register.told("callum")
    assert "post" not in register.told("amina")

    def finish(by: str, outcome: Outcome, note: str = "") -> Duty:
        return duties.finish(post.id, outcome, note, register.house.person(by), **register.with_)  # type: ignore[arg-type]

    with pytest.raises(NotYours):
        finish("amina", Outcome.AGREED)
    with pytest.raises(NotYours):
        finish("callum", Outcome.WITHDRAWN)
    with pytest.raises(ReasonNeeded):
        finish("callum", Outcome.NOT_AGREED)
    with pytest.raises(NotNow):
        finish("callum", Outcome.ANSWERED)
    with pytest.raises(NothingHere):
        finish("maria", Outcome.AGREED)
    assert finish("callum", Outcome.NOT_AGREED, "A child is named.").note == "A child is named."
    assert "post read" in register.told("amina")


def test_all_that_is_sent_from_one_page_is_kept_and_nothing_twice(register: Register) -> None:
    reference = register.live()
    card = register.card("amina", "account", reference=reference)
    form = next(part.values for part in card.parts if isinstance(part, Form) and part.action == "post-log")
    for _ in range(2):
        register.card("amina", "comment-log", **form, text="When is the match?")
        register.card("amina", "comment-log", **form, text="When is the match?", received="2026-11-18 15:40")
        register.card("amina", "comment-log", **form, text="Where is it?")
        register.card("amina", "post-log", **form, text="Where is it?")
    with register.house.database.begin() as transaction:
        found = transaction.accounts.duties_of(register.house.school.id)
    assert sorted((duty.kind.value, duty.text) for duty in found) == [
        ("comment", "When is the match?"),
        ("comment", "When is the match?"),
        ("comment", "Where is it?"),
        ("post", "Where is it?"),
    ]


@pytest.mark.parametrize(("declares", "alias"), [("amina", "callum"), ("callum", "amina")])
def test_nobody_is_their_own_second_reader_by_another_id(register: Register, declares: str, alias: str) -> None:
    reference = register.live()
    register.house.deliver()
    register.house.change(declares, aliases=frozenset({alias}))
    register.start()
    post = duties.log_post(reference, "We won!", register.house.person("amina"), "once", **register.with_)  # type: ignore[arg-type]
    assert "post" not in register.told("callum")
    assert (
        duties.waiting_for(
            register.house.person("callum"), school=register.house.school, begin=register.house.database.begin
        )
        == []
    )
    assert "Agreed" not in words(register.card("callum", "account", reference=reference))
    with pytest.raises(NotYours):
        duties.finish(post.id, Outcome.AGREED, "", register.house.person("callum"), **register.with_)  # type: ignore[arg-type]
    duties.finish(post.id, Outcome.WITHDRAWN, "", register.house.person("callum"), **register.with_)  # type: ignore[arg-type]
    assert "post read" not in register.told("amina")


def test_a_duty_of_an_account_that_is_closed_reminds_nobody(register: Register) -> None:
    reference = register.live()
    log(register, reference, "Hello?")
    register.do("wei", Action.ASK_TO_CLOSE, reference)
    register.do("david", Action.CLOSE, reference)
    register.house.clock.forward(hours=30)
    assert "comment" not in register.told("callum")


def test_one_damaged_row_stops_neither_the_register_nor_the_reminders(register: Register) -> None:
    house, live, bad, good = register.house, register.live(), register.live(), register.apply().reference
    log(register, bad, "Of a damaged account.")
    kept, lost = log(register, live, "Hello?"), log(register, live, "Anybody?")
    register.told("david")
    with house.engine.begin() as connection:
        of = tables.accounts.c.reference == bad
        connection.execute(sa.update(tables.accounts).where(of).values(sealed=b"x" * 40))
        connection.execute(sa.update(tables.duties).where(tables.duties.c.id == lost.id).values(sealed=b"x" * 40))
    house.clock.forward(days=10)
    assert "comment" in register.told("david")
    assert ("decide", good) in house.told("helen")
    david, callum = house.person("david"), house.person("callum")
    seen = looking.everything_for(david, school=house.school, begin=house.database.begin)
    assert {account.reference for account, _ in seen} == {live, good}
    waiting = duties.waiting_for(callum, school=house.school, begin=house.database.begin)
    assert [duty.id for duty in waiting] == [kept.id]
    assert register.card("david", "accounts").parts


def test_nobody_else_logs_anything(register: Register) -> None:
    reference = register.live()
    with pytest.raises(NothingHere):
        log(register, reference, "Hello?", by="maria")
    with pytest.raises(NothingHere):
        duties.log_post(reference, "Hello", register.house.person("maria"), "", **register.with_)  # type: ignore[arg-type]
    with pytest.raises(ReasonNeeded):
        log(register, reference, "  ")


# What people see


def words(card: Card) -> str:
    return str(card)


def test_beside_each_field_stands_the_clause_that_asks_for_it_or_that_it_is_ours(register: Register) -> None:
    card = register.card("amina", "apply")
    form = next(part for part in card.parts if isinstance(part, Form))
    fields = {field.name: field for field in form.fields}
    assert fields["aim"].quote is not None
    assert fields["aim"].quote.text == "the aim of the account"
    assert fields["aim"].note == ""
    assert fields["promotion"].quote is None
    assert "assistant's own" in fields["promotion"].note


def test_what_was_written_is_still_there_when_something_is_missing(register: Register) -> None:
    card = register.card("amina", "apply-send", form="f", platform="X", aim="PE", operators="amina", then="send")
    form = next(part for part in card.parts if isinstance(part, Form))
    assert {f.name: f.value for f in form.fields if f.value} == {
        "platform": "X",
        "aim": "PE",
        "operators": "amina",
        "then": "send",
    }
    assert any(isinstance(part, Text) and "too few different people" in part.text for part in card.parts)


def test_each_person_sees_what_waits_for_them(register: Register) -> None:
    def rows(by: str) -> list[tuple[str, bool]]:
        card = register.card(by, "accounts")
        return [(part.label, part.strong) for part in card.parts if isinstance(part, Row)]

    assert any(isinstance(p, Text) and "no accounts yet" in p.text for p in register.card("maria", "accounts").parts)
    reference = register.apply().reference
    label = f"Instagram · {reference}"
    assert rows("david") == [(label, True)]
    assert rows("amina") == [(label, False)]
    assert rows("maria") == []
    for operator in ("amina", "callum"):
        register.do(operator, Action.CONFIRM, reference, changes=TRAINED)
    register.do("david", Action.APPROVE, reference)
    register.do("wei", Action.CREATE, reference, changes=KEPT)
    register.do("wei", Action.OPEN, reference, changes={"checked": ("school_email",)})
    seen = register.card("maria", "accounts")
    assert any(isinstance(p, Facts) and ("Instagram: @oakfield_pe", "ask Amina Yusuf") in p.facts for p in seen.parts)
    assert "password manager" not in words(seen)
    log(register, reference, "Hello?")
    assert (reference, True) in rows("callum")


def test_only_what_one_may_do_now_is_offered(register: Register) -> None:
    reference = register.live()

    def offered(by: str) -> set[str]:
        card = register.card(by, "account", reference=reference)
        return {part.action for part in card.parts if isinstance(part, Form | Button)} - {"accounts"}

    duty = {"comment-log", "post-log"}
    assert (
        offered("callum") == {"account-confirm", "account-suspend", "account-hand-over", "account-ask-to-close"} | duty
    )
    assert offered("tomasz") == {"account-suspend"}
    assert offered("david") == {"account-review", "account-change", "account-suspend"} | duty
    with pytest.raises(NothingHere):
        offered("maria")


def test_a_form_that_nobody_offered_does_nothing(register: Register) -> None:
    reference = register.apply().reference
    for action in ("account-expire", "account-save", "account-submit"):
        assert not register.desk.knows(action)
    with pytest.raises(NotYours):
        register.card("callum", "account-approve", reference=reference)
    with pytest.raises(Unfinished):
        register.card("amina", "duty-done", reference=reference, duty="x", outcome="nonsense")
    card = register.card("amina", "account-confirm", reference=reference, trained="yesterday")
    assert isinstance(card.parts[0], Text)


@pytest.mark.parametrize(
    ("said", "day"), [("2026-09-02", date(2026, 9, 2)), ("2/9/2026", date(2026, 9, 2)), ("2/9/26", date(2026, 9, 2))]
)
def test_days_are_read_as_people_write_them(register: Register, said: str, day: date) -> None:
    reference = register.apply().reference
    register.card("amina", "account-confirm", reference=reference, trained=said)
    assert register.see("amina", reference).confirmations[0].trained == day


def test_a_comment_is_logged_with_the_time_it_came_in(register: Register) -> None:
    reference = register.live()
    register.card("amina", "comment-log", reference=reference, form="1", text="Hello?", received="2026-11-18 15:40")
    found = duties.waiting_for(
        register.house.person("callum"), school=register.house.school, begin=register.house.database.begin
    )
    assert [duty.at for duty in found] == [datetime(2026, 11, 18, 15, 40, tzinfo=UTC)]
    with pytest.raises(Unfinished):
        register.card("amina", "comment-log", reference=reference, form="2", text="Hello?", received="18 Nov tea time")


def test_leaders_see_which_policies_are_due_for_review(register: Register) -> None:
    register.shelf.policy = policy(review="30 June 2026")
    assert "overdue since 30 June 2026" in words(register.card("helen", "accounts"))
    assert "overdue since" not in words(register.card("amina", "accounts"))


def test_two_approvals_of_two_people_go_all_the_way(register: Register) -> None:
    rules = replace(
        register.house.school.applications, approvals=(Needed(by=(("slt",),)), Needed(by=(("headteacher",),)))
    )
    register.house.school = replace(register.house.school, applications=rules)
    register.start()
    reference = register.confirmed()
    assert register.do("david", Action.APPROVE, reference).state is State.SUBMITTED
    with pytest.raises(NotYours):
        register.do("david", Action.APPROVE, reference)
    assert register.do("helen", Action.APPROVE, reference).state is State.APPROVED


def both(*work: Callable[[], object]) -> list[object]:
    """What each gives, or the error that it raises, all at once."""
    found: list[object] = [None] * len(work)
    barrier = threading.Barrier(len(work))

    def run(i: int) -> None:
        barrier.wait()
        try:
            found[i] = work[i]()
        except AssistantError as error:
            found[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
