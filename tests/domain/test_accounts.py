"""Every state, action and person of an account's life; approvals that nobody can give themselves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.account_steps import active_operators, lacking, may_see, parts, take, waits_for
from assistant.domain.accounts import STEPS, Account, Action, Confirmation, Lack, Part, State
from assistant.domain.applications import DEFAULT_FIELDS, KNOWN, Needed, Rules
from assistant.domain.errors import AssistantError, Changed, NotNow, NotReady, NotYours, ReasonNeeded
from assistant.domain.people import Person

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
TODAY = date(2026, 11, 19)
POLICY = "social-media-policy 1"


def who(id_: str, *roles: str, **more: object) -> Person:
    return Person(id=id_, name=id_.title(), roles=frozenset({"staff", *roles}), **more)  # type: ignore[arg-type]


ROSTER = (
    who("amy"),
    who("ben"),
    who("cat"),
    who("sal", "slt"),
    who("sid", "slt"),
    who("hal", "headteacher"),
    who("dot", "dsl"),
    who("wei", "account_administrator"),
    who("may", "governor"),
    who("gov", "chair_of_governors"),
)
RULES = Rules(
    fields=tuple(KNOWN[name] for name in DEFAULT_FIELDS),
    approvals=(Needed(by=(("slt",),)),),
    trained_within=timedelta(days=365),
    before_live=("disclaimer",),
)
ANSWERS = dict.fromkeys([field.name for field in RULES.fields], "said")


def account(state: State = State.DRAFT, **more: object) -> Account:
    """Amy's application, to be run by Ben and Cat, with everything in place for any step."""
    confirmed = tuple(
        Confirmation(person=p, policy=POLICY, at=NOW, trained=TODAY - timedelta(days=30)) for p in ("ben", "cat")
    )
    made = Account(
        id="1",
        reference="A-2345678",
        organisation="oakfield",
        applicant="amy",
        operators=("ben", "cat"),
        answers=ANSWERS,
        state=state,
        confirmations=confirmed,
        handle="@oakfield",
        password_kept="the password manager",
        checked=("disclaimer",),
        asked_to_close="ben",
        revision=1,
        version=5,
        entries=3,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def do(one: Account, action: Action, person: str | None, text: str = "why", **more: object) -> Account:
    rules, roster = more.pop("rules", RULES), more.pop("roster", ROSTER)
    somebody = None if person is None else next(p for p in roster if p.id == person)  # type: ignore[attr-defined]
    policy = more.pop("policy", POLICY)
    settled = {"rules": rules, "roster": roster, "policy": policy, "today": TODAY}
    return take(one, action, somebody, NOW, text=text, **settled, **more)[0]  # type: ignore[arg-type]


# Who is who towards that account: the letters of the table below.
PEOPLE = {"A": "amy", "O": "ben", "P": "sal", "C": "wei", "D": "dot", "*": None}
NOBODY = ("may", "hal")  # a governor, and a leader who decides nothing here
# Action: who, and from which state to which; "." stays as it is. Written out by hand, apart from the code.
TABLE = {
    "save": ("A", "draft ."),
    "submit": ("A", "draft submitted, submitted submitted, information requested > submitted"),
    "confirm": (
        "O",
        "submitted ., information requested > ., approved ., account created > ., live ., suspended ., handover .",
    ),
    "ask for information": ("P", "submitted > information requested"),
    "approve": ("P", "submitted approved"),
    "reject": ("P", "submitted rejected"),
    "withdraw": (
        "A",
        "draft withdrawn, submitted withdrawn, information requested > withdrawn, approved withdrawn",
    ),
    "expire": ("*", "approved expired"),
    "create": ("C", "approved > account created"),
    "go live": ("CO", "account created > live"),
    "change": ("CP", "account created > ., live ., suspended ., handover ."),
    "review": ("CP", "live ."),
    "suspend": ("OPCD", "live suspended, handover suspended"),
    "resume": ("P", "suspended live"),
    "hand over": ("CO*", "live handover, suspended handover"),
    "take over": ("CP", "handover live"),
    "ask to close": ("CO", "account created > ., live ., suspended ., handover ."),
    "keep": ("P", "account created > ., live ., suspended ., handover ."),
    "close": ("P", "account created > closed, live closed, suspended closed, handover closed"),
}


def steps(text: str) -> dict[str, str]:
    pairs = [part.split(" > ") if ">" in part else part.rsplit(" ", 1) for part in text.split(", ")]
    return {before.strip(): before.strip() if after.strip() == "." else after.strip() for before, after in pairs}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_action_in_every_state_by_everybody(state: State, action: Action) -> None:
    letters, moves = TABLE[action][0], steps(TABLE[action][1])
    for person in (*PEOPLE.values(), *NOBODY):
        entitled = person in [PEOPLE[letter] for letter in letters]
        if not entitled:
            with pytest.raises(NotYours):
                do(account(state), action, person)
        elif state not in moves:
            with pytest.raises(NotNow):
                do(account(state), action, person)
        else:
            assert do(account(state), action, person).state == moves[state]


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(Action) == set(STEPS)
    assert set(PEOPLE) >= {letter for letters, _ in TABLE.values() for letter in letters}


@pytest.mark.parametrize("action", [action for action in Action if STEPS[action].reason])
def test_what_is_decided_has_a_reason(action: Action) -> None:
    letters, moves = TABLE[action][0], steps(TABLE[action][1])
    with pytest.raises(ReasonNeeded):
        do(account(State(next(iter(moves)))), action, PEOPLE[letters[0]], text=" \n")


def test_each_step_is_kept_with_who_when_why_and_under_which_policy() -> None:
    after, entry = take(
        account(State.SUBMITTED),
        Action.REJECT,
        ROSTER[3],
        NOW,
        rules=RULES,
        roster=ROSTER,
        policy=POLICY,
        today=TODAY,
        text=" we have one already ",
    )
    assert entry is not None
    assert (entry.actor, entry.at, entry.text, entry.policy, entry.revision) == (
        "sal",
        NOW,
        "we have one already",
        POLICY,
        1,
    )
    assert (entry.before, entry.after, after.entries) == (State.SUBMITTED, State.REJECTED, 4)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("amy", {Part.APPLICANT}),
        ("ben", {Part.OPERATOR}),
        ("sal", {Part.APPROVER, Part.LEADER}),
        ("wei", {Part.CREATOR, Part.LEADER}),
        ("dot", {Part.SAFEGUARDING}),
        ("hal", {Part.LEADER}),
        ("may", set()),
    ],
)
def test_how_people_stand_to_an_account(role: str, expected: set[Part]) -> None:
    person = next(p for p in ROSTER if p.id == role)
    assert parts(person, account(), RULES, ROSTER) == expected
    assert parts(replace(person, active=False), account(), RULES, [replace(person, active=False)]) == set()


def test_a_draft_is_its_applicants_alone_and_all_else_is_read_by_those_it_concerns() -> None:
    assert may_see(account(), frozenset({Part.APPLICANT, Part.OPERATOR}))
    assert not may_see(account(), frozenset({Part.APPROVER, Part.LEADER}))
    assert may_see(account(State.SUBMITTED), frozenset({Part.SAFEGUARDING}))
    assert not may_see(account(State.LIVE), frozenset())


# What must be so first


def lacks(one: Account, action: Action, person: str | None = "sal", **more: object) -> tuple[str, ...]:
    with pytest.raises(NotReady) as raised:
        do(one, action, person, **more)
    return raised.value.lacks


def test_an_application_needs_its_form_its_operators_and_somebody_to_decide() -> None:
    empty = account(answers={**ANSWERS, "aim": " "}, operators=("ben", "ben"))
    assert lacks(empty, Action.SUBMIT, "amy") == (Lack.FIELDS, Lack.OPERATORS)
    alone = (who("amy", "headteacher"), who("ben"), who("cat"))
    rules = replace(RULES, approvals=(Needed(by=(("headteacher",),)),))
    assert lacks(account(), Action.SUBMIT, "amy", rules=rules, roster=alone) == (Lack.DECIDER,)


def test_an_approval_waits_for_each_operators_word_and_training() -> None:
    unread = account(State.SUBMITTED, confirmations=())
    assert lacks(unread, Action.APPROVE) == (Lack.CONFIRMATIONS, Lack.TRAINING)
    assert lacks(account(State.SUBMITTED), Action.APPROVE, policy="social-media-policy 2") == (Lack.CONFIRMATIONS,)
    old = tuple(replace(c, trained=TODAY - timedelta(days=366)) for c in account().confirmations)
    assert lacks(account(State.SUBMITTED, confirmations=old), Action.APPROVE) == (Lack.TRAINING,)
    lax = replace(RULES, confirm=False, trained_within=None)
    assert do(unread, Action.APPROVE, "sal", rules=lax).state is State.APPROVED


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (State.CREATED, Action.OPEN),
        (State.SUSPENDED, Action.RESUME),
        (State.HANDOVER, Action.TAKE_OVER),
        (State.LIVE, Action.REVIEW),
    ],
)
def test_it_comes_into_use_and_is_reviewed_only_under_people_who_have_confirmed_and_were_trained(
    state: State, action: Action
) -> None:
    by = "wei" if action is Action.OPEN else "sal"
    assert lacks(account(state, confirmations=()), action, by) == (Lack.CONFIRMATIONS, Lack.TRAINING)
    assert lacks(account(state, operators=("ben", "ben")), action, by) == (Lack.OPERATORS,)
    assert lacks(account(state), action, by, policy="social-media-policy 2") == (Lack.CONFIRMATIONS,)


def test_whoever_newly_runs_a_live_account_has_confirmed_or_it_is_handed_over_until_they_have() -> None:
    new = {"operators": ("ben", "may")}
    assert do(account(State.LIVE), Action.CHANGE, "wei", changes=new).state is State.HANDOVER
    assert do(account(State.CREATED), Action.CHANGE, "wei", changes=new).state is State.CREATED
    known = Confirmation(person="may", policy=POLICY, at=NOW, trained=TODAY)
    ready = account(State.LIVE, confirmations=(*account().confirmations, known))
    assert do(ready, Action.CHANGE, "wei", changes=new).state is State.LIVE
    # Whoever ran it before confirms a changed policy at the next review, under whichever of their ids.
    twice = (*ROSTER, who("cat2", aliases=frozenset({"cat"})))
    same = {"operators": ("ben", "cat2")}
    after = do(account(State.LIVE), Action.CHANGE, "wei", changes=same, roster=twice, policy="social-media-policy 2")
    assert after.state is State.LIVE


@pytest.mark.parametrize("person", ["wei", "sal", "sal2"])
def test_nobody_gives_an_account_to_themselves_whatever_id_they_name(person: str) -> None:
    twice = (*ROSTER, who("sal2", "slt", aliases=frozenset({"sal"})))
    themselves = ("ben", "sal" if person == "sal2" else person)
    with pytest.raises(NotYours):
        do(account(State.LIVE), Action.CHANGE, person, roster=twice, changes={"operators": themselves})
    other = "sal" if person == "wei" else "wei"
    assert do(account(State.LIVE), Action.CHANGE, other, roster=twice, changes={"operators": themselves})
    mine = replace(RULES, creator="operator")  # whoever runs it already goes on with it
    assert do(account(State.LIVE), Action.CHANGE, "ben", rules=mine, changes={"operators": ("cat", "ben")})


def test_two_operators_are_two_people_who_work_here() -> None:
    twice = (*ROSTER, who("ben2", aliases=frozenset({"ben"})))
    assert [p.id for p in active_operators(account(operators=("ben", "ben2")), twice)] == ["ben"]
    gone = tuple(replace(p, active=p.id != "cat") for p in ROSTER)
    assert lacks(account(State.SUBMITTED), Action.APPROVE, roster=gone) == (Lack.OPERATORS,)
    assert lacks(account(State.SUSPENDED), Action.RESUME, roster=gone) == (Lack.OPERATORS,)
    assert lacks(account(State.HANDOVER), Action.TAKE_OVER, roster=gone) == (Lack.OPERATORS,)
    assert lacks(account(State.LIVE), Action.CHANGE, changes={"operators": ("ben",)}) == (Lack.OPERATORS,)
    assert do(account(State.HANDOVER), Action.CHANGE, "wei", changes={"operators": ("ben", "dot")}).state == "handover"


def test_what_an_account_needs_to_be_created_to_go_live_and_to_be_closed() -> None:
    assert lacks(account(State.APPROVED, handle="", password_kept=" "), Action.CREATE, "wei") == (
        Lack.HANDLE,
        Lack.PASSWORD,
    )
    assert lacks(account(State.CREATED, checked=()), Action.OPEN, "wei") == (Lack.CHECKLIST,)
    assert lacks(account(State.LIVE, asked_to_close=""), Action.CLOSE) == (Lack.ASKED_TO_CLOSE,)
    assert lacks(account(State.LIVE, asked_to_close=""), Action.KEEP) == (Lack.ASKED_TO_CLOSE,)
    with pytest.raises(NotYours):  # who asks does not confirm it
        do(account(State.LIVE, asked_to_close="sal"), Action.CLOSE, "sal")
    for roster in _twice("sal", "sid"):  # under either id, on whichever of the two they are declared
        with pytest.raises(NotYours):
            do(account(State.LIVE, asked_to_close="sid"), Action.CLOSE, "sal", roster=roster)
    assert do(account(State.LIVE), Action.KEEP, "sal").asked_to_close == ""
    assert do(account(State.LIVE), Action.ASK_TO_CLOSE, "wei").asked_to_close == "wei"


def _twice(one: str, other: str) -> list[tuple[Person, ...]]:
    """Rosters on which the two are one person, as either of them, or both, say."""
    said = [{one: other}, {other: one}, {one: other, other: one}]
    return [tuple(replace(p, aliases=frozenset({says[p.id]} if p.id in says else ())) for p in ROSTER) for says in said]


def test_what_was_confirmed_under_one_id_holds_under_the_other_and_the_last_word_counts() -> None:
    old, new = (
        Confirmation(person=p, policy=policy, at=NOW, trained=TODAY) for p, policy in (("ben", "0"), ("may", POLICY))
    )
    for roster in _twice("ben", "may"):
        mine = account(State.SUBMITTED, confirmations=(*account().confirmations[1:], old, new))
        assert do(mine, Action.APPROVE, "sal", roster=roster).state is State.APPROVED


def test_nobody_is_waited_for_twice_under_two_ids() -> None:
    rules = replace(RULES, approvals=(Needed(by=(("slt",),)), Needed(by=(("headteacher",),))))
    for roster in _twice("sal", "hal"):
        half = do(account(State.SUBMITTED), Action.APPROVE, "sal", rules=rules, roster=roster)
        assert waits_for(half, rules, roster) == ()


def test_a_review_and_going_live_set_the_next_review_a_year_on() -> None:
    for state, action in ((State.CREATED, Action.OPEN), (State.LIVE, Action.REVIEW)):
        assert do(account(state), action, "wei").review_on == date(2027, 11, 19)
    assert lacks(account(State.LIVE), Action.REVIEW, policy="social-media-policy 2") == (Lack.CONFIRMATIONS,)


# Approvals


def test_a_changed_application_asks_every_approval_again() -> None:
    rules = replace(RULES, approvals=(Needed(by=(("slt",),)), Needed(by=(("headteacher",),))))
    half = do(account(State.SUBMITTED), Action.APPROVE, "sal", rules=rules)
    assert (half.state, len(half.approvals)) == (State.SUBMITTED, 1)
    changed = do(half, Action.SUBMIT, "amy", rules=rules, changes={"answers": {**ANSWERS, "aim": "another"}})
    assert (changed.revision, changed.approvals) == (2, ())
    assert do(changed, Action.APPROVE, "hal", rules=rules).state is State.SUBMITTED


def test_two_approvals_are_two_different_peoples() -> None:
    both = (*ROSTER, who("two", "slt", "headteacher"))
    rules = replace(RULES, approvals=(Needed(by=(("slt",),)), Needed(by=(("headteacher",),))))
    half = do(account(State.SUBMITTED), Action.APPROVE, "two", rules=rules, roster=both)
    assert [p.id for p in waits_for(half, rules, both)] == ["hal"]
    with pytest.raises(NotYours):
        do(half, Action.APPROVE, "two", rules=rules, roster=both)
    with pytest.raises(NotYours):  # theirs is given already
        do(half, Action.APPROVE, "sid", rules=rules, roster=both)
    assert do(half, Action.APPROVE, "hal", rules=rules, roster=both).state is State.APPROVED


def test_two_presses_are_one_decision_and_a_look_at_an_older_state_is_refused() -> None:
    before = account(State.SUBMITTED)
    after = do(before, Action.APPROVE, "sal", version=3)
    assert do(after, Action.APPROVE, "sal", version=3) == after
    with pytest.raises(Changed):
        do(replace(before, entries=4), Action.APPROVE, "sid", version=3)
    with pytest.raises(NotNow):
        do(after, Action.REJECT, "sid", version=4)


def test_a_second_press_with_something_else_in_it_is_not_taken_for_the_first() -> None:
    kept = {"handle": "@one", "operators": ("ben", "cat")}
    after = do(account(State.LIVE), Action.CHANGE, "wei", version=3, changes=kept)
    assert do(after, Action.CHANGE, "wei", version=3, changes=kept) == after
    for other in ({"changes": kept | {"handle": "@two"}}, {"changes": kept, "text": "another reason"}):
        with pytest.raises(Changed):
            do(after, Action.CHANGE, "wei", version=3, **other)
    said = {"confirmations": account().confirmations}
    after = do(account(State.LIVE), Action.CONFIRM, "ben", version=3, changes=said)
    later = {"confirmations": tuple(replace(one, at=NOW + timedelta(seconds=1)) for one in account().confirmations)}
    assert do(after, Action.CONFIRM, "ben", version=3, changes=later) == after
    retrained = {"confirmations": tuple(replace(one, trained=TODAY) for one in account().confirmations)}
    with pytest.raises(Changed):
        do(after, Action.CONFIRM, "ben", version=3, changes=retrained)


def test_where_all_of_the_schools_own_are_involved_the_chair_decides() -> None:
    rules = replace(RULES, approvals=(Needed(by=(("headteacher",),)),))
    mine = account(State.SUBMITTED, applicant="hal")
    assert [p.id for p in waits_for(mine, rules, ROSTER)] == ["gov"]
    assert do(mine, Action.APPROVE, "gov", rules=rules).state is State.APPROVED
    with pytest.raises(NotYours):
        do(mine, Action.APPROVE, "hal", rules=rules)


def test_which_approval_is_needed_hangs_on_what_was_answered() -> None:
    rules = replace(
        RULES,
        approvals=(
            Needed(by=(("slt",),), when={"team": "A school"}),
            Needed(by=(("person:may",),), when={"team": "The central team"}),
        ),
    )
    central = account(State.SUBMITTED, answers={**ANSWERS, "team": "The central team"})
    assert [p.id for p in waits_for(central, rules, ROSTER)] == ["may"]
    assert not lacking(central, Action.SUBMIT, rules, ROSTER, POLICY, TODAY)
    neither = account(answers=ANSWERS)
    assert lacks(neither, Action.SUBMIT, "amy", rules=rules) == (Lack.DECIDER,)


def test_operators_create_the_account_where_the_school_says_so() -> None:
    rules = replace(RULES, creator="operator")
    assert do(account(State.APPROVED), Action.CREATE, "ben", rules=rules).state is State.CREATED
    with pytest.raises(NotYours):
        do(account(State.APPROVED), Action.CREATE, "wei", rules=rules)


_IDS = [p.id for p in ROSTER]


@given(
    applicant=st.sampled_from(_IDS),
    operators=st.lists(st.sampled_from(_IDS), min_size=1, max_size=4),
    roles=st.lists(st.sets(st.sampled_from(["slt", "headteacher", "chair_of_governors"])), min_size=10, max_size=10),
    alias=st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS)),
    needed=st.lists(st.sampled_from(["slt", "headteacher"]), min_size=1, max_size=3),
    presses=st.lists(st.tuples(st.sampled_from(_IDS), st.sampled_from(list(Action))), max_size=12),
)
def test_whatever_is_pressed_nobody_involved_has_approved_and_nobody_twice(
    applicant: str,
    operators: list[str],
    roles: list[set[str]],
    alias: tuple[str, str],
    needed: list[str],
    presses: list[tuple[str, Action]],
) -> None:
    roster = tuple(
        replace(p, roles=frozenset({"staff"} | held), aliases=frozenset({alias[1]} if p.id == alias[0] else ()))
        for p, held in zip(ROSTER, roles, strict=True)
    )
    rules = replace(
        RULES, approvals=tuple(Needed(by=((role,),)) for role in needed), confirm=False, trained_within=None
    )
    one = account(State.SUBMITTED, applicant=applicant, operators=tuple(operators), approvals=())
    people = {i: next(p for p in roster if p.id == i) for i in _IDS}
    involved = {applicant, *operators}
    same = {alias[0], alias[1]}
    involved |= same if involved & same else set()
    for person, action in presses:
        try:
            one = do(one, action, person, rules=rules, roster=roster)
        except AssistantError:
            continue
        given_by = [a.person for a in one.approvals]
        assert not involved & set(given_by)
        assert len(set(given_by)) == len(given_by)
        assert not same <= set(given_by) or alias[0] == alias[1]
        if one.state is State.APPROVED:
            assert len(given_by) == len(needed)
            assert one.approved_at == NOW
        assert people[person].active
