"""Cards as Adaptive Cards 1.5 for Teams: messages and dialogs. Pure.

People's and policies' words go into text runs, where nothing in them is markup. What is folded opens inside the card.
A card is kept under 24 KB: what is longer goes on in a further message, or on a further page of a dialog.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from assistant.cards import Button, Card, Choice, Facts, Field, Form, Items, Part, Quote, Row, Text
from assistant.chats.origin import Origin
from assistant.screens import doors

Json = dict[str, Any]
MOST_BYTES = 24 * 1024  # Teams takes 28 KB
_MOST_TYPED, _FEW = 20_000, 7
_ROOM_FOR_TITLES = 9_000  # bytes, of the choices in one form
_SHORT = 500  # characters; what is shorter is not cut
_IN_A_ROW = 40  # characters on the buttons that stand side by side
MORE = "more"
HERE = frozenset({"feedback", "choose-school"})  # answered where they are pressed
LOOKED_AT = frozenset({"account-notice"})  # asked for anew, for each person who looks at the message
_NOT_HERE = frozenset({"export"})  # a file is saved in the staff room, or with a code on the command line


def messages(card: Card) -> list[Json]:
    """A card as Adaptive Cards to send one after the other."""
    first, *more = [_card(body) for body in _pages(_body(card, dialog=False))]
    if card.action in LOOKED_AT:
        data = {"a": card.action, "v": dict(card.values)}
        first["refresh"] = {"action": {"type": "Action.Execute", "title": "Refresh", "verb": card.action, "data": data}}
    return [first, *more]


def dialog(card: Card, origin: Origin | None, page: int = 0) -> Json:
    """A card as a dialog's; of a long one a `page`, with a button that leads on. Without an `origin`, which could make
    it again, all of it has to be on the one page."""
    if origin is None:
        return _card(_pages(_body(_cut_down(card), dialog=True))[0])
    pages = _pages(_body(card, dialog=True))
    page = min(max(page, 0), len(pages) - 1)
    body = pages[page]
    if page + 1 < len(pages):
        data = {"a": origin.action, "v": dict(origin.values), "p": page + 1}
        body = [*body, _actions([{"type": "Action.Submit", "title": "Go on reading", "data": data}])]
    return _card(body)


def typed(data: Mapping[str, Any]) -> tuple[Origin, dict[str, str], int]:
    """What a press or a dialog has sent: what it is for, what was filled in, and which page."""
    values = data.get("v") if isinstance(data.get("v"), dict) else {}
    prefix = str(data.get("f", ""))
    filled = {
        str(key)[len(prefix) :]: str(value)
        for key, value in data.items()
        if prefix and str(key).startswith(prefix) and isinstance(value, str | int | bool)
    }
    page = data.get("p", 0)
    kept = {str(key): str(value) for key, value in (values or {}).items()}
    return Origin(action=str(data.get("a", "")), values=kept), filled, page if isinstance(page, int) else 0


def _card(body: list[Json]) -> Json:
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": body,
        "msteams": {"width": "Full"},
    }


def _pages(body: list[Json]) -> list[list[Json]]:
    pages: list[list[Json]] = [[]]
    for element in body:
        if pages[-1] and len(json.dumps([*pages[-1], element])) > MOST_BYTES:
            pages.append([])
        pages[-1].append(element)
    return pages


def _cut_down(card: Card) -> Card:
    """A card that fits one page: of what somebody wrote the longest is halved until it does, and a warning says so."""
    while len(_pages(_body(card, dialog=True))) > 1:
        fields = [f.value for part in card.parts if isinstance(part, Form) for f in part.fields]
        said = [said for part in card.parts if isinstance(part, Facts) for _, said in part.facts]
        longest = max((*fields, *said), key=len, default="")
        if len(longest) < _SHORT:
            break
        card = replace(card, parts=tuple(_halved(part, longest) for part in card.parts))
        if card.parts[:1] != (warned := (Text(text=doors.CUT, style="warning"),)):
            card = replace(card, parts=(*warned, *card.parts))
    return card


def _halved(part: Part, text: str) -> Part:
    half = text[: len(text) // 2]
    if isinstance(part, Form):
        return replace(part, fields=tuple(replace(f, value=half) if f.value == text else f for f in part.fields))
    if isinstance(part, Facts):
        return replace(part, facts=tuple((label, half if said == text else said) for label, said in part.facts))
    return part


def _body(card: Card, *, dialog: bool) -> list[Json]:
    body: list[Json] = [
        {
            "type": "TextBlock",
            "text": _escaped(card.title),
            "weight": "Bolder",
            "size": "Large",
            "wrap": True,
            "style": "heading",
        }
    ]
    for number, part in enumerate(card.parts):
        body += _part(part, number, dialog=dialog)
    return _joined(body)


def _part(part: Part, number: int, *, dialog: bool) -> list[Json]:
    if isinstance(part, Text):
        return [_text(part)]
    if isinstance(part, Quote):
        return _quote(part, dialog=dialog)
    if isinstance(part, Items):
        return [_runs(f"• {item}") for item in part.items]
    if isinstance(part, Facts):
        found = [each for label, said in part.facts for each in _fact(label, said)]
        return [_folded(part.title, found)] if part.title else found
    if isinstance(part, Form):
        return _form(part, number)
    if isinstance(part, Button):
        if part.action in _NOT_HERE:
            return []
        values = {k: v for k, v in part.values.items() if k != "question" or part.action != "ask-anyway"}
        return [_actions([_press(part.label, part.action, values, dialog=dialog, primary=part.strong)])]
    return [_row(part, dialog=dialog)]


def _text(part: Text) -> Json:
    if part.style == "warning":
        return {"type": "Container", "style": "warning", "items": [_runs(part.text)]}
    if part.style == "note":
        return _runs(part.text, isSubtle=True, size="Small")
    return _runs(part.text)


def _run(text: str, strong: bool) -> Json:
    return {"type": "TextRun", "text": text} | ({"weight": "Bolder"} if strong else {})


def _lines(piece: Sequence[tuple[str, bool]]) -> list[list[tuple[str, bool]]]:
    """A piece by its lines: a line break within a text is drawn as a space."""
    lines: list[list[tuple[str, bool]]] = [[]]
    for text, strong in piece:
        first, *others = text.split("\n")
        lines[-1].append((first, strong))
        lines += [[(other, strong)] for other in others]
    return [[run for run in line if run[0]] for line in lines if any(text for text, _ in line)]


def _quote(part: Quote, *, dialog: bool) -> list[Json]:
    items: list[Json] = []
    if part.lead_in:
        items.append(_runs(part.lead_in, isSubtle=True))
    items += [
        {"type": "RichTextBlock", "inlines": [_run(text, strong) for text, strong in line]}
        for piece in part.stretches(8_000)
        for line in _lines(piece)
    ]
    items.append(_runs(part.citation, size="Small", isSubtle=True))
    items.append(_actions([_press("Open the clause", "clause", part.place, dialog=dialog)]))
    found: list[Json] = [{"type": "Container", "style": "emphasis", "items": items}]
    return [*found, _text(Text(text=part.note, style="warning"))] if part.note else found


def _fact(label: str, said: str) -> list[Json]:
    first, *others = _pieces(said or "–")
    bold = {"type": "TextRun", "text": f"{label}: ", "weight": "Bolder"}
    return [{"type": "RichTextBlock", "inlines": [bold, {"type": "TextRun", "text": first}]}, *map(_runs, others)]


def _row(row: Row, *, dialog: bool) -> Json:
    press = _press("Open", row.action, row.values, dialog=dialog, primary=row.strong)
    press["tooltip"] = f"Open {row.label}"
    facts = [_runs(" · ".join(row.facts))] if row.facts else []
    words = {"type": "Column", "width": "stretch", "items": [_runs(row.label, weight="Bolder"), *facts]}
    side = {"type": "Column", "width": "auto", "items": [_actions([press])], "verticalContentAlignment": "Center"}
    return {"type": "ColumnSet", "columns": [words, side], "separator": True}


def _form(form: Form, number: int) -> list[Json]:
    prefix = f"f{number}-"  # fields of two forms in one card are kept apart
    room = _ROOM_FOR_TITLES // max(1, sum(bool(one.choices) for one in form.fields))
    fields = [element for one in form.fields for element in _field(one, prefix, room)]
    data = {"a": form.action, "v": dict(form.values), "f": prefix}
    send = {"type": "Action.Submit", "title": form.submit, "style": "positive", "data": data}
    if form.title and not form.open:
        return [_folded(form.title, fields, [send])]
    return [*fields, _actions([send])]


def _field(one: Field, prefix: str, room: int) -> list[Json]:
    found: list[Json] = []
    if one.hint:
        found.append(_runs(one.hint, size="Small", isSubtle=True))
    element: Json = {"id": prefix + one.name, "label": one.label, "isRequired": one.required}
    if one.required:
        element["errorMessage"] = "Please fill this in."
    if one.kind in ("line", "text"):
        element |= {"type": "Input.Text", "isMultiline": one.kind == "text", "maxLength": _MOST_TYPED}
    else:
        few = len(one.choices) <= _FEW
        element |= {
            "type": "Input.ChoiceSet",
            "isMultiSelect": one.kind == "any",
            "style": "expanded" if few or one.kind == "any" else "filtered",
            "wrap": True,
            "choices": _choices(one.choices, room),
        }
    if one.value:
        element["value"] = one.value
    found.insert(0, element)
    if one.quote is not None:
        lead = [_runs(one.quote.lead_in, size="Small", isSubtle=True)] if one.quote.lead_in else []
        items = [
            *lead,
            *(_runs(p, size="Small") for p in _pieces(one.quote.text)),
            _runs(one.quote.citation, size="Small", isSubtle=True),
        ]
        found.append({"type": "Container", "style": "emphasis", "items": items})
    if one.note:
        found.append(_runs(one.note, size="Small", isSubtle=True))
    return found


def _choices(choices: Sequence[Choice], room: int) -> list[Json]:
    """Choices with their titles, which are cut only where all of them take more than `room` bytes."""
    cut = sum(len(json.dumps(choice.label)) for choice in choices) > room
    titles = [_cut(choice.label, room // len(choices)) if cut else choice.label for choice in choices]
    return [{"title": title, "value": choice.value} for title, choice in zip(titles, choices, strict=True)]


def _cut(text: str, room: int) -> str:
    """A text that takes at most so many bytes in JSON, where a letter may take twelve."""
    ends = list(accumulate(len(json.dumps(letter)) - 2 for letter in text))
    if not ends or ends[-1] <= room - 2:
        return text
    return text[: max(1, sum(end <= room - len('"\\u2026"') for end in ends))] + "…"


def _press(label: str, action: str, values: Mapping[str, str], *, dialog: bool, primary: bool = False) -> Json:
    data: Json = {"a": action, "v": dict(values)}
    if dialog:
        found: Json = {"type": "Action.Submit", "title": label, "data": data, "associatedInputs": "none"}
    elif action in HERE:
        found = {"type": "Action.Execute", "title": label, "verb": action, "data": data}
    else:
        found = {"type": "Action.Submit", "title": label, "data": data | {"msteams": {"type": "task/fetch"}}}
    if primary:
        found["style"] = "positive"
    return found


def _folded(title: str, items: list[Json], actions: list[Json] | None = None) -> Json:
    body: Json = {"type": "AdaptiveCard", "body": items}
    if actions:
        body["actions"] = actions
    return _actions([{"type": "Action.ShowCard", "title": title, "card": body}])


def _actions(actions: list[Json]) -> Json:
    return {"type": "ActionSet", "actions": actions}


def _joined(body: list[Json]) -> list[Json]:
    """Short buttons that follow each other stand together; those that unfold something stand alone."""
    found: list[Json] = []
    for element in body:
        before = found[-1] if found else {}
        both = element["type"] == before.get("type") == "ActionSet" and len(before["actions"]) < 6
        plain = both and all(a["type"] != "Action.ShowCard" for a in (*before["actions"], *element["actions"]))
        if plain and sum(len(a["title"]) for a in (*before["actions"], *element["actions"])) <= _IN_A_ROW:
            before["actions"] += element["actions"]
        else:
            found.append(element)
    return found


def _runs(text: str, **style: Any) -> Json:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " "} | style]}


def _escaped(text: str) -> str:
    """A heading's text: headings are text blocks, which read Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]" else c for c in text).lstrip("#+- ") or " "


def _pieces(text: str, size: int = 8_000) -> Iterable[str]:
    """Text in pieces that fit a page; joined they are the text."""
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]
