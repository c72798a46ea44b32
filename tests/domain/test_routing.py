"""Who gets a concern: the default ladder, the odd cases, and what must hold for every roster there could be."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.people import ROLES, Person, too_close
from assistant.domain.routing import (
    DEFAULT_ROUTES,
    NEVER,
    STRICTEST_FIRST,
    UNLISTED,
    Kind,
    Matter,
    barred,
    kind_of,
    recipients_for,
    said,
    sent_on,
    with_ties,
)

DAY = date(2026, 11, 20)


def person(id_: str, *roles: str, **more: object) -> Person:
    return Person(id=id_, name=id_.title(), roles=frozenset(roles) | {"staff"}, **more)  # type: ignore[arg-type]


ROSTER = (
    person("amina"),
    person("priya", "dsl", "slt"),
    person("tom", "deputy_dsl"),
    person("grace", "deputy_dsl"),
    person("helen", "headteacher", "slt"),
    person("dave", "slt", "account_approver"),
    person("wei", "account_administrator"),
    person("farah", "chair_of_governors", "governor"),
    person("owen", "vice_chair", "governor"),
    person("maria", "governor"),
    person("carla", "ceo"),
    person("theo", "chair_of_trustees"),
)


def rungs(
    kind: Kind, *subjects: str, reporter: str = "amina", roster: tuple[Person, ...] = ROSTER, **more: object
) -> list[list[str]]:
    matter = Matter(kinds=frozenset({kind}), subjects=frozenset(subjects), reporter=reporter, **more)  # type: ignore[arg-type]
    ladder = recipients_for(matter, roster, {}, DAY)
    return [sorted(p.id for p in rung) for rung in ladder.rungs]


@pytest.mark.parametrize(
    ("kind", "subjects", "expected"),
    [
        (Kind.PUPIL, (), [["grace", "priya", "tom"], ["helen"]]),
        (Kind.OUTSIDER, (), [["grace", "priya", "tom"], ["helen"]]),
        (Kind.UNSURE, (), [["grace", "priya", "tom"], ["helen"]]),
        (Kind.CONTACT, (), [["grace", "helen", "priya", "tom"]]),
        (Kind.STAFF, ("dave",), [["helen"], ["farah"], ["owen"]]),
        (Kind.STAFF, (), [["helen"], ["farah"], ["owen"]]),  # an adult whom nobody names
        (Kind.HEADTEACHER, ("helen",), [["farah"], ["owen"]]),
        (Kind.HEADTEACHER, (), [["farah"], ["owen"]]),
        (Kind.DSL, ("priya",), [["helen"], ["farah"], ["owen"]]),
        (Kind.DSL, ("tom",), [["helen"], ["farah"], ["owen"]]),
        (Kind.EXECUTIVE, ("carla",), [["theo"]]),
        (Kind.EXECUTIVE, ("theo",), []),
        (Kind.EXECUTIVE, (), []),  # it may be either of them
        (Kind.EXECUTIVE, (UNLISTED,), [["theo"]]),
        (Kind.GOVERNOR, (), []),
        (Kind.GOVERNOR, (UNLISTED,), [["farah"], ["owen"]]),
        (Kind.DSL, (), [["helen"], ["farah"], ["owen"]]),
        (Kind.CONTACT, ("dave",), [["grace", "helen", "priya", "tom"]]),
        (Kind.CONTACT, ("tom",), [["helen"], ["farah"], ["owen"]]),
        (Kind.GOVERNOR, ("maria",), [["farah"], ["owen"]]),
        (Kind.GOVERNOR, ("farah",), [["owen"]]),
    ],
)
def test_the_default_ladder(kind: Kind, subjects: tuple[str, ...], expected: list[list[str]]) -> None:
    assert rungs(kind, *subjects) == expected


def test_the_head_who_is_also_dsl() -> None:
    roster = (
        person("amina"),
        person("helen", "headteacher", "dsl"),
        person("tom", "deputy_dsl"),
        person("farah", "chair_of_governors"),
    )
    assert rungs(Kind.HEADTEACHER, "helen", roster=roster) == [["farah"]]
    assert rungs(Kind.DSL, "helen", roster=roster) == [
        ["farah"]
    ]  # what she is decides, not only the box that was ticked
    assert rungs(Kind.DSL, "tom", roster=roster) == [["helen"], ["farah"]]


@pytest.mark.parametrize("ticked", list(Kind))
def test_whoever_is_named_decides_whatever_box_was_ticked(ticked: Kind) -> None:
    if ticked is Kind.EXECUTIVE:
        assert rungs(ticked, "helen") == [["theo"]]
    else:
        assert rungs(ticked, "helen") == [["farah"], ["owen"]]


def test_whoever_has_the_post_that_was_ticked_is_out_until_a_name_says_which_of_them_it_is() -> None:
    both = person("helen", "headteacher", "dsl")
    roster = (person("amina"), both, person("tom", "deputy_dsl"), person("farah", "chair_of_governors"))
    assert rungs(Kind.DSL, roster=roster) == [["farah"]]
    assert rungs(Kind.DSL, "tom", roster=roster) == [["helen"], ["farah"]]
    assert rungs(Kind.DSL, UNLISTED, roster=roster) == [["helen"], ["farah"]]
    dave = person("dave", "slt")  # whom one of two boxes is about, and the other still says no name
    matter = Matter(kinds=frozenset({Kind.DSL, Kind.STAFF}), subjects=frozenset({"dave"}))
    assert barred(matter, (*roster, dave)) == {"dave", "helen", "tom"}
    married = (*roster[:3], person("farah", "chair_of_governors", relatives=frozenset({"tom"})))
    assert rungs(Kind.DSL, roster=married) == []
    # Of those who have the post the reporter is not the one.
    assert barred(Matter(kinds=frozenset({Kind.DSL}), reporter="tom"), roster) == {"helen"}


def test_sent_on_it_is_about_all_that_was_said_but_what_is_taken_back() -> None:
    was = Matter(
        kinds=frozenset({Kind.HEADTEACHER, Kind.STAFF}),
        subjects=frozenset({"dave", "wei"}),
        close=frozenset({"tom"}),
        reporter="amina",
        also_dsl=True,
    )
    now = Matter(kinds=frozenset({Kind.PUPIL}), subjects=frozenset({"dave"}), reporter="farah", close=frozenset({"x"}))
    assert said(was) == {"headteacher", "staff", "person:dave", "person:wei"}
    assert sent_on(was, now) == replace(was, kinds=frozenset({Kind.PUPIL, *was.kinds}), also_dsl=False)
    named = sent_on(Matter(kinds=frozenset({Kind.DSL})), now)
    assert named.kinds == {Kind.DSL, Kind.PUPIL, Kind.STAFF}
    assert barred(named, ROSTER) == {"dave", "priya", "tom", "grace"}
    mistaken = frozenset({"headteacher", "person:wei", "person:dave", "wei", "pupil"})
    after = sent_on(was, now, mistaken)  # what is said anew holds, whatever was mistaken
    assert (after.kinds, after.subjects) == ({Kind.STAFF, Kind.PUPIL}, {"dave"})
    assert (after.close, after.reporter) == ({"tom"}, "amina")


def test_that_nobody_listed_is_meant_holds_for_what_was_ticked_then() -> None:
    was = Matter(kinds=frozenset({Kind.GOVERNOR, Kind.PUPIL}), subjects=frozenset({UNLISTED}))
    assert sent_on(was, Matter(kinds=frozenset({Kind.PUPIL}))).subjects == {UNLISTED}
    assert sent_on(was, Matter(kinds=frozenset({Kind.HEADTEACHER}))).subjects == frozenset()


def test_of_several_the_strictest_decides() -> None:
    kinds = frozenset({Kind.PUPIL, Kind.HEADTEACHER})
    assert kind_of(Matter(kinds=kinds), ROSTER) is Kind.HEADTEACHER
    assert kind_of(Matter(kinds=frozenset()), ROSTER) is Kind.UNSURE
    assert set(STRICTEST_FIRST) == set(Kind)
    assert set(DEFAULT_ROUTES) == set(Kind)


def test_the_dsl_who_reports_is_told_nothing_and_the_others_are() -> None:
    assert rungs(Kind.PUPIL, reporter="priya") == [["grace", "tom"], ["helen"]]


def test_a_dsl_who_reports_alone_is_not_the_only_one_to_get_it() -> None:
    roster = (person("priya", "dsl"), person("helen", "headteacher"))
    assert rungs(Kind.PUPIL, reporter="priya", roster=roster) == [["helen"]]
    assert rungs(Kind.PUPIL, reporter="priya", roster=roster[:1]) == []


def test_the_away_and_those_who_left_are_skipped() -> None:
    roster = tuple(
        person("priya", "dsl", away=((date(2026, 11, 16), DAY),))
        if p.id == "priya"
        else person("tom", "deputy_dsl", active=False)
        if p.id == "tom"
        else p
        for p in ROSTER
    )
    assert rungs(Kind.PUPIL, roster=roster) == [["grace"], ["helen"]]
    ever = recipients_for(Matter(kinds=frozenset({Kind.PUPIL})), roster, {}, None)
    assert {p.id for p in ever.everyone} == {"priya", "grace", "helen"}


def test_relatives_and_other_ids_of_the_subject_are_out_whoever_declared_it() -> None:
    roster = (
        person("helen", "headteacher", relatives=frozenset({"dave"})),
        person("farah", "chair_of_governors"),
        person("owen", "vice_chair", aliases=frozenset({"o-dave"})),
        person("dave", relatives=frozenset({"farah"}), aliases=frozenset({"dave-at-birch"})),
    )
    assert rungs(Kind.STAFF, "dave", reporter="", roster=roster) == [["owen"]]
    assert rungs(Kind.STAFF, "dave-at-birch", reporter="", roster=roster) == [["owen"]]
    assert rungs(Kind.STAFF, "o-dave", reporter="", roster=roster) == [["farah"]]  # the vice chair is a governor


def test_those_close_to_it_are_out_and_it_still_goes_the_same_way() -> None:
    assert rungs(Kind.PUPIL, close=frozenset({"tom"})) == [["grace", "priya"], ["helen"]]


def test_choices_wishes_invitations_and_the_line_manager() -> None:
    routes = {Kind.STAFF: (("headteacher",), ("ceo",)), Kind.PUPIL: (("line_manager", "dsl"), ("person:dave",))}
    choices = {Kind.STAFF: ("headteacher", "ceo")}
    roster = (*ROSTER[1:], person("amina", line_manager="grace"))

    def ids(**more: object) -> list[list[str]]:
        matter = Matter(reporter="amina", **more)  # type: ignore[arg-type]
        ladder = recipients_for(matter, roster, routes, DAY, choices=choices)
        return [sorted(p.id for p in rung) for rung in ladder.rungs]

    staff = frozenset({Kind.STAFF})
    assert ids(kinds=staff) == [["helen"], ["carla"]]
    assert ids(kinds=staff, choice="ceo") == [["carla"], ["helen"]]
    assert ids(kinds=staff, choice="account_administrator") == [["helen"], ["carla"]]  # not on offer
    assert ids(kinds=staff, also_dsl=True) == [["helen", "priya"], ["carla"]]
    assert ids(kinds=frozenset({Kind.HEADTEACHER}), also_dsl=True) == [["farah"], ["owen"]]
    assert ids(kinds=frozenset({Kind.PUPIL})) == [["grace", "priya"], ["dave"]]
    assert ids(kinds=staff, invited=frozenset({"maria"})) == [["helen", "maria"], ["carla"]]
    assert ids(kinds=staff, invited=frozenset({"dave"}), subjects=frozenset({"dave"})) == [["helen"], ["carla"]]


IDS = [f"p{n}" for n in range(8)]
PEOPLE = st.builds(
    Person,
    id=st.sampled_from(IDS),
    name=st.just("X"),
    roles=st.frozensets(st.sampled_from(sorted(ROLES)), max_size=4).map(lambda roles: roles | {"staff"}),
    active=st.booleans(),
    away=st.sampled_from([(), ((DAY, DAY),)]),
    relatives=st.frozensets(st.sampled_from(IDS), max_size=2),
    aliases=st.frozensets(st.sampled_from([*IDS, "q1", "q2"]), max_size=1),
    line_manager=st.sampled_from(["", *IDS]),
)
ROSTERS = st.lists(PEOPLE, max_size=8, unique_by=lambda p: p.id).map(tuple)
PLACES = st.sampled_from([*sorted(set(ROLES) - NEVER), "line_manager", *(f"person:{id_}" for id_ in IDS)])
ROUTES = st.dictionaries(
    st.sampled_from(list(Kind)),
    st.lists(st.lists(PLACES, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
)
MATTERS = st.builds(
    Matter,
    kinds=st.frozensets(st.sampled_from(list(Kind)), min_size=1, max_size=3),
    subjects=st.frozensets(st.sampled_from([*IDS, "q1", UNLISTED]), max_size=3),
    close=st.frozensets(st.sampled_from(IDS), max_size=2),
    reporter=st.sampled_from(IDS),
    choice=st.sampled_from(["", "headteacher", "ceo"]),
    also_dsl=st.booleans(),
    invited=st.frozensets(st.sampled_from(IDS), max_size=2),
)


@given(MATTERS, ROSTERS, ROUTES, st.sampled_from([DAY, None]))
def test_for_every_roster_the_wrong_people_never_get_it(
    matter: Matter, roster: tuple[Person, ...], routes: dict[Kind, tuple[tuple[str, ...], ...]], day: date | None
) -> None:
    ladder = recipients_for(matter, roster, routes, day, choices={Kind.STAFF: ("headteacher", "ceo")})
    told = ladder.everyone
    out = barred(matter, roster)
    for one in told:
        assert not one.ids & out
        assert not one.ids & matter.subjects
        assert not one.ids & matter.close
        assert matter.reporter not in one.ids
        assert one.active
        assert day is None or one.present(day)
        # No relative of a subject, whoever of the two has declared it.
        subjects = [p for p in roster if p.ids & matter.subjects]
        assert not any(one.ids & s.relatives or s.ids & one.relatives for s in subjects)
        # Nobody is there only for running machines or accounts.
        invited = matter.invited & one.ids or f"person:{one.id}" in str(routes)
        assert (
            one.roles - NEVER
            or invited
            or one.id in {p.line_manager for p in roster}
            or any(f"person:{id_}" in str(routes) or id_ in matter.invited for id_ in one.ids)
        )
    assert len({p.id for p in told}) == len(told)
    assert all(ladder.rungs)


@given(MATTERS, ROSTERS)
def test_who_may_on_a_day_may_ever(matter: Matter, roster: tuple[Person, ...]) -> None:
    today = {p.id for p in recipients_for(matter, roster, {}, DAY).everyone}
    ever = {p.id for p in recipients_for(matter, roster, {}, None).everyone}
    assert today <= ever


@given(st.frozensets(st.sampled_from(IDS), max_size=3), ROSTERS)
def test_closeness_holds_both_ways(subjects: frozenset[str], roster: tuple[Person, ...]) -> None:
    close = too_close(subjects, roster)
    assert subjects <= close
    for one in roster:
        if one.relatives & subjects:
            assert one.id in close
        if one.id in subjects:
            assert one.relatives <= close


def test_who_was_too_close_to_a_subject_stays_so_when_an_entry_leaves_the_roster() -> None:
    declaring = person("sam", relatives=frozenset({"helen"}), aliases=frozenset({"wei"}))
    about = Matter(kinds=frozenset({Kind.STAFF}), subjects=frozenset({"sam"}), reporter="amina")
    tied = with_ties(about, (*ROSTER, declaring))
    assert tied.ties == {("sam", "helen"), ("sam", "wei")}
    assert barred(about, ROSTER) == {"sam"}
    assert barred(tied, ROSTER) == {"sam", "helen", "wei"}
    assert with_ties(tied, ROSTER).ties == tied.ties
    assert barred(replace(tied, subjects=frozenset({"tom"})), ROSTER) == {
        "tom"
    }  # a name that was taken back frees them
