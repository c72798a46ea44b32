"""What names or finds somebody is taken out of a question before it leaves the building; if any is left, it stays. Pure.

Taken out: everybody on the roster in any case, common given names, what a title or a capital letter shows to be a name,
addresses, telephone numbers, handles, links, dates with a year, dates of birth, long numbers. When in doubt, it goes: the
words are for a model that is to say it better, and the clauses are found before that.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from assistant.domain.people import Person
from index.given_names import ALSO_WORDS, GIVEN, SOMEBODY, fold

STAFF, PUPIL = "a member of staff", "a pupil"


class NotRedacted(Exception):
    """Something that must not leave the building is still in a text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """All that the people of a roster are called, without accents and in lower case."""

    whole: frozenset[tuple[str, ...]]
    parts: frozenset[str]  # of names, ids and aliases
    exact: frozenset[str]  # addresses, telephone numbers and ids in chats

    @classmethod
    def of(cls, people: Iterable[Person]) -> "Names":
        everyone = tuple(people)
        whole = {tuple(_letters(person.name)) for person in everyone}
        ids = {part for person in everyone for id_ in person.ids for part in _letters(id_) if len(part) > 2}
        exact = {fold(x) for p in everyone for x in (p.email, p.phone, p.slack, p.teams) if len(x) > 3}
        parts = ids.union(*({part for part in name if len(part) > 1} for name in whole))
        return cls(whole=frozenset(name for name in whole if name), parts=frozenset(parts), exact=frozenset(exact))


def ordinary_words(texts: Iterable[str]) -> frozenset[str]:
    """The words that texts have in lower case or all in capitals: no names, as far as those who wrote them go."""
    found: set[str] = set()
    for text in texts:
        words = _WORD.findall(_ADDRESS.sub(" ", text))
        found.update(fold(word) for word in words if word.islower() or word.isupper())
    return frozenset(found)


def redact(text: str, names: Names, ordinary: Collection[str]) -> str:
    """A text without what names or finds somebody; `ordinary` are words that are no names in lower case.

    Raises NotRedacted where one of the roster is still named in it.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").replace("’", "'")
    for exact in sorted(names.exact, key=len, reverse=True):
        plain = re.sub(rf"(?<!\w){re.escape(exact)}(?!\w)", SOMEBODY, plain, flags=re.IGNORECASE)
    for pattern, instead in _FINDS_SOMEBODY:
        plain = pattern.sub(instead, plain)
    redacted = _joined(_Reading(plain, names, frozenset(ordinary)).redacted())
    if names_somebody(redacted, names, ordinary):
        raise NotRedacted
    return redacted


def names_somebody(text: str, names: Names, ordinary: Collection[str]) -> bool:
    """Whether somebody on the roster stands in a text. A name that is a plain word counts with a capital letter alone,
    and not where a sentence begins."""
    folded = fold(text)
    letters = _letters(folded)
    joined = f" {' '.join(letters)} "
    if any(f" {' '.join(name)} " in joined for name in names.whole if len(name) > 1):
        return True
    if any(exact in folded for exact in names.exact):
        return True
    plain_words = _COMMON | ALSO_WORDS | frozenset(ordinary)
    if any(part in names.parts and part not in plain_words for part in letters):
        return True
    # A capital letter where no sentence begins shows a name, but for a month's.
    later = [(b, w) for b, w in pairwise(re.findall(r"[^\W_]+|[.!?:\n]", text)) if w[0].isupper() and b not in ".!?:\n"]
    return any(fold(word) in names.parts - _CAPITALS and not _is_month(fold(word), before) for before, word in later)


def _is_month(folded: str, before: str) -> bool:
    """Whether "May" is the month, by the word before it: "in May", "3 May"."""
    return folded in _MONTHS_TOO and (fold(before) in _BEFORE_A_MONTH or before[:1].isdigit())


def _letters(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(text))


def _joined(text: str) -> str:
    """A text where the same stand-in twice in a row is one."""
    stand_in = rf"(?:{STAFF}|{SOMEBODY}|{PUPIL})"
    text = re.sub(rf"\b({stand_in})(?:[ .,-]+{stand_in}\b)+", r"\1", text)
    text = re.sub(rf"\b(?:an?|the|my|this|that|our) (?:pupil|child|student|boy|girl|lad),? {SOMEBODY}\b", PUPIL, text)
    return re.sub(rf"\b(pupil|child|student|boy|girl|teacher|colleague),? (?:{SOMEBODY}|{STAFF})\b", r"\1", text)


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?)"
_FINDS_SOMEBODY = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"<[@#!][^>\s]*>", SOMEBODY),  # a mention, as Slack writes it
        (r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"',;:!?]*\w", "an e-mail address"),
        (r"(?:https?://|www\.)[^\s<>\"']+", "a link"),
        (
            r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|co\.uk|org|uk|net|sch|edu|gov|io|me|tv|app|example)\b(?:/[^\s<>\"']*)?",
            "a link",
        ),
        (r"(?<!\w)@\s?[\w.-]*\w", SOMEBODY),
        (r"\b\w*_\w+(?:_\w*)*", SOMEBODY),  # a user's name somewhere
        (rf"\b{_DAY},? (?:19|20)?\d\d\b", "a date"),
        (r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b", "a date"),
        (rf"(?<=born )(?:on |in )?(?:the )?{_DAY}", "on a date"),
        (
            rf"\b(d\.?o\.?b\.?|date of birth|birthday)((?: is| was|:)? ?(?:on |the )?)(?:{_DAY}|\d[\d/. -]*\d)",
            r"\1\2a date",
        ),
        (r"(?<![\w£$€.])\+?\(?\d(?:[ ().-]{0,2}\d){8,}(?!\w)", "a telephone number"),
        (r"\b[a-z]?\d{6,}[a-z]?\b", "a number"),
        (r"\b(?-i:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b", "an address"),
    )
)
# Words with a capital letter that name nobody.
_CAPITALS = frozenset(
    """i monday tuesday wednesday thursday friday saturday sunday january february march july september october november
    december easter christmas ramadan eid diwali english maths science history geography french spanish german welsh
    scottish irish british muslim christianity islam hindu jewish england wales scotland ireland britain uk european europe
    facebook instagram whatsapp snapchat tiktok twitter x youtube linkedin google microsoft teams slack zoom apple android
    iphone ipad discord roblox fortnite minecraft pinterest reddit telegram signal messenger chatgpt openai copilot amazon
    alexa siri bluetooth wifi internet kindle fitbit airtag dojo classdojo seesaw tapestry arbor sims bromcom cpoms ofsted
    kcsie dsl dsls ddsl slt sen send senco dbs gdpr dpo pshe pe it ict rse hr ks eyfs pta prevent lado ta tas nqt ect ehcp
    usb cctv ai tv pc uk eu sms mms pin id ok faq pdf covid head headteacher""".split()
)
# Plain words of questions, so that one at the beginning of a sentence is not taken for a name.
_COMMON = _CAPITALS | frozenset(
    """a about accept add after again all allow allowed also always am an and another any anybody anyone anything are as ask
    at away be because been before being best between both but buy by call can cannot can't car class could dad day days deal
    did do does doesn't don't done each either else even ever every everyone everything family few find first for friend
    from get gift give go going good got had has have having he hello help her here hi him his home hours how i'm i've if
    in instead into is isn't it it's its job just keep kid kids know last late leave let lift like long make many me meet
    money more most much mum must my need never new next no not now of off often old on once one only open or other our out
    over own parent parents pay people per phone photo photos please policy post private pupil pupils put question read
    record report rule rules said same say says school see sent shall share she should show since so social some somebody
    someone something soon staff still stop student students take teach teacher teachers tell text than thank thanks that
    that's the their them then there these they thing this those through time to today together tomorrow too trip two under
    until up us use used using visitor visitors want was watch we wear week well were what what's when where which while who
    whom whose why will with without work would wouldn't year years yes yesterday you your member young date link number
    address telephone email e-mail child children boy boys girl girls""".split()
)
_TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr", "prof", "professor", "rev", "reverend"})  # whatever the case
_CAPITAL_TITLES = frozenset({"miss", "sir", "coach", "madam", "auntie", "uncle", "father", "sister", "nurse"})
_MONTHS_TOO = frozenset({"may", "april", "june", "august"})
_BEFORE_A_MONTH = frozenset(
    "in last next this since until till of by early late every from before after during mid and".split()
)
_DOES = frozenset("is was has had says said told asked wants keeps does did went came goes and or s".split())


class _Reading:
    """A text read word by word, each with what stands around it."""

    def __init__(self, text: str, names: Names, ordinary: frozenset[str]) -> None:
        self._text, self._names = text, names
        self._plain_words = _COMMON | ordinary
        self._found = list(_WORD.finditer(text))
        self._titled = False  # the word before was a title, or a name that a title stands before

    def redacted(self) -> str:
        out, at = [], 0
        for n, found in enumerate(self._found):
            instead = self._instead(n)
            if instead is not None:
                ending = "'s" if found[0].endswith("'s") and instead else ""
                out += [self._text[at : found.start()], instead + ending]
                at = found.end()
        return "".join([*out, self._text[at:]])

    def _instead(self, n: int) -> str | None:
        """What stands in for a word, None for the word itself."""
        word = self._found[n][0]
        folded = fold(word.removesuffix("'s"))
        if self._is_title(n, folded):
            self._titled = True
            return SOMEBODY
        after_title, self._titled = self._titled, False
        if after_title and folded in ("and", "or") and self._is_title(n + 1, self._folded(n + 1)):
            return None
        if after_title and (folded not in self._plain_words or word[0].isupper()):
            return SOMEBODY
        pieces = [folded, *re.split(r"['-]", folded)]
        if any(self._on_roster(piece, n) for piece in pieces) or folded in self._run_together:
            return STAFF
        return SOMEBODY if self._is_name(n, word, folded) else None

    def _is_title(self, n: int, folded: str) -> bool:
        if n + 1 >= len(self._found) or n >= len(self._found):
            return False
        behind = self._found[n + 1][0]
        return folded in _TITLES or (folded in _CAPITAL_TITLES and self._capital(n) and behind[0].isupper())

    def _folded(self, n: int) -> str:
        return fold(self._found[n][0]) if 0 <= n < len(self._found) else ""

    def _capital(self, n: int) -> bool:
        return self._found[n][0][0].isupper()

    @property
    def _run_together(self) -> frozenset[str]:
        return frozenset("".join(name) for name in self._names.whole if len("".join(name)) > 5)

    def _on_roster(self, piece: str, n: int) -> bool:
        if piece not in self._names.parts:
            return False
        if piece not in self._plain_words | ALSO_WORDS:
            return True
        # Beside another part of a name it is one, however it is typed.
        beside = {self._folded(n - 1), self._folded(n + 1)} - {""}
        if any({piece, other} <= set(name) for name in self._names.whole for other in beside - {piece}):
            return True
        return self._capital(n) and piece not in _CAPITALS and self._is_meant_as_name(piece, n)

    def _is_meant_as_name(self, folded: str, n: int) -> bool:
        """Whether a plain word with a capital letter is a name here: "ask May", but not "in May" or "May I"."""
        if _is_month(folded, self._before(n)):
            return False
        if self._begins_sentence(n) and folded in ("will", "may", "mark", "can"):
            return self._folded(n + 1) in _DOES
        return True

    def _before(self, n: int) -> str:
        """The word or number before a word."""
        before = self._text[: self._found[n].start()].split()
        return before[-1] if before else ""

    def _is_name(self, n: int, word: str, folded: str) -> bool:
        pieces = {folded, *re.split(r"['-]", folded)}
        if not folded.isascii() or pieces & GIVEN - _CAPITALS:
            return True
        if not word[0].isupper():
            return False
        plain = any(known in self._plain_words for known in (folded, folded.removesuffix("s")))
        plain = plain or all(piece in self._plain_words for piece in re.split(r"['-]", folded))
        if pieces & ALSO_WORDS:
            doubtful = self._begins_sentence(n) and plain
            return self._is_meant_as_name(folded, n) and (not doubtful or self._folded(n + 1) in _DOES)
        return not plain

    def _begins_sentence(self, n: int) -> bool:
        before = self._text[: self._found[n].start()].rstrip(" \t\"'(")
        return not before or before[-1] in ".!?:\n"
