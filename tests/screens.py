"""Every screen that the assistant has, as cards; and the golden files that say how a chat last showed them.

`UPDATE_GOLDEN=1` writes the files anew: look at what has changed before you commit it.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from assistant import bootstrap
from assistant.cards import Card, Quote
from assistant.domain.accounts import WAITS_IN, State
from assistant.domain.accounts import Action as AccountAction
from assistant.domain.concerns import Action
from assistant.domain.delivery import Notice, NoticeKind
from assistant.screens import doors
from assistant.screens.notice_cards import as_it_is_now, notice_card

from .house import House
from .test_accounts import Register
from .test_nothing_leaks import EITHER, Talk

GOLDEN = Path(__file__).parent / "golden"


def every_screen(tmp_path: Path, oakfield: bootstrap.Assistant) -> dict[str, Card]:
    """A card of each kind, by name, of a school with a concern and two accounts."""
    house = House(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    talk, register = Talk(house, oakfield), Register(house)
    reference = house.report().reference
    house.deliver()
    found = {
        "answer": talk.say("amina", "how long must a password be?"),
        "passage": talk.say("amina", "can I give a pupil a lift home?"),
        "declined": talk.say("amina", "who won the world cup in 1966?"),
        "disclosure": talk.say("amina", "a boy told me his dad hits him"),
        "either": talk.says("amina", EITHER)[0],
        "report-1-about": talk.say("amina", action="report"),
        "report-2-who": talk.say("amina", action="report-about", form="f", danger="yes", kinds="staff"),
        "report-3-what": talk.say("amina", action="report-about", form="f", danger="no", kinds="pupil"),
        "report-4-receipt": talk.say(
            "amina", action="report-send", form="f", danger="no", kinds="pupil", what="She said so."
        ),
        "reports": talk.say("amina", action="reports"),
        "report-state": talk.say("amina", action="report-state", reference=reference),
        "inbox": talk.say("priya", action="inbox"),
        "concern": talk.say("priya", action="concern", reference=reference),
        "nothing-here": talk.say("callum", action="concern", reference=reference),
        "declare": talk.say("amina", action="declare"),
        "apply": talk.say("amina", action="apply"),
        "in-english": talk.say("amina", "Ga i dynnu lluniau o'r plant gyda fy ffôn?"),
        "stranger": doors.stranger(),
        "choose": doors.choose([house.school]),
        "ask-anyway": doors.ask_anyway(),
    }
    house.do("priya", Action.ACKNOWLEDGE, reference)
    found["concern-taken"] = talk.say("priya", action="concern", reference=reference)
    live = register.live()
    house.clock.forward(minutes=1)
    waiting = register.apply().reference
    found["account-live"] = talk.say("amina", action="account", reference=live)
    found["account-decide"] = talk.say("david", action="account", reference=waiting)
    register.do("david", AccountAction.ASK, waiting, "Which children?")
    found["account-asked"] = talk.say("amina", action="account", reference=waiting)
    found["accounts"] = talk.say("helen", action="accounts")
    answered = found["answer"].parts
    quote = next(part for part in answered if isinstance(part, Quote))
    found["clause"] = talk.say("amina", action="clause", policy=quote.policy_id, clause=quote.clause_id)
    for kind in NoticeKind:
        about = {"account": "A-23456789"} if kind in WAITS_IN else {"concern_id": "1"}
        notice = Notice(organisation="oakfield", person="priya", kind=kind, reference="C-23456789", **about)
        found[f"notice-{kind.value.replace(' ', '-')}"] = notice_card(notice)
    found["account-settled"] = as_it_is_now("oakfield", live, NoticeKind.DECIDE, State.APPROVED)
    house.engine.dispose()
    return found


def _settled(made: object) -> str:
    text = json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    text = re.sub(r"\b([CA])-[2-9A-Z]{8}\b", r"\1-XXXXXXXX", text)
    text = re.sub(r'(form\\*": ?\\*")[\w-]{20,}', r"\1FORM", text)
    return re.sub(r"\d{1,2} [A-Z][a-z]+ 20\d\d", "DATE", text)


def as_last_looked_at(chat: str, made: Mapping[str, object]) -> None:
    """Compare what a chat shows with its golden files."""
    folder = GOLDEN / chat
    if os.environ.get("UPDATE_GOLDEN"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, one in made.items():
            (folder / f"{name}.json").write_text(_settled(one), "utf-8")
    assert {file.stem for file in folder.glob("*.json")} == set(made)
    for name, one in made.items():
        assert _settled(one) == (folder / f"{name}.json").read_text("utf-8"), name
