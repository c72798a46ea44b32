"""What a file's name says: which policy, which version of it, and whether it is in force yet. Pure."""

import re

# What in a file's name only tells one version from another: "Social Media Policy FINAL v3 (2).docx".
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|autumn|spring|summer"
_VERSION_IN_NAME = re.compile(
    rf"""\(\d+\)|\bcopy\ of\b|\bcopy$|\b(?:final|draft|signed|approved|ratified|updated|amended|current|latest)\b
    |\b(?:v|ver|version|rev)\ ?\d+(?:\ \d+)*\b
    |\b\d{{1,2}}\ \d{{1,2}}\ (?:20)?\d\d\b|\b20\d\d\ \d{{1,2}}\ \d{{1,2}}\b
    |\b(?:\d{{1,2}}\ )?(?:{_MONTH})(?:\ term)?\ (?:20)?\d\d\b|\b20\d\d(?:\ (?:20)?\d\d)?\b""",
    re.VERBOSE,
)


def policy_id(name: str) -> str:
    """The id of the policy in a file of that name, whichever version: "Social Media FINAL v3 (2).md" -> "social-media"."""
    words = re.sub(r"[^a-z0-9()]+", " ", name.rsplit(".", 1)[0].lower()).strip()
    while (shorter := " ".join(_VERSION_IN_NAME.sub(" ", words).split())) != words and shorter:
        words = shorter
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "policy"


_DRAFT = re.compile(r"(?i)(?:^|[\s_\-.(\[])draft(?:$|[\s_\-.)\]\d])")
_NUMBER = re.compile(r"(?i)(?:\bv|version|ver|rev)[\s_\-.]*(\d+(?:\.\d+)*)")
_COPY = re.compile(r"\((\d+)\)")


def is_draft(name: str) -> bool:
    """Whether a file's name says that it is not in force yet."""
    return bool(_DRAFT.search(name))


def version_in(name: str) -> tuple[tuple[int, ...], bool, int]:
    """What a name says of its version: its number, whether it is final, and which copy. Later ones are greater."""
    stem = name.rsplit(".", 1)[0]
    number, copy = _NUMBER.search(stem.replace("_", " ")), _COPY.search(stem)
    parts = tuple(int(part) for part in number[1].split(".")) if number else ()
    return parts, "final" in stem.lower(), int(copy[1]) if copy else 0
