"""Pages gone back to, pressed twice, too long or made up, over HTTP: nothing is lost without a word, nothing done twice."""

import asyncio
import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.cards import Card
from assistant.chats.presses import Presses, press_of

from .test_ask import refused


def press(server: str, person: str, action: str, **fields: str) -> str:
    body = urllib.parse.urlencode({"action": action} | fields).encode()
    request = urllib.request.Request(f"{server}/press", data=body, headers={"Cookie": f"person=oakfield/{person}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return str(response.read().decode())


def reported(server: str, form: str, what: str) -> str:
    page = press(server, "amina", "report-send", form=form, kinds="pupil", danger="no", what=what)
    found = re.search(r"C-[0-9A-Z]{8}", page)
    assert found
    return found[0]


def test_what_could_not_be_done_is_done_when_it_is_put_right_and_only_once(server: str) -> None:
    reference = reported(server, "press-1", "She is afraid to go home.")
    assert "Write a few words first" in press(server, "amina", "report-answer", once="1", reference=reference, text=" ")
    for said in ("She told me more.", "She told me more.", "And one thing more."):
        press(server, "amina", "report-answer", once="1", reference=reference, text=said)
    page = press(server, "amina", "report-state", reference=reference)
    assert (page.count("She told me more."), page.count("And one thing more.")) == (1, 1)
    stale = {"reference": reference, "version": "1", "text": "My note."}
    for _ in range(2):  # the second time is no second press of something that was done
        assert "Somebody else has just changed this" in press(server, "priya", "do-acknowledge", once="2", **stale)


def test_four_presses_at_once_are_one(server: str) -> None:
    reference = reported(server, "press-2", "He is afraid to go home.")

    def add(_: int) -> str:
        return press(server, "amina", "report-answer", once="3", reference=reference, text="It was on Tuesday.")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert press(server, "amina", "report-state", reference=reference).count("It was on Tuesday.") == 1


def test_twins_wait_for_what_the_first_comes_to() -> None:
    done: list[str] = []

    async def story() -> None:
        presses, ready = Presses(), asyncio.Event()

        async def do(failed: bool = False) -> tuple[Card, ...]:
            await ready.wait()
            done.append("done")
            if done == ["done"]:
                raise RuntimeError
            return (Card(title="T", failed=failed),)

        ready.set()
        with pytest.raises(RuntimeError):
            await presses.once("a", do)
        ready.clear()
        both = asyncio.gather(presses.once("a", lambda: do(True)), presses.once("a", lambda: do(True)))
        await asyncio.sleep(0)
        ready.set()
        assert [cards and cards[0].failed for cards in await both] == [True, True]
        one, other = await asyncio.gather(presses.once("a", do), presses.once("a", do))
        assert one
        assert other is None
        assert await presses.once("a", do) is None

    asyncio.run(story())
    assert len(done) == 3
    told = press_of("1", "oakfield/amina", "report-answer", {"text": "She told me."})
    assert told != press_of("1", "oakfield/amina", "report-answer", {"text": "She told me more."})
    assert "She" not in told


def test_the_longest_report_is_taken_and_what_is_longer_is_said_not_to_be_sent(server: str) -> None:
    names = ("what", "when", "where", "platform", "witnesses", "done", "told")
    longest = dict.fromkeys(names, "\U0001f600" * 20_000)
    page = press(server, "amina", "report-send", form="press-3", kinds="pupil", danger="no", **longest)
    assert "Its reference is" in page
    with refused(urllib.request.Request(f"{server}/press", data=b"what=" + b"x" * 5_000_000)) as error:
        assert error.code == 413
        page = error.read().decode()
    assert "take it as NOT sent" in page
    assert "Send it in several parts" in page


@pytest.mark.parametrize("headers", [{"Host": "["}, {"Host": "[::1"}, {"Origin": "http://["}])
def test_an_address_that_is_none_is_refused(server: str, headers: dict[str, str]) -> None:
    with refused(urllib.request.Request(f"{server}/press", data=b"action=inbox", headers=headers)) as error:
        assert error.code == 403


def test_a_made_up_version_breaks_nothing(server: str) -> None:
    page = press(server, "priya", "do-note", reference="C-22222222", version="9" * 5_000, text="said")
    assert "There is nothing here for you" in page
