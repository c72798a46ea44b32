"""Cards as Slack's Block Kit: messages and modals. Pure; what is longer than Slack allows is continued, never cut in silence.

People's and policies' words go into plain text and rich text, where nothing in them is markup, a mention or a link.
Limits: a section's text 3,000 characters, 50 blocks a message, 100 a modal, 10 radio buttons or checkboxes, 100 choices
of a menu, 75 characters of a choice, 24 of a modal's title, 2,000 of a button's value, 3,000 of a modal's metadata.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from assistant.cards import Button, Card, Choice, Facts, Field, Form, Items, Part, Quote, Row, Text
from assistant.chats.origin import Origin

Block = dict[str, Any]
MOST_TEXT, MOST_BLOCKS, MOST_MODAL_BLOCKS, MOST_TYPED = 3000, 50, 100, 3000
_ROOM = 4  # blocks kept free in a modal for its own
_FEW, _MANY, _CHOICE, _TITLE, _VALUE, _LABEL = 10, 100, 75, 24, 2000, 75
_NOT_HERE = frozenset({"export"})  # a file is saved in the staff room, or with a code on the command line
UNFOLD, MORE, SHARE, ANYWAY = "unfold", "more", "share", "ask-anyway"


def messages(card: Card) -> list[tuple[str, list[Block]]]:
    """A card as messages to post one after the other: (text for notifications, blocks)."""
    blocks = [_header(card.title)]
    for part in card.parts:
        blocks += _part(part, Origin(action=""), len(blocks), in_message=True)
    blocks = _joined(blocks)
    return [(card.title, blocks[start : start + MOST_BLOCKS]) for start in range(0, len(blocks), MOST_BLOCKS)]


def modal(card: Card, origin: Origin, *, part: int | None = None, page: int = 0) -> Block:
    """A card as a modal: the whole with what is folded behind buttons, or one folded `part` of it alone.

    A form without a title is the modal's own; of a long card one `page` is shown, with a button that leads on.
    """
    parts = list(card.parts) if part is None else [card.parts[part]]
    form = next(
        (one for one in parts if isinstance(one, Form) and (part is not None or not one.title or one.open)), None
    )
    blocks: list[Block] = []
    if part is None and len(card.title) > _TITLE:
        blocks.append(_header(card.title))
    for number, one in enumerate(card.parts):
        if part is not None and number != part:
            continue
        if one is form:
            for each in form.fields:
                blocks += _input(each)
        elif part is None and isinstance(one, Form | Facts) and one.title:
            blocks.append(_unfold(one.title, origin, number))
        else:
            blocks += _part(one, origin, number)
    blocks = _joined(blocks)
    room = MOST_MODAL_BLOCKS - _ROOM
    shown = blocks[page * room : (page + 1) * room]
    if len(blocks) > (page + 1) * room:
        value = origin.packed(p=page + 1)
        shown.append(_actions([_button("Go on reading", MORE, value, primary=True)]))
    view: Block = {
        "type": "modal",
        "title": _plain(card.title if len(card.title) <= _TITLE else card.title[: _TITLE - 1] + "…"),
        "close": _plain("Close"),
        "blocks": shown or [_section("There is nothing here.")],
    }
    if form is not None:
        view["submit"] = _plain(form.submit[:_TITLE])
        view["callback_id"] = "form"
        view["private_metadata"] = Origin(action=form.action, values=form.values).packed(
            o=[origin.action, dict(origin.values)], **({} if part is None else {"i": part})
        )
    return view


def waiting(title: str = "One moment", text: str = "Fetching this …") -> Block:
    """A modal to show while something is on its way."""
    return {"type": "modal", "title": _plain(title[:_TITLE]), "close": _plain("Close"), "blocks": [_section(text)]}


def home(cards: Iterable[Card]) -> Block:
    """The App Home: cards one below the other."""
    blocks: list[Block] = []
    for card in cards:
        blocks.append(_header(card.title))
        for number, part in enumerate(card.parts):
            blocks += _part(part, Origin(action=""), number)
        blocks.append({"type": "divider"})
    return {"type": "home", "blocks": _joined(blocks)[:MOST_MODAL_BLOCKS]}


def share(question: str) -> Block:
    """The button that shows an answer to everybody in the channel."""
    value = json.dumps({"v": {"question": question[: _VALUE - 100]}}, separators=(",", ":"))
    return _actions([_button("Show this to everyone here", SHARE, value)])


def typed(form_values: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in: `view.state.values` as field name to value, several values joined by commas."""
    found: dict[str, str] = {}
    for name, holder in form_values.items():
        state = holder.get("value", {})
        if "selected_options" in state:
            found[name] = ",".join(option["value"] for option in state["selected_options"] or ())
        elif "selected_option" in state:
            found[name] = (state["selected_option"] or {}).get("value", "")
        else:
            found[name] = state.get("value") or ""
    return found


def _part(part: Part, origin: Origin, number: int, *, in_message: bool = False) -> list[Block]:
    if isinstance(part, Text):
        return _text(part)
    if isinstance(part, Quote):
        return _quote(part)
    if isinstance(part, Items):
        items = [_rich_section(piece) for item in part.items for piece in _pieces(item)]
        return [_rich({"type": "rich_text_list", "style": "bullet", "elements": items})]
    if isinstance(part, Facts):
        return [block for label, said in part.facts for block in _fact(label, said)]
    if isinstance(part, Button):
        if part.action in _NOT_HERE:
            return []
        return [_actions([_pressed(part, number, in_message=in_message)])]
    if isinstance(part, Row):
        row = _button("Open", f"{part.action}:{number}", _value(part.values), primary=part.strong)
        return [{**_section(f"{part.label}\n{' · '.join(part.facts)}".strip()[:MOST_TEXT]), "accessory": row}]
    return []


def _text(part: Text) -> list[Block]:
    if part.style == "note":
        return [{"type": "context", "elements": [_plain(piece)]} for piece in _pieces(part.text, 2000)]
    sign = "⚠️ " if part.style == "warning" else ""
    return [_section(piece) for piece in _pieces(sign + part.text)]


def _stretch(text: str, strong: bool) -> Block:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if strong else {})


def _quote(part: Quote) -> list[Block]:
    blocks: list[Block] = []
    if part.lead_in:
        blocks += [_rich(_rich_section(piece, italic=True)) for piece in _pieces(part.lead_in)]
    blocks += [
        _rich({"type": "rich_text_quote", "elements": [_stretch(text, strong) for text, strong in piece]})
        for piece in part.stretches(MOST_TEXT)
    ]
    cited = _section(part.citation[:MOST_TEXT])
    cited["accessory"] = _button("Open the clause", f"clause:{part.clause_id}"[:255], _value(part.place))
    blocks.append(cited)
    if part.note:
        blocks += _text(Text(text=part.note, style="warning"))
    return blocks


def _fact(label: str, said: str) -> list[Block]:
    bold = {"type": "text", "text": f"{label}\n", "style": {"bold": True}}
    first, *others = _pieces(said or "–", MOST_TEXT - len(label))
    start = _rich({"type": "rich_text_section", "elements": [bold, {"type": "text", "text": first}]})
    return [start, *(_rich(_rich_section(piece)) for piece in others)]


def _pressed(button: Button, number: int, *, in_message: bool) -> Block:
    values = dict(button.values)
    if button.action == ANYWAY:
        values.pop("question", None)  # what may be a concern goes into no button: it is typed again
    if len(_value(values)) > _VALUE:
        values.pop("question", None)
    return _button(button.label, f"{button.action}:{number}", _value(values), primary=button.strong)


def _value(values: Mapping[str, str]) -> str:
    return json.dumps({"v": dict(values)}, separators=(",", ":"))


def _unfold(title: str, origin: Origin, number: int) -> Block:
    return _actions([_button(title, f"{UNFOLD}:{number}", origin.packed(i=number))])


def _input(one: Field) -> list[Block]:
    """A field; what is to be known of it stands above, since Slack's hints stand below and are short."""
    blocks: list[Block] = []
    element = _element(one)
    label = one.label if len(one.label) <= 150 else one.label[:149] + "…"
    block: Block = {
        "type": "input",
        "block_id": one.name,
        "label": _plain(label),
        "element": element,
        "optional": not one.required,
    }
    long = [choice.label for choice in one.choices if len(choice.label) > _CHOICE]
    hint = " ".join(filter(None, [one.hint, one.note]))
    if hint:
        block["hint"] = _plain(hint[:2000])
    blocks.append(block)
    if long:
        blocks.append({"type": "context", "elements": [_plain(text[:2000]) for text in long[:10]]})
    if one.quote is not None:
        blocks += [
            _rich({"type": "rich_text_quote", "elements": [{"type": "text", "text": t}]})
            for t in _pieces(one.quote.text)
        ]
        blocks.append({"type": "context", "elements": [_plain(one.quote.citation[:2000])]})
    return blocks


def _element(one: Field) -> Block:
    if one.kind in ("line", "text"):
        element: Block = {"type": "plain_text_input", "action_id": "value", "max_length": MOST_TYPED}
        if one.kind == "text":
            element["multiline"] = True
        if one.value:
            element["initial_value"] = one.value[:MOST_TYPED]
        return element
    several = one.kind == "any"
    options = [_option(choice) for choice in one.choices]
    chosen = [option for option in options if option["value"] in one.value.split(",")] if several else []
    picked = next((option for option in options if option["value"] == one.value), None)
    if len(options) <= _FEW:
        element = {"type": "checkboxes" if several else "radio_buttons", "action_id": "value", "options": options}
    else:
        element = {"type": "multi_static_select" if several else "static_select", "action_id": "value"}
        if len(options) <= _MANY:
            element["options"] = options
        else:
            starts = range(0, len(options), _MANY)
            element["option_groups"] = [
                {"label": _plain(f"{options[s]['text']['text'][:30]} …"), "options": options[s : s + _MANY]}
                for s in starts
            ]
    if chosen:
        element["initial_options"] = chosen
    elif picked and not several:
        element["initial_option"] = picked
    return element


def _option(choice: Choice) -> Block:
    label = choice.label if len(choice.label) <= _CHOICE else choice.label[: _CHOICE - 1] + "…"
    return {"text": _plain(label), "value": choice.value}


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text[:150])}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text)}


def _rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def _rich_section(text: str, *, italic: bool = False) -> Block:
    said: Block = {"type": "text", "text": text}
    if italic:
        said["style"] = {"italic": True}
    return {"type": "rich_text_section", "elements": [said]}


def _actions(elements: list[Block]) -> Block:
    return {"type": "actions", "elements": elements}


def _button(label: str, action_id: str, value: str, *, primary: bool = False) -> Block:
    text = label if len(label) <= _LABEL else label[: _LABEL - 1] + "…"
    button: Block = {"type": "button", "text": _plain(text), "action_id": action_id, "value": value}
    if primary:
        button["style"] = "primary"
    return button


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text or " ", "emoji": False}


def _joined(blocks: list[Block]) -> list[Block]:
    """Buttons that follow each other stand in one row, up to five."""
    found: list[Block] = []
    for block in blocks:
        before = found[-1] if found else {}
        if block["type"] == before.get("type") == "actions" and len(before["elements"]) < 5:
            before["elements"] += block["elements"]
        else:
            found.append(block)
    return found


def _pieces(text: str, size: int = MOST_TEXT) -> list[str]:
    """Text in pieces of at most that many characters, broken between words where it can be; joined they are the text."""
    pieces = []
    while len(text) > size:
        cut = text.rfind(" ", 1, size) + 1 or size
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text] if text or not pieces else pieces
