"""Which of a model's sentences may be shown: those that the clause they name carries, word by word. Pure.

A sentence is kept when one sentence of its clause, with the words that open its list:

- has every word of it, but for a few that say nothing alone (articles, pronouns, forms of "be"); numbers, days, names,
  roles, "must", "may", "not", "only", "unless" and words of time stand there as they are, others in any ending;
- says it under the same "must" or "may", negated or not, of the same people in the same order, and each number of the
  same thing ("more than £25", "24 hours");
- has no "only", "unless", "except", "if" or "until" that the sentence leaves out, and nothing right before a word that is
  said that would narrow it ("published photographs" is not "photographs").

So a model may shorten what a policy says, and say "you"; it can't say anything else. What it would have said well in
other words is lost too: the quotes stand below either way.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.domain.answers import Quote

MOST_SENTENCES = 3
_MOST_CHARACTERS = 400  # of a sentence

# Say nothing alone, so a sentence may have them where its clause does not.
_NEUTRAL = frozenset(
    """a an the this that these those it its you your yours yourself they them their he she his her to of in on at for
    with be is are am was were been being has have having do does did so also there which who whom whose policy policies
    clause says ,""".split()
)
_SPOKEN_TO = frozenset({"you", "your", "yours", "yourself"})
MODALS = frozenset("must may might can could shall should will would ought".split())
NEGATORS = frozenset("not never no none nobody nothing neither nor without".split())
_NOBODY = frozenset("no none nobody nothing neither".split())
# Where a clause has one of these, a sentence that leaves it out says something else.
LIMITS = frozenset(
    """only unless except excepting excluding if provided providing without until till apart banned prohibited forbidden
    avoid""".split()
)
_TURNS = frozenset({"but", "however", "although"})  # from here on it is no longer negated
# Stand before a number and make it another.
_COMPARE = frozenset(
    """more less fewer least most over under up above below within before after until by than about exceeding every
    first last next minimum maximum""".split()
)
_STAFF = frozenset("staff employe teacher adult colleagu anyone anybody everyone everybody nobody worker".split())
_ROLES = _STAFF | frozenset(
    """headteacher head principal dsl lead deputy governor chair slt leader leadership pupil child student parent carer
    visitor volunteer contractor trustee ceo executiv manager technician offic owner famili author lado polic""".split()
)
# Narrow no word that follows them.
_ALONE = (
    _NEUTRAL
    | MODALS
    | NEGATORS
    | LIMITS
    | _STAFF
    | frozenset({"and", "or", "school", ""})
    | frozenset("by from as when where while through during into about between member".split())
)
_IRREGULAR = {"children": "child", "people": "person", "men": "man", "women": "woman", "kept": "keep", "told": "tell"}
_REWRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(?:can'?t|cannot)\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\bshan'?t\b"), "shall not"),
    (
        re.compile(r"\b(do|does|did|must|should|could|would|is|are|was|were|has|have|had|need|might|may)n'?t\b"),
        r"\1 not",
    ),
    (re.compile(r"\b(?:have|has|had|having) to\b"), "must"),
    (re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])"), ""),  # "e-mail" is "email"
)
_TOKEN = re.compile(r"[£$€]?[0-9]+(?:[.,:/][0-9]+)*%?|[^\W\d_]+(?:'[^\W\d_]+)*|,(?=\s)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?![\[(])|\n+|(?<=\])\.?\s+")
_CITED = re.compile(r"\s*\[([0-9]{1,2})\]\s*\.?\s*$")
_QUOTED = re.compile(r'"([^"]*)"|(?<!\w)\'((?:[^\']|(?<=\w)\'(?=\w))*)\'(?!\w)')
_LIKE = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-"}
)
_ALSO_TYPED = frozenset("’‘“”–—…£€")  # beside ASCII; other letters must stand in the clause

_State = tuple[str, bool]  # the "must" or "may" that a word stands under, "" for none yet, and whether it is negated


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence in the assistant's own words, and the number of the quote that carries it, from 1."""

    text: str
    clause: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """A sentence to compare: its tokens, each under what it stands."""

    tokens: tuple[str, ...]
    states: tuple[_State, ...]

    @classmethod
    def of(cls, text: str) -> "_Said":
        tokens = tuple(words(text, marks=True))
        states, modal, negated, nobody = [], "", False, False
        for token in tokens:
            if token in MODALS:
                modal, negated, nobody = token, nobody, False  # "nobody may" is negated like "may not"
            elif token in NEGATORS:
                negated, nobody = True, nobody or token in _NOBODY
            elif token in _TURNS:
                negated = nobody = False
            states.append((modal, negated))
        return cls(tokens=tokens, states=tuple(states))

    def under(self) -> dict[str, set[_State]]:
        """What each word, without its ending, stands under."""
        found: dict[str, set[_State]] = {}
        for token, state in zip(self.tokens, self.states, strict=True):
            found.setdefault(stem(token), set()).add(state)
        return found


def sentences_in(said: str) -> list[str]:
    """What a model wrote, sentence by sentence; a list's marks are left out."""
    unmarked = re.sub(r"(?m)^\s*(?:[-*•]|[0-9]+[.)])\s+", "", said)
    return [piece.strip() for piece in _SENTENCE_END.split(unmarked) if piece.strip()]


def keep_cited(sentences: Sequence[str], clauses: Sequence[Quote]) -> tuple[Sentence, ...]:
    """The sentences that end in a clause's number, "[2]", and that this clause carries; three at most, each once."""
    kept: dict[Sentence, None] = {}
    for text in sentences:
        cited = _CITED.search(text)
        if cited is None or not 1 <= int(cited[1]) <= len(clauses):
            continue
        said = " ".join(text[: cited.start()].split())
        if carried(said, clauses[int(cited[1]) - 1]):
            kept[Sentence(text=said, clause=int(cited[1]))] = None
    return tuple(kept)[:MOST_SENTENCES]


def carried(said: str, clause: Quote) -> bool:
    """Whether a clause, with the words that open its list, carries a sentence."""
    if len(said) > _MOST_CHARACTERS or not _plainly_written(said, f"{clause.lead_in} {clause.text}"):
        return False
    if not _quotes_stand(said, clause):
        return False
    sentence = _Said.of(said)
    return any(_carries(unit, sentence) for unit in _units(clause))


def words(text: str, *, marks: bool = False) -> list[str]:
    """The words and numbers of a text: lower case, contractions written out, "have to" as "must"; `marks`: commas too."""
    plain = _alike(text).casefold()
    for pattern, rewritten in _REWRITTEN:
        plain = pattern.sub(rewritten, plain)
    return [_without_s(found) for found in _TOKEN.findall(plain) if marks or found != ","]


def stem(word: str) -> str:
    """A word without its ending, so that "pupils" is "pupil" and "recorded" is "record"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    word = word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word
    return word.rstrip("e") if len(word) > 3 else word


def is_neutral(word: str) -> bool:
    """Whether a word says nothing alone."""
    return word in _NEUTRAL


def _alike(text: str) -> str:
    """A text with one kind of quotation mark, apostrophe and dash."""
    return unicodedata.normalize("NFKC", text).translate(_LIKE)


def _without_s(token: str) -> str:
    return token.split("'", 1)[0] if token.endswith(("'s", "'re", "'ll", "'ve", "'m", "'d")) else token


def _plainly_written(said: str, clause: str) -> bool:
    """Whether it is one line of characters that can be read, in letters that can't be taken for others, with no address."""
    allowed = _ALSO_TYPED | frozenset(clause)
    if not all((" " <= c <= "~") or (c in allowed and c.isprintable()) for c in said):
        return False
    if any(
        part.strip(".,;:()\"'") not in clause
        for part in said.split()
        if re.search(r"[@<>#|`\\{}]|://|www\.|/\S*/", part)
    ):
        return False
    return not re.search(r"[\[\]]", said)


def _quotes_stand(said: str, clause: Quote) -> bool:
    """Whether all that stands in quotation marks stands in the clause word for word, and no mark is left open."""
    plain = _alike(said)
    if plain.count('"') % 2:
        return False
    sources = [" ".join(_alike(text).split()) for text in (clause.text, clause.lead_in)]
    found = [" ".join((one or other).split()) for one, other in _QUOTED.findall(plain)]
    return all(quoted and any(_stands_whole(quoted, source) for source in sources) for quoted in found)


def _stands_whole(quoted: str, source: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(quoted)}(?!\w)", source) is not None


def _units(clause: Quote) -> list[_Said]:
    """The sentences of a clause, each with its lead-in; of a passage without the marks, which count and say nothing."""
    lead_in = f"{clause.lead_in.rstrip(' .:')}, " if clause.lead_in else ""
    texts = clause.clauses or (clause.text,)
    pieces = [piece for text in texts for piece in re.split(r"(?<=[.!?])\s+|\n+", text.strip())]
    return [_Said.of(lead_in + piece) for piece in pieces]


def _carries(unit: _Said, sentence: _Said) -> bool:
    return (
        _says_something(sentence.tokens, unit.tokens[-1:])
        and _stands(sentence.tokens, unit.tokens)
        and _nothing_left_out(sentence.tokens, unit.tokens)
        and _under_the_same(sentence, unit)
        and _same_people(sentence, unit)
        and _numbers(sentence.tokens) <= _numbers(unit.tokens)
    )


def _says_something(said: Sequence[str], end: Sequence[str]) -> bool:
    """Whether it is more than a beginning, such as "Staff must"."""
    telling = [token for token in said if token not in _NEUTRAL]
    small = MODALS | NEGATORS | LIMITS | {"and", "or"}
    return len([token for token in telling if token not in small]) > 1 and (
        telling[-1] not in small or telling[-1] in end
    )


def _stands(said: Sequence[str], there: Sequence[str]) -> bool:
    """Whether every word stands there: what changes what is allowed, how much and when in this very form."""
    exact, stems = Counter(there), {stem(token) for token in there}
    as_it_is = MODALS | NEGATORS | LIMITS | _COMPARE
    return all(
        said.count(token) <= exact[token] or (token not in NEGATORS | LIMITS and token in exact)
        if token in as_it_is or is_number(token)
        else stem(token) in stems
        for token in said
        if token not in _NEUTRAL
    )


def _nothing_left_out(said: Sequence[str], there: Sequence[str]) -> bool:
    """Whether the clause has no condition that is not said, and no word that narrows one that is."""
    stems = {stem(token) for token in said}
    # "Nobody should say that lifts are fine": what follows "that" is said by whom it follows.
    behind = ["", "", *(one for one in there if one != "that")]
    narrowed = any(
        stem(word) in stems
        and word not in _ALONE
        and stem(before) not in stems
        and before not in _ALONE - NEGATORS
        # Of "accept or send requests" either may be left out.
        and not (joined in ("and", "or") and stem(first) in stems)
        for first, joined, before, word in zip(behind, behind[1:], behind[2:], behind[3:], strict=False)
    )
    return not narrowed and all(token in said for token in there if token in LIMITS)


def _under_the_same(sentence: _Said, unit: _Said) -> bool:
    """Whether every word stands under the same "must", "may" or "not" as in the clause."""
    under = unit.under()
    free, said = ("", False), set(sentence.states)
    for token, state in zip(sentence.tokens, sentence.states, strict=True):
        there = under.get(stem(token), {state})  # a neutral word may stand nowhere
        if token in _NEUTRAL or token in MODALS | NEGATORS or state in there:
            continue
        if stem(token) in _ROLES:  # who must is not whom they must
            return False
        # What the clause has before its "must" may come behind it ("declare anything worth …"), and the other way round.
        if not (free in there or (state == free and there & said)):
            return False
    return True


def _same_people(sentence: _Said, unit: _Said) -> bool:
    """Whether those who are named stand in the clause's order. "You" is staff, or whom a clause means that names nobody
    who is to do it."""
    named = [who for who in map(stem, unit.tokens) if who in _ROLES or who == "you"]
    to_staff = "you" in named or not _STAFF.isdisjoint(named)
    if not _SPOKEN_TO.isdisjoint(sentence.tokens) and not to_staff:
        under = unit.under()
        if any(("", False) in under[who] for who in named):
            return False
    people = _ROLES | {"you"} if to_staff else _ROLES
    rest = iter(named)
    return all(
        any(there == who or (who == "you" and there in _STAFF) for there in rest)
        for who in map(stem, sentence.tokens)
        if who in people
    )


def _numbers(tokens: Sequence[str]) -> set[tuple[tuple[str, ...], str, str]]:
    """Every number with what compares it ("more", "than") and what it counts."""
    found = set()
    for n, token in enumerate(tokens):
        if is_number(token):
            before = tuple(word for word in tokens[max(0, n - 3) : n] if word in _COMPARE)
            after = tokens[n + 1] if n + 1 < len(tokens) else ""
            found.add((before, token, "" if after in _NEUTRAL | MODALS else stem(after)))
    return found


_UNITS = "one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER_WORDS = frozenset(
    _UNITS
    + "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty".split()
    + "ninety hundred thousand million half quarter third once twice double dozen both pair single".split()
    + [a + b for a in "twenty thirty forty fifty sixty seventy eighty ninety".split() for b in _UNITS[:9]]
)


def is_number(token: str) -> bool:
    """Whether a word is a number, in digits or letters."""
    return any(c.isdigit() for c in token) or token in _NUMBER_WORDS
