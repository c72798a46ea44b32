"""Cards as Block Kit: within Slack's limits whatever stands in them, and the same as the golden files for every screen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cards import Button, Card, Choice, Facts, Field, Form, Items, Quote, Row, Text
from assistant.chats import block_kit
from assistant.chats.origin import Origin, needs_modal, origin_in

from .screens import as_last_looked_at
from .slack_stand_in import check_blocks, check_view, words

ORIGIN = Origin(action="concern", values={"reference": "C-2"})


def check(card: Card) -> None:
    """A card in every form in which it can be shown."""
    for _, blocks in block_kit.messages(card):
        check_blocks(blocks, 50)
    view = block_kit.modal(card, ORIGIN)
    check_view(view)
    for number, part in enumerate(card.parts):
        if isinstance(part, Form | Facts) and part.title:
            check_view(block_kit.modal(card, ORIGIN, part=number))
    check_view(block_kit.home([card]))


TEXT = st.text(min_size=1, max_size=200) | st.sampled_from(
    ["x" * 3_001, "word " * 2_000, "<!channel> *b* `c` &amp; <@U1>"]
)


@given(title=TEXT, said=st.lists(TEXT, min_size=1, max_size=4), count=st.integers(1, 130))
def test_whatever_stands_in_a_card_slack_takes_it(title: str, said: list[str], count: int) -> None:
    label, *_ = said
    choices = tuple(Choice(value=str(n), label=f"{n} {label}") for n in range(count))
    fields = (
        Field(name="line", label=label, hint=label, value=label, note=label),
        Field(name="text", label=label, kind="text", required=True),
        Field(name="one", label=label, kind="one", choices=choices, value="0"),
        Field(name="any", label=label, kind="any", choices=choices, value="0,1"),
    )
    quote = Quote(text=label, citation=label, policy_id="p", clause_id="c", lead_in=label, note=label)
    check(
        Card(
            title=title,
            parts=(
                *(Text(text=one, style="warning") for one in said),
                Text(text=label, style="note"),
                quote,
                Items(items=tuple(said)),
                Facts(facts=tuple((one[:100], one) for one in said)),
                Facts(facts=((label[:100], label),), title=label),
                Button(label=label, action="feedback", values={"question": label, "verdict": "helped"}),
                *(Button(label=f"{n}", action="x") for n in range(7)),
                Row(label=label[:100], facts=(label[:100],), action="concern", values={"reference": "C-2"}),
                Form(action="send", fields=fields, submit=label),
                Form(action="send", fields=fields, submit=label, title=label),
            ),
        )
    )


def test_a_long_clause_is_continued_and_nothing_is_lost() -> None:
    text = " ".join(f"word{n}" for n in range(3_000))
    card = Card(title="T", parts=(Quote(text=text, citation="c", policy_id="p", clause_id="c"),))
    said = "".join(
        element["text"]
        for _, blocks in block_kit.messages(card)
        for block in blocks
        if block["type"] == "rich_text"
        for quoted in block["elements"]
        for element in quoted["elements"]
    )
    assert said == text


def test_a_long_card_goes_on_over_messages_and_over_pages_of_a_modal() -> None:
    card = Card(title="T", parts=tuple(Text(text=f"paragraph {n}.") for n in range(250)))
    pieces = block_kit.messages(card)
    assert len(pieces) == 6
    assert "paragraph 249." in words(pieces[-1][1])
    pages = [block_kit.modal(card, ORIGIN, page=page) for page in range(3)]
    shown = "".join(words(page["blocks"]) for page in pages)
    assert all(f"paragraph {n}." in shown for n in range(250))
    assert "Go on reading" in words(pages[0]["blocks"])
    assert "Go on reading" not in words(pages[2]["blocks"])


def test_nothing_in_a_text_is_markup_or_a_mention() -> None:
    card = Card(
        title="T",
        parts=(
            Text(text="<!channel> *bold* <@U1>"),
            Quote(text="*as printed*", citation="c", policy_id="p", clause_id="c"),
        ),
    )
    ((_, blocks),) = block_kit.messages(card)
    assert "mrkdwn" not in json.dumps(blocks)


def test_a_question_taken_for_a_concern_is_in_no_button() -> None:
    button = Button(label="Ask it anyway", action="ask-anyway", values={"question": "she told me"})
    ((_, blocks),) = block_kit.messages(Card(title="T", parts=(button,)))
    assert "she told me" not in json.dumps(blocks)


@pytest.mark.parametrize("packed", ["", "[]", "1", '{"v": 1}', "{"])
def test_what_is_no_origin_is_refused(packed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin_in(packed)


def test_what_is_filled_in_comes_back_by_name() -> None:
    state = {
        "line": {"value": {"type": "plain_text_input", "value": "said"}},
        "none": {"value": {"type": "plain_text_input", "value": None}},
        "one": {"value": {"type": "radio_buttons", "selected_option": {"value": "a"}}},
        "unset": {"value": {"type": "radio_buttons", "selected_option": None}},
        "any": {"value": {"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}},
    }
    assert block_kit.typed(state) == {"line": "said", "none": "", "one": "a", "unset": "", "any": "a,b"}


# Every screen, as it was last looked at


def test_every_screen_is_as_it_was_last_looked_at(screens: dict[str, Card]) -> None:
    made: dict[str, object] = {}
    for name, card in screens.items():
        check(card)
        if needs_modal(card):
            made[name] = block_kit.modal(card, Origin(action=card.action, values=card.values))
        else:
            made[name] = [blocks for _, blocks in block_kit.messages(card)]
    as_last_looked_at("slack", made)
