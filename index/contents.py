"""A table of contents is left out: its lines are no clauses, and the headings that they repeat come later."""

import re
from collections import Counter
from collections.abc import Sequence

from index import sentences
from index.layout import Block

_HEAD = re.compile(r"(?:table of )?contents(?: page)?|index", re.IGNORECASE)
_PAGE = re.compile(r"(?:\s*[.…_·]{3,}\s*|\s+)\d{1,3}$")
_LEADERS = re.compile(r"[.…·_]{4,}\s*\d{1,3}$")
_NUMBER = re.compile(r"^[\W\d]+")


def without_contents(found: Sequence[Block]) -> list[Block]:
    """The blocks without a table of contents: lines under "Contents" that are printed again, and lines to a page."""
    times = Counter(_title(block) for block in found)
    kept: list[Block] = []
    inside = False
    for block in found:
        if _HEAD.fullmatch(block.text.strip(" :")) and block.kind != "row":
            inside = True
        elif inside and not _is_entry(block, times):
            inside = False
        if inside or _LEADERS.search(block.text[-40:]):
            times[_title(block)] -= 1
            continue
        kept.append(block)
    return kept


def _title(block: Block) -> str:
    return _NUMBER.sub("", _PAGE.sub("", block.text[-200:])).strip(" .:").casefold() if len(block.text) <= 200 else ""


def _is_entry(block: Block, times: Counter[str]) -> bool:
    if len(block.text) > 200 or block.words > 18 or block.level or sentences.end_mark(block.text) in (":", ";"):
        return False
    return times[_title(block)] > 1 or (bool(_PAGE.search(block.text[-40:])) and not sentences.has_verb(block.text))
