"""What is owed is delivered: leases, several workers, dead channels, alternates, alarms; e-mail over real SMTP."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from assistant import outbox
from assistant.domain.concerns import Action
from assistant.domain.errors import TryLater
from assistant.domain.routing import Kind
from assistant.email import EmailSender
from assistant.handlers.health import weak_spots, what_is_wrong
from assistant.outbox import LEASE, Outbox, in_background

from .conftest import free_port
from .house import Channel, House


def test_two_workers_deliver_everything_once(house: House) -> None:
    channel = Channel()
    for n in range(30):
        house.report(by=("amina", "callum", "david")[n % 3])
    ends = [in_background(house.worker(channel)) for _ in range(3)]
    waited = threading.Event()
    for _ in range(200):
        if len(channel.sent) >= 90:
            break
        waited.wait(0.1)
    for end in ends:
        end()
    assert len(channel.sent) == 90
    assert len({owed.id for _, owed in channel.sent}) == 90
    assert len(house.told("priya")) == len(set(house.told("priya"))) == 30


def test_a_worker_that_died_after_leasing_leaves_the_notice_to_another(house: House) -> None:
    house.report()
    with house.database.begin() as transaction:
        leased = transaction.notices.claim("dead", house.clock.now(), LEASE, 20)
    assert len(leased) == 3
    house.deliver()
    assert house.channel.sent == []
    house.clock.forward(seconds=LEASE.total_seconds())
    house.deliver()
    assert len(house.channel.sent) == 3
    with house.database.begin() as transaction:  # and what the dead one says now is not heard
        assert not transaction.notices.settle(leased[0], "dead", house.clock.now(), "delivered")


def test_what_fails_is_put_off_with_backoff_and_never_given_up(house: House) -> None:
    house.channel.broken = lambda owed: ConnectionError("refused")
    house.report()
    house.deliver()
    assert house.channel.tried == 5  # and two alarms that the channel is dead
    for _ in range(60):  # two days and a half
        house.clock.forward(hours=1)
        house.outbox.run_once()
    house.channel.broken = None
    house.clock.forward(minutes=10)
    house.deliver()
    assert {id_ for id_, owed in house.channel.sent if owed.notice.kind == "new"} == {"priya", "tomasz", "grace"}


def test_what_was_put_off_or_leased_by_a_clock_that_was_ahead_is_delivered_all_the_same(house: House) -> None:
    house.report()
    house.clock.forward(days=365)
    with house.database.begin() as transaction:
        transaction.notices.claim("dead", house.clock.now(), LEASE, 1)
    house.channel.broken = lambda owed: ConnectionError("its certificate has expired")
    house.outbox.run_once()
    house.channel.broken = None
    house.clock.forward(days=-365)
    house.deliver()
    assert {id_ for id_, owed in house.channel.sent if owed.notice.kind == "new"} == {"priya", "tomasz", "grace"}


def test_a_channel_that_wants_patience_for_ever_is_tried_once_a_day(house: House) -> None:
    house.channel.broken = lambda owed: TryLater(10.0**7)
    house.report()
    house.deliver()
    assert house.channel.tried == 3
    house.clock.forward(days=1)
    house.deliver()
    assert house.channel.tried >= 6


def test_a_dead_channel_gives_way_to_the_next_and_somebody_is_told(house: House) -> None:
    dead, alive = Channel("chat", broken=lambda owed: TimeoutError()), Channel("e-mail")
    house.outbox = house.worker(dead, alive)
    house.report()
    house.deliver()
    assert {id_ for id_, _ in alive.sent} == {"priya", "tomasz", "grace", "wei", "david"}
    assert [owed.notice.reference for id_, owed in alive.sent if id_ == "wei"] == [""]
    (said,) = what_is_wrong(house.database.begin, house.clock)
    assert "chat has failed" in said
    assert "TimeoutError" in said
    assert house.told("wei") == [("alarm", "")]  # once
    dead.broken = None
    house.report()
    house.deliver()
    assert what_is_wrong(house.database.begin, house.clock) == []


def test_when_nobody_delivers_that_is_said(house: House) -> None:
    house.report()
    assert what_is_wrong(house.database.begin, house.clock) == []
    house.clock.forward(minutes=11)
    assert "owed for more than ten minutes" in what_is_wrong(house.database.begin, house.clock)[0]


def deliver(house: House, *, room: bool) -> None:
    """Deliver all that is due at this moment, with a staff room to look into or without."""
    schools = {house.school.id: house.school}
    worker = Outbox(schools, [house.channel], begin=house.database.begin, clock=house.clock, room=room)
    while worker.run_once():
        pass


def test_where_nobody_can_look_a_notice_waits_for_an_address_and_somebody_is_told(house: House) -> None:
    house.change("priya", email="")
    house.report()
    deliver(house, room=False)
    assert sorted(id_ for id_, _ in house.channel.sent) == ["david", "grace", "tomasz", "wei"]
    assert {owed.notice.reference for id_, owed in house.channel.sent if id_ in ("david", "wei")} == {""}
    house.clock.forward(minutes=11)
    deliver(house, room=False)
    assert "can everybody be reached" in what_is_wrong(house.database.begin, house.clock)[0]
    assert [id_ for id_, _ in house.channel.sent].count("wei") == 1
    assert any("Priya Nair has neither" in spot for spot in weak_spots(house.school))
    house.change("priya", email="priya@oakfield.example")
    house.clock.forward(minutes=11)
    deliver(house, room=False)
    assert [id_ for id_, _ in house.channel.sent].count("priya") == 1
    house.change("priya", email="")
    house.report()
    deliver(house, room=True)
    house.clock.forward(minutes=11)
    assert what_is_wrong(house.database.begin, house.clock) == []


def test_whom_it_is_about_hears_no_alarm_of_it(house: House) -> None:
    house.change("helen", email="")
    house.report(Kind.STAFF, "wei")
    deliver(house, room=False)
    assert [id_ for id_, _ in house.channel.sent] == ["david"]


def test_an_error_of_a_channel_may_say_anything_and_nothing_of_it_is_kept(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.channel.broken = lambda owed: RuntimeError(f"could not send SECRET-{owed.notice.reference}")
    house.report(what="SECRET")
    for _ in range(4):
        house.deliver()
        house.clock.forward(minutes=10)
    assert "RuntimeError" in caplog.text
    assert "SECRET" not in caplog.text
    with house.database.begin() as transaction:
        assert "SECRET" not in repr(transaction.notices.channels())


def test_what_is_no_longer_needed_is_dropped(house: House) -> None:
    house.channel.broken = lambda owed: ConnectionError()
    reference = house.report().reference
    house.deliver()
    house.do("grace", Action.ACKNOWLEDGE, reference)
    house.channel.broken = None
    house.clock.forward(minutes=10)
    house.deliver()
    assert [id_ for id_, owed in house.channel.sent if owed.notice.kind == "new"] == []
    assert [id_ for id_, owed in house.channel.sent if owed.notice.kind == "taken"] == ["amina"]


def test_who_has_left_or_may_not_see_it_any_more_is_not_told(house: House) -> None:
    house.report()
    house.change("tomasz", active=False)
    house.change("grace", roles=frozenset({"staff"}))
    house.deliver()
    assert [id_ for id_, _ in house.channel.sent] == ["priya"]


def test_nothing_that_goes_wrong_ends_a_worker(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.report()
    worker, real, failures = house.outbox, house.database.begin, [3]

    def flaky() -> Any:
        if failures[0]:
            failures[0] -= 1
            raise MemoryError("SECRET")
        return real()

    worker._begin = flaky  # type: ignore[assignment]
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    for _ in range(100):
        if len(house.channel.sent) == 3:
            break
        stop.wait(0.1)
    stop.set()
    thread.join()
    assert len(house.channel.sent) == 3
    assert "SECRET" not in caplog.text


def test_what_can_not_be_looked_over_keeps_nothing_back(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("SECRET")

    monkeypatch.setattr(outbox, "look_over", broken)
    house.report()
    house.deliver()
    assert len(house.channel.sent) == 3
    assert "could not be looked over (RuntimeError)" in caplog.text
    assert "SECRET" not in caplog.text


class Post:
    """A post office that keeps the letters."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, str]]:
    """A real SMTP server, and its host and port."""
    office, port = Post(), free_port()
    server = Controller(office, hostname="127.0.0.1", port=port)
    server.start()
    yield office, f"127.0.0.1:{port}"
    server.stop()


def test_an_e_mail_says_a_reference_and_nothing_else(house: House, post: tuple[Post, str]) -> None:
    office, address = post
    house.outbox = house.worker(EmailSender(f"smtp://{address}?from=assistant@oakfield.example"))  # type: ignore[arg-type]
    reference = house.report(danger=True, what="SECRET words about Wren").reference
    house.deliver()
    assert sorted(str(letter["To"]) for letter in office.letters) == [
        "grace@oakfield.example", "priya@oakfield.example", "tomasz@oakfield.example",
    ]  # fmt: skip
    for letter in office.letters:
        assert letter["Subject"] == "Please open the policy assistant"
        assert letter["From"] == "assistant@oakfield.example"
        body = str(letter.get_payload())
        assert body.startswith(f"URGENT. A confidential report, {reference}, waits for you.")
        assert "SECRET" not in letter.as_string()
        assert "Amina" not in letter.as_string()
    assert len({str(letter["Message-ID"]) for letter in office.letters}) == 3


def test_a_post_office_that_is_not_there_is_a_dead_channel(house: House) -> None:
    house.outbox = house.worker(EmailSender("smtp://127.0.0.1:9"))  # type: ignore[arg-type]
    house.report()
    house.deliver()
    assert "e-mail has failed 5 times" in what_is_wrong(house.database.begin, house.clock)[0]


def test_a_password_is_never_sent_in_the_clear(house: House, post: tuple[Post, str]) -> None:
    house.report()
    with house.database.begin() as transaction:
        (owed, *_) = transaction.notices.claim("w", house.clock.now(), timedelta(seconds=1), 1)
    with pytest.raises(ConnectionError, match="in the clear"):
        EmailSender(f"smtp://user:secret@{post[1]}").send(owed, house.person("priya"), house.school)
    assert post[0].letters == []
