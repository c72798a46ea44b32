"""Which clause of a school's own policies asks for a field of the form, so that nothing of ours passes for policy. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.domain.applications import Question
from index.clauses import Clause, Policy

# What is asked for stands where a policy speaks of opening, or of running, an account in the school's name.
_OPENING = re.compile(
    r"(?:creat\w+|set(?:ting)? up|open(?:ing)?|start\w*|new|apply\w* for|applications? for) (?:[\w'’-]+ ){0,3}"
    r"(?:accounts?|pages?|channels?|sites?|profiles?)|business case|(?:present|make|send|submit) (?:a case|an application)",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"\bofficial\b|accounts? in the school|\brunning an? (?:account|page)|\b(?:school|trust|academy|federation)(?:['’]s|s['’]?)? "
    r"(?:\w+ ){0,2}(?:accounts?|pages?|channels?)|\ball accounts\b|social media (?:tools|services|sites) (?:are|must|should)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\bpersonal (?:social media |use|accounts?|site|capacity)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedFor:
    """A clause that asks for something, and its policy."""

    policy: Policy
    clause: Clause


def asked_for(question: Question, policies: Iterable[Policy]) -> AskedFor | None:
    """The clause that asks for a field, or None: then it is the assistant's own.

    A clause that the school file names is taken as it stands in the policy, or not at all.
    """
    best: tuple[float, AskedFor] | None = None
    for policy in policies:
        for clause in policy.clauses:
            fits = _fits(question, clause)
            if fits and (best is None or fits > best[0]):
                best = (fits, AskedFor(policy=policy, clause=clause))
    return best[1] if best else None


def _fits(question: Question, clause: Clause) -> float:
    """How well a clause fits, 0 for not at all."""
    if question.clause:
        return float(_plain(question.clause) in _plain(clause.text))
    if not any(re.search(pattern, clause.text, re.IGNORECASE) for pattern in question.asks):
        return 0
    around = " ".join(clause.path)
    if _PERSONAL.search(around) or _PERSONAL.search(clause.text):
        return 0
    if _OPENING.search(" ".join(clause.lead_ins)):
        return 4
    if _OPENING.search(around) or _OPENING.search(clause.text):
        return 3
    return 2 * bool(_OFFICIAL.search(clause.text)) or 1 * bool(_OFFICIAL.search(around))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
