"""Comments and posts: their clocks, and who may do what."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.domain.calendar import SchoolCalendar
from assistant.domain.duties import OUTCOMES, Duty, DutyKind, Outcome, comment, done, post
from assistant.domain.errors import NotNow, NotYours, ReasonNeeded

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)


def a_comment() -> Duty:
    return comment(
        "1", organisation="o", account="A-2", text=" When? ", by="amy", received=NOW, calendar=SchoolCalendar()
    )


def a_post() -> Duty:
    return post("2", organisation="o", account="A-2", text=" We won! ", by="amy", now=NOW)


def test_a_comment_has_24_hours_and_a_post_has_none() -> None:
    assert (a_comment().text, a_comment().due_at) == ("When?", NOW + timedelta(hours=24))
    assert (a_post().text, a_post().due_at) == ("We won!", None)
    assert not a_comment().late(NOW + timedelta(hours=24))
    assert a_comment().late(NOW + timedelta(hours=25))
    assert not a_post().late(NOW + timedelta(days=400))


def test_nothing_is_logged_without_a_word() -> None:
    with pytest.raises(ReasonNeeded):
        comment("1", organisation="o", account="A", text=" ", by="amy", received=NOW, calendar=SchoolCalendar())
    with pytest.raises(ReasonNeeded):
        post("1", organisation="o", account="A", text=" ", by="amy", now=NOW)


@pytest.mark.parametrize("kind", DutyKind)
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("who", ["amy", "ben"])
def test_every_outcome_of_every_kind_by_its_author_and_another(kind: DutyKind, outcome: Outcome, who: str) -> None:
    duty = a_comment() if kind is DutyKind.COMMENT else a_post()
    if outcome not in OUTCOMES[kind]:
        with pytest.raises(NotNow):
            done(duty, outcome, frozenset({who}), who, NOW, "why")
    elif kind is DutyKind.POST and (who == "amy") != (outcome is Outcome.WITHDRAWN):
        with pytest.raises(NotYours):
            done(duty, outcome, frozenset({who}), who, NOW, "why")
    else:
        after = done(duty, outcome, frozenset({who}), who, NOW, " why ")
        assert (after.outcome, after.done_by, after.done_at, after.note, after.step_at) == (
            outcome,
            who,
            NOW,
            "why",
            None,
        )
        with pytest.raises(NotNow):
            done(after, outcome, frozenset({who}), who, NOW, "why")


def test_a_post_is_not_disagreed_with_in_silence() -> None:
    with pytest.raises(ReasonNeeded):
        done(a_post(), Outcome.NOT_AGREED, frozenset({"ben"}), "ben", NOW)
