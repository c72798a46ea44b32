"""A member of staff asks in the staff room, told once and run over HTTP."""

import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from .conftest import MARK


def post(address: str, **fields: str) -> str:
    body = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(address, data=body, timeout=30) as response:
        return str(response.read().decode())


def refused(request: urllib.request.Request) -> urllib.error.HTTPError:
    """The refusal that a request gets; close it."""
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=30)
    return error.value


def test_a_question_is_answered_with_its_clause_and_the_clause_stands_in_its_place(server: str) -> None:
    page = post(f"{server}/ask", question="can I give a pupil a lift home")
    assert "Staff must not give pupils lifts in their own cars" in page
    link = re.search(r'<figcaption><a href="(/policies/staff-code-of-conduct)#(staff-code-of-conduct-[0-9a-f]+)"', page)
    assert link
    with urllib.request.urlopen(server + link[1], timeout=30) as response:
        policy = response.read().decode()
    assert f'id="{link[2]}"' in policy
    assert policy.count(">Staff must:<") == 1


def test_a_question_that_is_markup_is_shown_and_not_run(server: str) -> None:
    page = post(f"{server}/ask", question="<script>alert(1)</script> phones in lessons")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("question", "said"),
    [("", "Type a question first"), ("how long must a password be? " * 200, "too long for a question")],
)
def test_no_question_or_a_letter_gets_a_kind_word(server: str, question: str, said: str) -> None:
    assert said in post(f"{server}/ask", question=question)


def test_what_was_asked_is_kept_only_when_the_asker_says_so(server: str, data: Path) -> None:
    declined = post(f"{server}/ask", question=f"how much is the mileage rate {MARK}")
    assert "Our policies don&#39;t say" in declined
    kept = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert MARK.encode() not in kept
    post(f"{server}/press", action="feedback", once="1", verdict="declined", citations="[]", question="mileage rate?")
    post(f"{server}/press", action="feedback", once="1", verdict="declined", citations="[]", question="mileage rate?")
    post(f"{server}/press", action="feedback", once="2", verdict="helped", citations='["A, 1"]', question="gifts?")
    command = [str(Path(sys.executable).parent / "assistant"), "questions", "--json"]
    environment = {"PATH": "/usr/bin:/bin", "ASSISTANT_DATA": str(data)}
    listed = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert listed.count("mileage rate?") == 1
    assert "gifts?" not in listed


@pytest.mark.parametrize("fields", [{}, {"verdict": "bad"}, {"verdict": "helped", "citations": "no json"}])
def test_a_forged_press_changes_nothing(server: str, fields: dict[str, str]) -> None:
    assert "That didn&#39;t work" in post(f"{server}/press", action="feedback", question="x", **fields)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ask", {"Origin": "https://evil.example"}, 403),
        ("/", {"Host": "evil.example"}, 403),
        ("/policies/nothing-here", {}, 404),
        ("/policies/..%2f..%2fetc%2fpasswd", {}, 404),
    ],
)
def test_other_sites_and_made_up_addresses_get_nothing(
    server: str, path: str, headers: dict[str, str], status: int
) -> None:
    body = b"question=phones" if path == "/ask" else None
    with refused(urllib.request.Request(server + path, data=body, headers=headers)) as error:
        assert error.code == status
        assert error.headers["Content-Security-Policy"]


def test_one_plays_only_people_of_the_roster(server: str) -> None:
    with refused(urllib.request.Request(f"{server}/person", data=b"person=oakfield/nobody")) as error:
        assert error.code == 400
    assert "Helen Marsh" in post(f"{server}/person", person="oakfield/helen")
