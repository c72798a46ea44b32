"""The processes of five kinds of school, as `deploy/applications` writes them without code."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from assistant.domain.account_steps import take
from assistant.domain.accounts import Account, Action, Confirmation, Lack, State
from assistant.domain.errors import NotReady, NotYours
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.school_file import Organisation

FORMS = Path(__file__).parent.parent / "deploy" / "applications"
NOW, TODAY = datetime(2026, 11, 19, 9, tzinfo=UTC), date(2026, 11, 19)
PEOPLE = [
    {"id": "amy", "name": "Amy"},
    {"id": "ben", "name": "Ben"},
    {"id": "dot", "name": "Dot", "roles": ["dsl"]},
    {"id": "sal", "name": "Sal", "roles": ["slt"]},
    {"id": "snm", "name": "Snm", "roles": ["account_approver"]},
    {"id": "hal", "name": "Hal", "roles": ["headteacher"]},
    {"id": "cee", "name": "Cee", "roles": ["ceo"]},
    {"id": "wei", "name": "Wei", "roles": ["account_administrator"]},
]
# What each kind of policy asks: the fields that it requires, who decides, who creates, what is confirmed before it is live.
KINDS = {
    "slt-approves": ("aim audience promotion operators access", "sal", "wei", ()),
    "business-case": ("aim audience promotion operators access content disclaimer", "snm", "amy", ("disclaimer",)),
    "headteacher-in-advance": ("platform operators", "hal", "amy", ()),
    "trust": ("team aim audience promotion operators access contributors", "sal", "wei", ()),
    "risk-assessment": (
        "aim outcomes risk_assessment parents school_email second_reader",
        "hal",
        "amy",
        ("school_email", "parents", "leadership_access"),
    ),
}


def school(name: str) -> School:
    said = yaml.safe_load((FORMS / f"{name}.yaml").read_text())
    return Organisation.model_validate({"id": "one", "name": "One", "policies": ["p"], "people": PEOPLE, **said}).school


def person(one: School, id_: str) -> Person:
    found = one.person(id_)
    assert found
    return found


def step(one: School, account: Account, action: Action, id_: str, **changes: object) -> Account:
    return take(
        account,
        action,
        person(one, id_),
        NOW,
        rules=one.applications,
        roster=one.roster,
        policy="v1",
        today=TODAY,
        text="why",
        changes=changes,
    )[0]


def draft(one: School, **answers: str) -> Account:
    said = {q.name: q.choices[0] if q.choices else "said" for q in one.applications.fields if q.kind != "people"}
    return Account(
        id="1",
        reference="A-2",
        organisation="one",
        applicant="amy",
        operators=("amy", "ben"),
        answers=said | answers,
    )


def confirmed(account: Account) -> Account:
    from dataclasses import replace

    words = tuple(Confirmation(person=p, policy="v1", at=NOW, trained=TODAY) for p in account.operators)
    return replace(account, confirmations=words)


def test_there_is_a_form_for_each_kind_and_no_other() -> None:
    assert {file.stem for file in FORMS.glob("*.yaml")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schools_process_runs_from_application_to_live(kind: str) -> None:
    fields, decider, creator, checks = KINDS[kind]
    one = school(kind)
    required = {q.name for q in one.applications.fields if q.required}
    assert set(fields.split()) <= required
    for field in set(fields.split()) - {"operators"}:
        with pytest.raises(NotReady) as raised:
            step(one, draft(one, **{field: ""}), Action.SUBMIT, "amy")
        assert Lack.FIELDS in raised.value.lacks
    account = step(one, draft(one), Action.SUBMIT, "amy")
    with pytest.raises(NotReady) as raised:
        step(one, account, Action.APPROVE, decider)
    assert Lack.CONFIRMATIONS in raised.value.lacks
    account = confirmed(account)
    for other in {p["id"] for p in PEOPLE} - {decider}:
        with pytest.raises(NotYours):
            step(one, account, Action.APPROVE, str(other))
    account = step(one, account, Action.APPROVE, decider)
    assert account.state is State.APPROVED
    kept = {"handle": "@one", "password_kept": "password manager"}
    for other in {p["id"] for p in PEOPLE} - {creator, "ben"}:
        with pytest.raises(NotYours):
            step(one, account, Action.CREATE, str(other), **kept)
    account = step(one, account, Action.CREATE, creator, **kept)
    if checks:
        with pytest.raises(NotReady):
            step(one, account, Action.OPEN, creator)
    account = step(one, account, Action.OPEN, creator, checked=checks)
    assert (account.state, account.review_on) == (State.LIVE, date(2027, 11, 19))


def test_a_trusts_central_team_goes_to_the_chief_executive() -> None:
    one = school("trust")
    account = confirmed(step(one, draft(one, team="The central team"), Action.SUBMIT, "amy"))
    with pytest.raises(NotYours):
        step(one, account, Action.APPROVE, "sal")
    assert step(one, account, Action.APPROVE, "cee").state is State.APPROVED


def test_two_are_asked_for_only_where_the_policy_asks() -> None:
    assert {kind: school(kind).applications.operators for kind in KINDS} == {
        "slt-approves": 2,
        "business-case": 2,
        "headteacher-in-advance": 1,
        "trust": 2,
        "risk-assessment": 2,
    }


def test_what_policies_ask_around_live_accounts_is_switched_on_where_they_do() -> None:
    on = {kind: school(kind).applications.duties for kind in KINDS}
    assert [kind for kind in KINDS if on[kind].comments] == ["slt-approves"]
    assert [kind for kind in KINDS if on[kind].second_reader] == ["risk-assessment"]
    assert [kind for kind in KINDS if on[kind].declarations] == ["risk-assessment"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"fields": ["platform", "operators", "nonsense"]}, "1 unknown"),
        ({"fields": ["platform", "operators", "platform"]}, "named twice"),
        ({"fields": ["platform", "aim"]}, "operators must be among them"),
        ({"fields": ["platform", "operators", {"name": "tags"}]}, "needs a label"),
        ({"fields": ["platform", "operators", {"name": "t", "label": "T", "kind": "one"}]}, "at least two choices"),
        ({"approvals": []}, "at least 1 item"),
        ({"approvals": [{"by": [["nobody"]]}]}, "must be a role"),
        ({"approvals": [{"by": [["person:zoe"]]}]}, "on the roster"),
        ({"approvals": [{"by": [["slt"]], "when": {"team": "A school"}}]}, "does not ask"),
        (
            {"fields": ["platform", "operators", "team"], "approvals": [{"by": [["slt"]], "when": {"team": "x"}}]},
            "one of the choices",
        ),
        ({"before_live": ["nonsense"]}, "1 unknown"),
        ({"clocks": {"decide": ["soon"]}}, "is none of"),
        ({"clocks": {"remind": "soon"}}, "is none of"),
        ({"operators": 0}, "greater than or equal to 1"),
    ],
)
def test_a_mistake_in_the_school_file_is_said(changed: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Organisation.model_validate(
            {"id": "one", "name": "One", "policies": ["p"], "people": PEOPLE, "applications": changed}
        )


def test_a_field_of_the_schools_own_and_a_known_one_changed() -> None:
    fields = [
        "platform",
        "operators",
        {"name": "aim", "required": False, "clause": "the aim"},
        {"name": "tags", "label": "Which hashtags?"},
    ]
    one = Organisation.model_validate(
        {"id": "one", "name": "One", "policies": ["p"], "people": PEOPLE, "applications": {"fields": fields}}
    ).school
    aim, tags = one.applications.fields[2:]
    assert (aim.label, aim.required, aim.clause, aim.asks != ()) == ("What is it for?", False, "the aim", True)
    assert (tags.label, tags.required, tags.asks) == ("Which hashtags?", True, ())
