"""What Teams sends, read out of its JSON: anything may stand in it, and nothing of it is trusted. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

import jwt

Json = Mapping[str, Any]


def is_activity(content: bytes) -> bool:
    """Whether it has what the SDK takes for granted."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return False
    parts = ("from", "recipient", "conversation")
    return (
        isinstance(said, dict)
        and isinstance(said.get("type"), str)
        and all(isinstance(said.get(key), dict) for key in parts)
    )


def is_token(header: str) -> bool:
    """Whether an Authorization header holds something that could be a token, signed by whomever."""
    kind, _, token = header.partition(" ")
    try:
        return kind == "Bearer" and bool(jwt.get_unverified_header(token))
    except jwt.InvalidTokenError:
        return False


def inside(value: Any, *path: str) -> Json:
    """The object at a path; an empty one where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def question_in(text: str | None) -> str:
    """A message's text without mentions."""
    return " ".join(re.sub(r"<at>.*?</at>", " ", text or "").split())


def searched_for(value: Json) -> str:
    """What is typed into the message extension's search."""
    given = {p.get("name"): p.get("value") for p in value.get("parameters") or [] if isinstance(p, dict)}
    return str(given.get("query") or "").strip()


def reported(value: Json) -> Json:
    """What opens the form for a message: its link, never its words."""
    link = str(inside(value, "messagePayload").get("linkToMessage") or "a message in Teams")
    return {"a": "report", "v": {"where": f"A message in Teams: {link}"}}
