"""Sealed at rest: keys, rotation, lost keys; the audit trail and what breaks it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from assistant import bootstrap
from assistant.config import EXAMPLE_SCHOOL, NotConfigured, load
from assistant.domain.concerns import Action
from assistant.domain.errors import NothingHere, NotReachable, Sealed
from assistant.domain.routing import Kind, Matter
from assistant.handlers import casework, records, reporting
from assistant.ports import Odds
from assistant.screens import casework as screens
from assistant.storage.database import Database
from assistant.storage.tables import audit, audit_head, concerns, entries, grants, inbox, metadata, notices
from assistant.vault import BadKeys, KeyLost, Vault, kept_key, new_key, parse_keys, seal, unseal

from .house import KEYS, MORNING, House


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_is_unsealed_only_whole_and_in_its_place(plain: bytes, about: str) -> None:
    key = bytes(32)
    sealed = seal(key, plain, about)
    assert unseal(key, sealed, about) == plain
    for wrong in (
        (key, sealed, about + "x"),
        (b"1" * 32, sealed, about),
        (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), about),
    ):
        with pytest.raises(InvalidTag):
            unseal(*wrong)
    assert seal(key, plain, about) != sealed


@pytest.mark.parametrize(
    "text",
    ["", "abc", "id:notbase64!", "id:aGVsbG8=", ":" + new_key().split(":")[1], f"{KEYS},{KEYS}", KEYS + ","],
    ids=["empty", "bare", "no base64", "short", "no id", "twice", "comma"],  # a key is another in every process
)
def test_keys_of_another_form_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadKeys) as error:
        parse_keys(text)
    assert text == "" or text.split(":")[-1].strip(",") not in str(error.value)
    assert "aGVs" not in repr(Vault(parse_keys(KEYS)))


def test_rotating_seals_everything_with_the_newest_key_and_the_old_one_can_go(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    newest = new_key()
    both = Database(house.engine, Vault(parse_keys(f"{newest},{KEYS}")))
    assert both.rotate() == 6  # the concern's and the database's five own
    assert both.rotate() == 0
    house.database = Database(house.engine, Vault(parse_keys(newest)))
    assert house.open("priya", reference).concern.report.what
    with pytest.raises(KeyLost, match="is not among"):
        Database(house.engine, Vault(parse_keys(KEYS)))


def test_a_lost_or_wrong_key_is_a_clear_error_at_start(tmp_path: Path) -> None:
    environment = {"ASSISTANT_DATA": str(tmp_path)}
    said: list[str] = []
    bootstrap.open_database(load(EXAMPLE_SCHOOL, environment), said.append).engine.dispose()
    assert "A sealing key was made" in said[0]
    file = tmp_path / bootstrap.KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    right = file.read_text()
    assert kept_key(file) == (right.strip(), False)
    wrong = right.split(":")[0] + ":" + new_key().split(":")[1]
    for keys in (new_key(), wrong):
        with pytest.raises(NotConfigured, match="Nothing is lost: put that key back"):
            bootstrap.open_database(load(EXAMPLE_SCHOOL, environment | {"ASSISTANT_KEYS": keys}))
    file.write_text("rubbish")
    with pytest.raises(NotConfigured, match=r"staff-room\.key"):
        bootstrap.open_database(load(EXAMPLE_SCHOOL, environment))
    bootstrap.open_database(load(EXAMPLE_SCHOOL, environment | {"ASSISTANT_KEYS": right.strip()})).engine.dispose()


def test_nothing_that_says_anything_stands_in_a_plain_column(house: House) -> None:
    house.report(what="MARKED", anonymous=False)
    house.deliver()
    reference = house.report().reference
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.NOTE, reference, "MARKED")
    plain = ""
    with house.engine.begin() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                plain += " ".join(str(value) for value in row if not isinstance(value, bytes)) + "\n"
                assert not any(b"MARKED" in value for value in row if isinstance(value, bytes))
    for word in ("MARKED", "priya", "amina", "pupil", "Amina", "acknowledge "):
        assert word not in plain


def test_rows_that_somebody_swaps_or_changes_are_not_believed(house: House) -> None:
    one, two = house.report().reference, house.report().reference
    with house.engine.begin() as connection:
        reports = dict(connection.execute(sa.select(concerns.c.reference, concerns.c.report)).fetchall())
        connection.execute(sa.update(concerns).where(concerns.c.reference == one).values(report=reports[two]))
    with pytest.raises(Sealed):
        house.open("priya", one)
    assert house.open("priya", two)
    with house.database.begin() as transaction:
        assert transaction.concerns.unreadable() == 1
    house.clock.forward(days=1)
    house.deliver()  # the broken one keeps nobody from the other
    assert ("climbed", two) in house.told("helen")


def test_one_damaged_row_hides_no_other_and_tells_nobody_that_it_is_there(house: House) -> None:
    bad, good = house.report().reference, house.report(by="callum").reference
    house.deliver()
    with house.engine.begin() as connection:
        connection.execute(sa.update(concerns).where(concerns.c.reference == bad).values(facts=b"x" * 40))
        one = connection.scalar(sa.select(notices.c.id).limit(1))
        connection.execute(sa.update(notices).where(notices.c.id == one).values(sealed=b"x" * 40))
    assert house.inbox("priya") == [good]
    for id_ in ("priya", "tomasz", "grace"):
        shown = casework.notices_for(house.person(id_), school=house.school, begin=house.database.begin)
        assert {one.notice.reference for one in shown} <= {good}
    assert reporting.my_reports(house.person("amina"), **house.with_) == []
    kept = records.what_is_kept(house.school, begin=house.database.begin, clock=house.clock, actor="")
    assert [reference for reference, _ in kept] == [good]
    for id_ in ("priya", "amina"):  # who knows of it hears that it is safe
        with pytest.raises(Sealed):
            house.open(id_, bad)
    for id_ in ("callum", "wei", "helen"):
        with pytest.raises(NothingHere):
            house.open(id_, bad)


def test_what_another_version_has_written_is_sealed_and_says_nothing(house: House) -> None:
    bad, good = house.report(what="MARKED").reference, house.report().reference
    with house.database.begin() as transaction:
        concern = transaction.concerns.by_reference(house.school.id, bad)
        assert concern is not None
        key = transaction.concerns._key_of(concern.id)
    with house.engine.begin() as connection:
        sealed = seal(key, b'{"what": "MARKED"}', f"concern {concern.id} report")
        connection.execute(sa.update(concerns).where(concerns.c.reference == bad).values(report=sealed))
    with pytest.raises(Sealed) as error:
        house.open("priya", bad)
    assert error.value.__cause__ is None
    house.clock.forward(days=1)
    house.deliver()
    assert ("climbed", good) in house.told("helen")


def test_an_entry_of_the_trail_that_somebody_changed_keeps_nobody_from_the_case_file(house: House) -> None:
    reference = house.report().reference
    house.deliver()
    with house.engine.begin() as connection:
        connection.execute(sa.update(audit).where(audit.c.seq == 2).values(sealed=b"x" * 40))
    made = records.export(
        reference,
        house.person("priya"),
        **house.with_,
        render=lambda record: str(len(record.looks)).encode(),
        sign=lambda *_: b"",
    )
    assert made.pdf == b"3"


def test_a_notice_that_somebody_changed_is_given_up_and_the_clock_goes_on(house: House) -> None:
    reference = house.report().reference
    with house.engine.begin() as connection:
        connection.execute(sa.update(notices).values(sealed=b"x" * 40))
    house.deliver()
    assert house.channel.sent == []
    house.clock.forward(days=1)
    house.deliver()
    assert ("climbed", reference) in house.told("helen")


def trail(house: House):
    with house.database.begin() as transaction:
        return transaction.audit.verify()


def test_every_write_view_list_and_export_is_in_the_trail_and_the_trail_is_whole(house: House) -> None:
    assert trail(house).entries == 0
    reference = house.report().reference
    house.deliver()
    house.inbox("priya")
    house.open("priya", reference)
    house.do("priya", Action.ACKNOWLEDGE, reference)
    with pytest.raises(NothingHere):
        house.open("callum", reference)
    with house.database.begin() as transaction:
        concern = transaction.concerns.by_reference("oakfield", reference)
        assert concern
        of = [(e.actor, e.action) for e in transaction.audit.of(concern.id)]
    assert of == [("amina", "raise"), *[("", "delivered")] * 3, ("priya", "read"), ("priya", "acknowledge")]
    found = trail(house)
    assert (found.entries, found.broken_at) == (8, None)  # with the list and the refusal
    with house.database.begin() as transaction:
        assert transaction.audit.verify(found.head).broken_at is None
        assert transaction.audit.verify("somewhere else").broken_at == 9


@pytest.mark.parametrize(
    ("damage", "broken_at"),
    [
        (lambda c: c.execute(sa.update(audit).where(audit.c.seq == 2).values(concern_id="another")), 2),
        (lambda c: c.execute(sa.update(audit).where(audit.c.seq == 2).values(sealed=b"x" * 40)), 2),
        (lambda c: c.execute(sa.update(audit).where(audit.c.seq == 2).values(mac="0" * 64)), 2),
        (lambda c: c.execute(sa.delete(audit).where(audit.c.seq == 2)), 2),
        (lambda c: c.execute(sa.delete(audit).where(audit.c.seq == 1)), 1),
        (lambda c: c.execute(sa.delete(audit).where(audit.c.seq >= 3)), 3),  # cut off at the end
        (lambda c: c.execute(sa.update(audit_head).values(seq=2)), 5),
        (lambda c: c.execute(sa.delete(audit)), 1),
    ],
)
def test_the_first_broken_link_is_named(house: House, damage, broken_at: int) -> None:
    house.report()
    house.deliver()
    assert trail(house).entries == 4
    with house.engine.begin() as connection:
        damage(connection)
    assert trail(house).broken_at == broken_at


def at_odds(house: House) -> list[tuple[str, Odds]]:
    with house.database.begin() as transaction:
        return transaction.concerns.at_odds()


def taken(house: House) -> str:
    """A report that has been told, acknowledged, noted on; beside it one that was deleted, and one that waits."""
    old = house.report().reference
    house.deliver()
    for action in (Action.ACKNOWLEDGE, Action.END, Action.CLOSE):
        house.do("priya", action, old)
    records.export(old, house.person("priya"), **house.with_, render=lambda _: b"", sign=lambda *_: b"")
    house.do("priya", Action.HAND_OVER, old)
    house.clock.forward(days=100)
    records.delete_due(house.school, begin=house.database.begin, clock=house.clock, actor="")
    reference = house.report().reference
    house.deliver()
    house.open("priya", reference)
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.NOTE, reference, "one")
    house.do("priya", Action.NOTE, reference, "another")
    house.report(by="callum")
    return reference


ALL = (inbox, notices, grants, entries, concerns)


@pytest.mark.parametrize(
    ("damage", "how"),
    [
        (lambda c, of: [c.execute(sa.delete(table)) for table in ALL], {Odds.GONE}),
        (lambda c, of: c.execute(sa.update(concerns).where(of).values(deleted_at=MORNING)), {Odds.GONE}),
        (lambda c, of: c.execute(sa.delete(entries).where(entries.c.number == 3)), {Odds.ENTRIES}),
        (lambda c, of: c.execute(sa.update(entries).where(entries.c.number == 3).values(sealed=b"x" * 40)), {Odds.ENTRIES}),
        (lambda c, of: c.execute(sa.update(concerns).where(concerns.c.step_at.is_not(None)).values(step_at=None)), {Odds.CLOCK}),
        (lambda c, of: c.execute(sa.update(concerns).where(of).values(state="closed")), {Odds.CLOCK}),
        (lambda c, of: c.execute(sa.update(concerns).where(of).values(facts=b"x" * 40)), {Odds.UNREADABLE}),
        (lambda c, of: c.execute(sa.update(notices).where(notices.c.done_at.is_(None)).values(done_at=MORNING, outcome="dropped")), {Odds.NOTICES}),
        (lambda c, of: c.execute(sa.delete(audit)), {Odds.UNTOLD, Odds.GONE}),
        (lambda c, of: c.execute(sa.delete(audit).where(audit.c.seq > sa.select(sa.func.max(audit.c.seq)).scalar_subquery() - 2)), {Odds.UNTOLD}),
    ],
)  # fmt: skip
def test_what_somebody_without_the_key_takes_away_or_stops_is_shown(house: House, damage, how: set[Odds]) -> None:
    reference = taken(house)
    assert at_odds(house) == []
    with house.engine.begin() as connection:
        damage(connection, concerns.c.reference == reference)
    assert {odds for _, odds in at_odds(house)} <= how
    assert at_odds(house)


def test_a_page_and_a_case_file_say_that_an_entry_is_missing(house: House) -> None:
    reference = taken(house)
    assert "missing" not in repr(screens.case(house.open("priya", reference), house.school))
    with house.engine.begin() as connection:
        connection.execute(sa.delete(entries).where(entries.c.number == 3))
    assert "An entry is missing here" in repr(screens.case(house.open("priya", reference), house.school))
    render, sign = bootstrap.case_files(house.database)
    kept = []
    records.export(
        reference, house.person("priya"), **house.with_, render=lambda r: kept.append(r) or render(r), sign=sign
    )
    assert kept[0].lost == 1
    assert "2 entries are missing" in screens.lost(2)
    house.do("priya", Action.NOTE, reference, "More.", version=len(house.open("priya", reference).entries))


def test_an_older_concern_put_in_the_place_of_a_newer_gives_nobody_back_what_was_taken(house: House) -> None:
    reference = house.report(Kind.STAFF, "callum").reference
    house.deliver()
    house.open("helen", reference)
    with house.engine.begin() as connection:
        query = sa.select(concerns.c.facts, concerns.c.version, concerns.c.state, concerns.c.step_at)
        before = connection.execute(query).one()
    invited = Matter(kinds=frozenset({Kind.STAFF}), invited=frozenset({"farah"}))
    house.do("helen", Action.REROUTE, reference, "Farah should have it.", matter=invited)
    about = Matter(kinds=frozenset({Kind.HEADTEACHER}), subjects=frozenset({"helen"}))
    house.do("farah", Action.REROUTE, reference, "It is about Helen.", matter=about)
    with house.engine.begin() as connection:
        connection.execute(sa.update(concerns).values(**before._mapping))
    with pytest.raises(NothingHere):
        house.open("helen", reference)
    assert house.inbox("helen") == []
    assert at_odds(house) == [(reference, Odds.UNREADABLE)]
    with house.database.begin() as transaction:
        assert transaction.concerns.unreadable() == 1


def test_a_database_that_is_gone_is_said_without_its_words(house: House) -> None:
    reference = house.report().reference
    with house.engine.begin() as connection:
        connection.execute(sa.delete(entries))
        connection.execute(sa.text("ALTER TABLE entries RENAME TO gone"))
    with pytest.raises(NotReachable) as error:
        house.do("priya", Action.ACKNOWLEDGE, reference)
    assert error.value.__cause__ is None
    assert str(error.value) == ""
