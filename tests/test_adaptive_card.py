"""Cards as Adaptive Cards: within Teams' limits whatever stands in them; and the app's package."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from assistant.cards import Button, Card, Choice, Facts, Field, Form, Items, Quote, Row, Text
from assistant.chats import adaptive_card
from assistant.chats.origin import Origin, needs_modal
from assistant.chats.teams_package import package
from assistant.screens import doors

from .screens import as_last_looked_at
from .teams_stand_in import actions, check_card, inputs, words

ORIGIN = Origin(action="concern", values={"reference": "C-2"})
TEXT = st.text(min_size=1, max_size=200) | st.sampled_from(
    ["x" * 20_001, "word " * 2_000, "**b** [x](http://y) <at>z</at>"]
)


@example(title="0", said=["0000000" + "\U00010000" * 19 + "\U0001c026" + "\U0001d426" * 13], count=27)
@example(title="\U0001d426", said=["\U0001d426" * 200], count=60)
@given(title=st.text(min_size=1, max_size=100), said=st.lists(TEXT, min_size=1, max_size=4), count=st.integers(1, 60))
def test_whatever_stands_in_a_card_teams_takes_it(title: str, said: list[str], count: int) -> None:
    label, *_ = said
    short = label[:150]
    choices = tuple(Choice(value=str(n), label=f"{n} {short}") for n in range(count))
    fields = (
        Field(name="line", label=short, hint=short, value=short, note=short),
        Field(name="text", label=short, kind="text", required=True),
        Field(name="one", label=short, kind="one", choices=choices, value="0"),
        Field(name="any", label=short, kind="any", choices=choices, value="0,1"),
    )
    card = Card(
        title=title,
        parts=(
            *(Text(text=one, style="warning") for one in said),
            Text(text=label, style="note"),
            Quote(text=label, citation=short, policy_id="p", clause_id="c", lead_in=short, note=short),
            Items(items=tuple(said)),
            Facts(facts=tuple((one[:100], one) for one in said)),
            Facts(facts=((short, short),), title=short),
            Button(label=short, action="feedback", values={"verdict": "helped"}),
            *(Button(label=f"{n}", action="x") for n in range(9)),
            Row(label=short, facts=(short,), action="concern", values={"reference": "C-2"}),
            Form(action="send", fields=fields, submit="Send"),
            Form(action="send", fields=fields, submit="Send", title=short),
        ),
    )
    for made in adaptive_card.messages(card):
        check_card(made)
    for page in range(4):
        check_card(adaptive_card.dialog(card, ORIGIN, page))


def test_every_screen_is_as_it_was_last_looked_at(screens: dict[str, Card]) -> None:
    made: dict[str, object] = {}
    for name, card in screens.items():
        if needs_modal(card):
            made[name] = adaptive_card.dialog(card, Origin(action=card.action, values=card.values))
            check_card(made[name])
        else:
            made[name] = adaptive_card.messages(card)
            for one in adaptive_card.messages(card):
                check_card(one)
    as_last_looked_at("teams", made)


def test_a_long_card_goes_on_and_nothing_is_lost() -> None:
    card = Card(title="T", parts=tuple(Text(text=f"paragraph {n}. " + "x" * 300) for n in range(250)))
    shown = "".join(words(one) for one in adaptive_card.messages(card))
    assert all(f"paragraph {n}." in shown for n in range(250))
    assert "Go on reading" in words(adaptive_card.dialog(card, ORIGIN, 0))
    _, _, page = adaptive_card.typed({"a": "concern", "v": {"reference": "C-2"}, "p": 3})
    assert page == 3
    assert "Go on reading" not in words(adaptive_card.dialog(card, ORIGIN, 99))


@pytest.mark.parametrize("letter", ["x", "ی"])
def test_a_form_that_could_not_be_sent_stands_whole_on_one_page(letter: str) -> None:
    typed = [letter * 15_000, letter * 12_000, "short"]
    fields = tuple(Field(name=f"n{n}", label="L", kind="text", value=said) for n, said in enumerate(typed))
    form = Form(action="report-send", fields=fields, submit="Send", values={"form": "f"})
    card = Card(title="Your report", parts=(Text(text="NOT sent"), form), sealed=True)
    made = adaptive_card.dialog(card, None)
    check_card(made)
    assert [one["title"] for one in actions(made)] == ["Send"]
    assert letter * 100 not in json.dumps([one["data"] for one in actions(made)], ensure_ascii=False)
    assert words(made).count(doors.CUT) == 1
    kept = [one["value"] for one in inputs(made)]
    assert kept[2] == "short"
    assert all(was.startswith(now) and len(now) > 500 for was, now in zip(typed[:2], kept, strict=False))
    small = Card(title="Your report", parts=(replace(form, fields=fields[2:]),))
    assert adaptive_card.dialog(small, None) == adaptive_card.dialog(small, ORIGIN)


@pytest.mark.parametrize(
    ("count", "told"), [(300, "Person Number 299, sen"), (50, "Person Number 49, senior leadership team")]
)
def test_a_large_schools_staff_can_all_be_chosen_from(count: int, told: str) -> None:
    people = tuple(Choice(value=f"p{n}", label=f"Person Number {n}, senior leadership team") for n in range(count))
    form = Form(action="a", fields=(Field(name="who", label="Who?", kind="any", choices=people),), submit="Send")
    made = adaptive_card.dialog(Card(title="Tell", parts=(form,)), ORIGIN)
    check_card(made)
    assert words(made).count("Person Number") == count
    assert told in words(made)


def test_what_was_filled_in_comes_back_by_name_and_nothing_else_does() -> None:
    data = {"a": "do-note", "v": {"reference": "C-2"}, "f": "f3-", "f3-text": "said", "f1-text": "another", "x": "y"}
    origin, filled, _ = adaptive_card.typed(data)
    assert (origin, filled) == (Origin(action="do-note", values={"reference": "C-2"}), {"text": "said"})


@pytest.mark.parametrize("data", [{}, {"v": 1}, {"p": "x", "a": None}, {"f": None}])
def test_what_nobody_offered_breaks_nothing(data: dict[str, object]) -> None:
    origin, filled, page = adaptive_card.typed(data)
    assert (dict(origin.values), filled, page) == ({}, {}, 0)


def test_the_package_holds_a_manifest_and_both_icons_as_teams_wants_them() -> None:
    app_id = "33333333-3333-3333-3333-333333333333"
    with zipfile.ZipFile(io.BytesIO(package(app_id, "Oakfield Primary School", "https://school.example"))) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        manifest = json.loads(archive.read("manifest.json"))
        color, outline = (Image.open(io.BytesIO(archive.read(name))) for name in ("color.png", "outline.png"))
        color.load()
        outline.load()
    assert manifest["bots"][0]["botId"] == manifest["composeExtensions"][0]["botId"] == app_id
    assert (color.size, outline.size) == ((192, 192), (32, 32))
    assert {pixel[:3] for pixel in outline.get_flattened_data() if pixel[3]} == {(255, 255, 255)}
    assert len(manifest["name"]["short"]) <= 30
    assert len(manifest["description"]["short"]) <= 80
    assert manifest["id"] != app_id
