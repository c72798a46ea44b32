"""A marked sentence goes through every path, errors too: it stands in no log, notice, error, index or plain column."""

import dataclasses
import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from assistant import bootstrap
from assistant.cards import Button, Card, Form, Incoming
from assistant.conversation import Conversation
from assistant.domain.errors import AssistantError
from assistant.domain.routing import Desk
from assistant.handlers.health import what_is_wrong
from assistant.storage.database import Database
from assistant.storage.feedback import FeedbackTable
from assistant.storage.tables import metadata
from assistant.vault import Vault, new_key, parse_keys

from .house import Channel, House

MARK = "Zwxmarked"
# A question, or a concern put as one.
EITHER = "Somebody filmed one of our pupils falling over and it is all round the class. What should I do?"
TEXTS = {name: f"{MARK} {name}" for name in ("what", "when", "where", "platform", "witnesses", "done", "told")}


class Talk:
    """A person at a door: what they are shown is all that there is to see."""

    def __init__(self, house: House, assistant: bootstrap.Assistant) -> None:
        self.house, self._assistant = house, assistant
        self.open()

    def open(self) -> None:
        self._conversation = Conversation(
            {"oakfield": self.house.school},
            clauses=self._assistant.search,
            desk=self._assistant.desk,
            feedback=FeedbackTable(self.house.engine),
            begin=self.house.database.begin,
            clock=self.house.clock,
            make_case_file=bootstrap.case_files(self.house.database),
            code_key=self.house.database.code_key,
        )

    def say(self, person: str, words: str = "", action: str = "", **values: str) -> Card:
        (card,) = self.says(person, words, action, **values)
        return card

    def says(self, person: str, words: str = "", action: str = "", **values: str) -> tuple[Card, ...]:
        return self._conversation.reply_to(
            Incoming(person=person, organisation="oakfield", text=words, action=action, values=values)
        )

    def report(self, person: str = "amina", **more: str) -> Card:
        form = forms(self.say(person, words=MARK, action="report"))[0]
        about = self.say(person, action=form.action, **(form.values | {"danger": "no", "kinds": "pupil"}))
        form = forms(about)[-1]
        return self.say(person, action=form.action, **(form.values | TEXTS | {"anonymous": "no"} | more))


def forms(card: Card) -> list[Form]:
    return [part for part in card.parts if isinstance(part, Form)]


@pytest.fixture
def talk(house: House, oakfield: bootstrap.Assistant, caplog: pytest.LogCaptureFixture) -> Talk:
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "assistant", "asyncio", "chromadb"):
        caplog.set_level(logging.DEBUG, name)
    return Talk(house, oakfield)


@pytest.fixture
def clean(
    talk: Talk,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    oakfield: bootstrap.Assistant,
) -> Callable[[], None]:
    """Look everywhere for the mark."""

    def look() -> None:
        assert MARK not in caplog.text
        out, err = capfd.readouterr()
        assert MARK not in out + err
        for folder in (tmp_path, oakfield.settings.data):
            for file in folder.rglob("*"):
                assert not file.is_file() or MARK.encode() not in file.read_bytes(), file
        with talk.house.engine.begin() as connection:
            for table in metadata.sorted_tables:
                for row in connection.execute(sa.select(table)):
                    assert MARK not in repr(tuple(row)), table.name
        for _, owed in talk.house.channel.sent:
            assert MARK not in repr(owed)
        assert MARK not in repr(what_is_wrong(talk.house.database.begin, talk.house.clock))

    return look


def test_through_every_path_that_works(talk: Talk, clean: Callable[[], None]) -> None:
    card = talk.report()
    assert card.title == "Received"
    assert MARK not in repr(card)
    talk.house.deliver()
    found = re.search(r"C-\w{8}", repr(card))
    assert found
    reference = found[0]
    for person in ("priya", "callum", "amina", "wei"):
        for action in ("inbox", "reports"):
            assert MARK not in repr(talk.say(person, action=action))
    assert MARK in repr(talk.say("priya", action="concern", reference=reference))
    assert MARK not in repr(talk.say("callum", action="concern", reference=reference))
    assert MARK not in repr(talk.say("amina", action="report-state", reference=reference))
    talk.say("priya", action="do-acknowledge", reference=reference)
    for action in ("do-note", "do-ask", "do-hold", "do-release", "do-refer", "do-monitor", "do-end"):
        talk.say("priya", action=action, reference=reference, text=MARK)
        assert repr(talk.say("priya", action="concern", reference=reference)).count(MARK) > 7
    talk.say("amina", action="report-answer", reference=reference, text=MARK)
    talk.say("priya", action="do-close", reference=reference, text=MARK)
    talk.house.deliver()
    talk._conversation.case_file(Incoming(person="priya", organisation="oakfield", values={"reference": reference}))
    talk.say("priya", action="do-hand-over", reference=reference, text=MARK)
    talk.say("priya", action="do-reopen", reference=reference, text=MARK)
    talk.say("priya", action="do-reroute", reference=reference, text=MARK, kinds="staff", subjects="callum")
    clean()


def test_whatever_characters_are_written_are_kept(talk: Talk, clean: Callable[[], None]) -> None:
    odd = f"{MARK} \0 \ud800 ‮עברית‬ 😢 {'x' * 19_000}"
    card = talk.report(what=odd, when=odd[:100])
    assert card.title == "Received"
    found = re.search(r"C-\w{8}", repr(card))
    assert found
    said = talk.house.open("priya", found[0]).concern.report.what
    assert "😢" in said
    assert said.endswith("x" * 19_000)
    assert talk.report(what="x" * 20_001).title == "Your report"  # longer is not cut in silence
    assert talk.report(what="ab\r\n" * 6_600).title == "Received"  # 19,800 characters, as the page counts them
    forged = talk.say("amina", action="feedback", question="what about \0 gifts", citations="[]", verdict="declined")
    assert forged.title == "Thank you"
    clean()


def test_what_is_typed_where_it_does_not_belong(talk: Talk, clean: Callable[[], None]) -> None:
    told = f"A boy in my class told me that his dad hits him, {MARK}"
    card = talk.say("amina", told)
    assert card.title == "This may be a concern to report"
    assert MARK not in repr(card)
    assert MARK not in repr(talk.say("amina", f"  /Report-Concern {MARK} hits him"))
    assert "thrown away unread" in repr(talk.say("amina", f"/report-concern {MARK}"))
    assert "thrown away" not in repr(talk.say("amina", "/report-concern"))
    anyway = talk.say("amina", told, "ask-anyway")
    assert not any(isinstance(part, Button) and part.action == "feedback" for part in anyway.parts)
    # A forged press keeps nothing that reads like a concern.
    forged = talk.say("amina", action="feedback", question=told, citations="[]", verdict="declined")
    assert forged.title == "That didn't work"
    for nonsense in ("concern", "do-note", "report-state", "report-answer", "report-send", "nothing-known"):
        card = talk.say("callum", action=nonsense, reference=MARK, text=MARK)
        assert card.sealed or MARK not in repr(card)  # what one has written oneself may come back to one's own screen
    clean()


def test_what_may_be_a_concern_or_a_question_is_offered_the_form_first_and_kept_nowhere(
    talk: Talk, oakfield: bootstrap.Assistant, clean: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = f"{EITHER} {MARK}"
    assert oakfield.desk(told) is Desk.EITHER
    offered, answer = talk.says("amina", told)
    assert "ring 999 now" in repr(offered.parts[0])
    assert [part.action for part in offered.parts if isinstance(part, Button)] == ["report"]
    assert answer.action == "answer"
    for card in (offered, answer):
        assert MARK not in repr(card)
        assert not any(isinstance(part, Button) and part.action == "feedback" for part in card.parts)
    forged = talk.say("amina", action="feedback", question=told, citations="[]", verdict="declined")
    assert forged.title == "That didn't work"
    # Whatever becomes of the search, the form is offered.
    monkeypatch.setattr(oakfield.search, "find", lambda *_: 1 / 0)
    still, failed = talk.says("amina", told)
    assert still == offered
    assert failed.failed
    clean()


def test_what_may_be_either_is_not_searched_where_that_would_leave_the_process(
    oakfield: bootstrap.Assistant, tmp_path: Path
) -> None:
    for elsewhere in ({"chroma_url": "http://127.0.0.1:1"}, {"embeddings": "fake:model"}):
        settings = dataclasses.replace(oakfield.settings, data=tmp_path, **elsewhere)
        model = None if settings.embeddings else oakfield.search.embeddings
        desk = bootstrap._desk(model, bootstrap.MODEL_FOLDER, chroma=settings.chroma_url)
        assert desk(EITHER) in (Desk.CONCERN, Desk.URGENT)


def broken_tables(talk: Talk) -> None:
    with talk.house.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit RENAME TO audit_gone"))


def mended_tables(talk: Talk) -> None:
    with talk.house.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit_gone RENAME TO audit"))


def test_when_the_database_fails_half_way_nothing_is_sent_and_the_words_are_still_in_the_form(
    talk: Talk, clean: Callable[[], None]
) -> None:
    broken_tables(talk)
    card = talk.report()
    assert card.title == "Your report"
    assert "NOT been sent" in repr(card)
    assert "01632 960180" in repr(card)  # and whom to ring
    (form,) = forms(card)
    assert {f.name: f.value for f in form.fields}["what"] == TEXTS["what"]
    mended_tables(talk)
    again = talk.say("amina", action=form.action, **(form.values | {f.name: f.value for f in form.fields}))
    assert again.title == "Received"
    found = re.search(r"C-\w{8}", repr(again))
    assert found
    broken_tables(talk)
    for action in ("concern", "do-acknowledge", "do-note", "inbox"):
        card = talk.say("priya", action=action, reference=found[0], text=MARK)
        assert card.title == "That didn't work"
        assert card.sealed  # it holds what was typed, to be tried again
        in_buttons = [part.values for part in card.parts if isinstance(part, Button | Form)]
        assert MARK not in repr(in_buttons)  # but in a field, where a chat keeps nothing of it
        tried_again = [(field.name, field.value) for form in forms(card) for field in form.fields]
        assert tried_again == [("text", MARK)]
    added = talk.say("amina", action="report-answer", reference=found[0], text=MARK)
    mended_tables(talk)
    (form,) = forms(added)
    again = talk.say("amina", action=form.action, **(form.values | {f.name: f.value for f in form.fields}))
    assert MARK in repr(again)
    assert again.title == found[0]
    clean()


def test_an_application_that_could_not_be_kept_is_still_in_its_form(talk: Talk) -> None:
    (form,) = forms(talk.say("amina", action="apply"))
    broken = talk.house.engine
    with broken.begin() as connection:
        connection.execute(sa.text("ALTER TABLE accounts RENAME TO accounts_gone"))
    card = talk.say("amina", action=form.action, **(form.values | {"aim": MARK, "operators": "amina", "then": "keep"}))
    with broken.begin() as connection:
        connection.execute(sa.text("ALTER TABLE accounts_gone RENAME TO accounts"))
    assert "can't be reached at the moment" in repr(card)
    (form,) = forms(card)
    assert {field.name: field.value for field in form.fields}["aim"] == MARK
    assert MARK not in repr(form.values)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # which alone can be told that its disk is full
def test_when_the_disk_is_full(talk: Talk, clean: Callable[[], None]) -> None:
    @sa.event.listens_for(talk.house.engine, "checkout")
    def full(connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    card = talk.report(what=MARK * 2000)
    assert "NOT been sent" in repr(card)
    sa.event.remove(talk.house.engine, "checkout", full)
    talk.house.engine.dispose()
    assert talk.report().title == "Received"
    clean()


def test_when_the_key_is_the_wrong_one(talk: Talk, clean: Callable[[], None]) -> None:
    found = re.search(r"C-\w{8}", repr(talk.report()))
    assert found
    database = talk.house.database
    with talk.house.engine.begin() as connection:
        connection.execute(sa.text("UPDATE concerns SET key_id = 'other'"))
    for action in ("concern", "do-acknowledge", "do-hold"):
        card = talk.say("priya", action=action, reference=found[0])
        assert "It is safe" in repr(card)
        assert MARK not in repr(card)
    with pytest.raises(Exception, match="is not among") as error:
        Database(talk.house.engine, Vault(parse_keys(new_key())))
    assert MARK not in "".join(traceback.format_exception(error.value))
    talk.house.deliver()
    assert talk.house.database is database
    clean()


def test_when_a_channel_throws_what_it_was_given(talk: Talk, clean: Callable[[], None]) -> None:
    talk.house.channel.broken = lambda owed: RuntimeError(f"{MARK} {owed}")
    talk.report()
    for _ in range(5):
        talk.house.deliver()
        talk.house.clock.forward(minutes=10)
    talk.house.channel = Channel()
    clean()


def test_no_error_of_ours_carries_anything(talk: Talk) -> None:
    school = replace(talk.house.school, roster=())
    with pytest.raises(AssistantError) as error:
        talk.house.report(what=MARK, by="nobody")
    assert MARK not in "".join(traceback.format_exception(error.value, chain=True))
    assert MARK not in repr(school)
