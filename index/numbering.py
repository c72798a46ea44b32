"""The numbers and letters that open list items and headings: what they count, and which goes on from which."""

import re
from functools import lru_cache

_ROMAN = {"i": 1, "v": 5, "x": 10}
_BARE = re.compile(r"[().:§\s]+")


def is_number(marker: str) -> bool:
    """Whether a list mark counts ("3.", "(b)", "iv)", "4.2") rather than only marks ("-", "•", "o")."""
    return (len(marker) > 1 and any(ch.isalnum() for ch in marker)) or marker.isdecimal()


def is_decimal(marker: str) -> bool:
    return any(ch.isdecimal() for ch in marker)


def is_long(marker: str) -> bool:
    """Whether a number has parts: "4.2", "4.2.1"."""
    return len(parts(marker)) > 1


def parts(marker: str) -> tuple[str, ...]:
    return tuple(p for p in marker.strip("().:§ ").split(".") if p)


def depth(marker: str) -> int:
    """1 for "4.", 2 for "4.2"; 0 for letters."""
    return len(parts(marker)) if marker[:1].isdecimal() or marker[:1] == "§" else 0


def series(marker: str) -> str:
    """The manner of a mark, which a list keeps: "3." and "4." share it, "(a)" and "a)" don't."""
    if not is_number(marker):
        return marker
    if is_decimal(marker):
        return re.sub(r"\d+", "1", marker)
    letters = _BARE.sub("", marker)
    return marker.replace(letters, "A" if letters.isupper() else "a")


@lru_cache(maxsize=4096)
def values(marker: str) -> frozenset[int]:
    """What a mark's last part may count: "3." 3, "b)" 2; "i)" is 9 as a letter and 1 in Roman numerals."""
    last = _BARE.sub("", (parts(marker) or ("",))[-1])
    digits = re.search(r"\d+$", last)
    if digits:
        return frozenset({int(digits[0])})
    if not last.isalpha() or not last.isascii():
        return frozenset()
    letter = {ord(last.lower()) - ord("a") + 1} if len(last) == 1 else set()
    return frozenset(letter | _roman(last.lower()))


def _roman(text: str) -> set[int]:
    if any(ch not in _ROMAN for ch in text):
        return set()
    total = 0
    for ch, following in zip(text, [*text[1:], ""], strict=True):
        total += -_ROMAN[ch] if following and _ROMAN[following] > _ROMAN[ch] else _ROMAN[ch]
    return {total}


def starts(marker: str) -> bool:
    """Whether a list may begin with it: "1.", "a)", "(i)", "4.1"."""
    return 1 in values(marker)


def follows(before: str, marker: str) -> bool:
    """Whether a mark is the next after another in the same series."""
    if not before or series(before) != series(marker) or parts(before)[:-1] != parts(marker)[:-1]:
        return False
    return any(value - 1 in values(before) for value in values(marker))
