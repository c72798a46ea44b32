"""What a school writes in its file is what happens: routes as five real schools have them, clocks, people; and mistakes."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.config import NotConfigured, load
from assistant.domain.routing import Kind, Matter
from assistant.domain.schools import School
from assistant.handlers.health import strange_aliases

PEOPLE = """
    people:
      - {id: ann, name: Ann, line_manager: lee}
      - {id: lee, name: Lee}
      - {id: dee, name: Dee, roles: [dsl, slt], away: [[2026-11-18, 2026-11-18]]}
      - {id: dan, name: Dan, roles: [deputy_dsl]}
      - {id: hal, name: Hal, roles: [headteacher, slt], relatives: [sue]}
      - {id: sue, name: Sue, roles: [slt]}
      - {id: net, name: Net, roles: [account_approver]}
      - {id: con, name: Con, roles: [chair_of_governors]}
      - {id: vic, name: Vic, roles: [vice_chair]}
      - {id: cat, name: Cat, roles: [ceo]}
      - {id: tim, name: Tim, roles: [chair_of_trustees]}
"""


def written(tmp_path: Path, concerns: str, people: str = PEOPLE, more: str = "") -> School:
    file = tmp_path / "school.yaml"
    file.write_text(
        f"organisations:\n  - id: s\n    name: S\n    policies: [p]\n{people}{more}    concerns:\n{concerns}"
    )
    return load(file, {}).schools["s"]


def told(school: School, kind: Kind, *subjects: str, day: date = date(2026, 11, 19), **more: object) -> list[list[str]]:
    matter = Matter(kinds=frozenset({kind}), subjects=frozenset(subjects), reporter="ann", **more)  # type: ignore[arg-type]
    return [sorted(p.id for p in rung) for rung in school.ladder(matter, day).rungs]


def test_a_junior_school_whose_policy_names_senior_staff_and_the_manager(tmp_path: Path) -> None:
    school = written(
        tmp_path,
        """
      routes:
        pupil: [[dsl, deputy_dsl], [slt], [headteacher]]
        staff: [[headteacher], [slt], [chair_of_governors]]
        contact: [[line_manager, dsl], [slt]]
""",
    )
    assert told(school, Kind.PUPIL) == [["dan", "dee"], ["hal", "sue"]]
    assert told(school, Kind.STAFF, "lee") == [["hal"], ["dee", "sue"], ["con"]]
    assert told(school, Kind.STAFF, "sue") == [["dee"], ["con"]]  # the head is her relative
    assert told(school, Kind.CONTACT) == [["dee", "lee"], ["hal", "sue"]]


def test_a_federation_whose_policy_names_the_line_manager_and_the_network_manager(tmp_path: Path) -> None:
    school = written(
        tmp_path,
        """
      routes:
        pupil: [[dsl, deputy_dsl, line_manager], ["person:net"]]
        staff: [[line_manager], ["person:net"], [headteacher]]
        contact: [[line_manager, dsl]]
""",
    )
    assert told(school, Kind.PUPIL) == [["dan", "dee", "lee"], ["net"]]
    assert told(school, Kind.STAFF) == [["lee"], ["net"], ["hal"]]
    assert told(school, Kind.STAFF, "lee") == [["net"], ["hal"]]


def test_a_primary_school_whose_policy_names_the_headteacher_or_the_lado(tmp_path: Path) -> None:
    school = written(
        tmp_path,
        """
      routes: {staff: [[headteacher]]}
      numbers: [{name: LADO, phone: "01632 960180", checked: 2026-09-01}]
""",
    )
    assert told(school, Kind.STAFF, "lee") == [["hal"]]
    assert told(school, Kind.STAFF, "sue") == []
    assert school.numbers[0].phone == "01632 960180"


def test_a_trust_school_whose_policy_lets_the_reporter_choose_the_chief_executive(tmp_path: Path) -> None:
    school = written(
        tmp_path,
        """
      routes:
        pupil: [[dsl], [deputy_dsl]]
        staff: [[headteacher], [ceo]]
        headteacher: [[chair_of_governors], [ceo]]
        contact: [[dsl, headteacher]]
      choices: {staff: [headteacher, ceo]}
""",
    )
    assert told(school, Kind.STAFF, choice="ceo") == [["cat"], ["hal"]]
    assert told(school, Kind.HEADTEACHER, "hal") == [["con"], ["cat"]]  # his relative Sue is no part of it
    assert told(school, Kind.CONTACT) == [["dee", "hal"]]
    assert told(school, Kind.PUPIL) == [["dee"], ["dan"]]
    assert told(school, Kind.PUPIL, day=date(2026, 11, 18)) == [["dan"]]


def test_a_primary_school_whose_policy_names_the_dsl_deputy_or_headteacher(tmp_path: Path) -> None:
    school = written(
        tmp_path,
        """
      routes: {contact: [[dsl, deputy_dsl, headteacher]]}
      clocks: {urgent: ["5 minutes", "10 minutes"], routine: ["4 school hours"]}
      anonymous: false
      days_after_handover: 30
      alarms: [net]
""",
        more="    calendar: {nation: Scotland, hours: '09:00-15:00'}\n",
    )
    assert told(school, Kind.CONTACT) == [["dan", "dee", "hal"]]
    assert [step.text for step in school.clocks.urgent] == ["5 minutes", "10 minutes"]
    assert school.after_handover == timedelta(days=30)
    assert school.alarms == ("net",)
    assert not school.anonymous
    assert not school.calendar.is_working_day(date(2026, 11, 30))  # St Andrew's Day
    assert school.calendar.is_school_day(date(2026, 11, 27))


@pytest.mark.parametrize(
    ("concerns", "said"),
    [
        ("      routes: {pupil: [[account_administrator]]}", "account_administrator must never receive"),
        ("      routes: {pupil: [[staff]]}", "staff must never receive"),
        ("      routes: {pupil: [['person:nobody']]}", "not on the roster"),
        ("      routes: {pupil: [[wizard]]}", "must be a role"),
        ("      routes: {pupil: [[]]}", "concerns.routes.pupil[0]"),
        ("      routes: {pupil: []}", "concerns.routes.pupil"),
        ("      routes: {dragons: [[dsl]]}", "concerns.routes.dragons"),
        ("      clocks: {urgent: [soon]}", "concerns.clocks.urgent: is none of"),
        ("      clocks: {routine: []}", "concerns.clocks.routine"),
        ("      alarms: [nobody]", "concerns.alarms"),
        ("      numbers: [{name: LADO}]", "concerns.numbers[0].phone: is missing"),
        ("      tpyo: 1", "concerns.tpyo"),
    ],
)
def test_a_mistake_is_said_by_its_key(tmp_path: Path, concerns: str, said: str) -> None:
    with pytest.raises(NotConfigured) as wrong:
        written(tmp_path, concerns + "\n")
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("    people: [{id: a, name: A}]\n", "nobody has the role dsl"),
        ("    people: [{id: a, name: A, roles: [dsl], active: false}]\n", "nobody has the role dsl"),
        ("    people: [{id: a, name: A, roles: [dsl], line_manager: x}]\n", "line_manager"),
        (
            "    people: [{id: a, name: A, roles: [dsl]}, {id: b, name: B, relatives: [aa]}]\n",
            r"people\[1\]\.relatives",
        ),
        ("    people: [{id: a, name: A, roles: [dsl], away: [[2026-02-02, 2026-02-01]]}]\n", "first day"),
    ],
)
def test_a_roster_that_would_fail_at_night_fails_at_start(tmp_path: Path, people: str, said: str) -> None:
    with pytest.raises(NotConfigured, match=said):
        written(tmp_path, "      anonymous: true\n", people)


def test_a_relative_may_be_named_by_another_of_their_ids_and_be_at_another_school_of_the_trust(tmp_path: Path) -> None:
    file = tmp_path / "school.yaml"
    file.write_text("""organisations:
  - {id: s, name: S, policies: [p], people: [{id: a, name: A, roles: [dsl], relatives: [b, c2]}]}
  - {id: t, name: T, policies: [p], people: [{id: b, name: B, roles: [dsl]}, {id: c, name: C, aliases: [c2, d]}]}
""")
    schools = load(file, {}).schools
    assert schools["s"].roster[0].relatives == {"b", "c2"}
    found = strange_aliases(schools["t"], {"a", "b", "c", "d"})
    assert found == ["people: c2, an alias of C, is on no roster. Was it their id before? If not, mend it."]


@pytest.mark.parametrize("hours", ["8-16", "16:30-08:00", "08:00-08:30", "25:00-26:00"])
def test_hours_must_make_a_day(tmp_path: Path, hours: str) -> None:
    with pytest.raises(NotConfigured, match=r"calendar\.hours"):
        written(tmp_path, "      anonymous: true\n", more=f"    calendar: {{hours: '{hours}'}}\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_KEYS", "secretkey"),
        ("DATABASE_URL", "mysql://secret"),
        ("SMTP_URL", "http://secret"),
        ("SMTP_URL", "secret"),
    ],
)
def test_a_mistake_in_the_environment_is_said_without_its_value(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(NotConfigured) as wrong:
        load(Path("deploy/example-school/school.yaml"), {name: value})
    assert name in str(wrong.value)
    assert "secret" not in str(wrong.value)
