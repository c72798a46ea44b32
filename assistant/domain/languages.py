"""Whether a question is in a language that the assistant can't search in. Pure."""

import re
from enum import StrEnum


class Language(StrEnum):
    """What can be told from a few words; OTHER is any other than English."""

    WELSH = "Welsh"
    POLISH = "Polish"
    URDU = "Urdu"
    OTHER = "another language"


# Words that stand in almost every question and are no English ones.
_COMMON = {
    Language.WELSH: "yn yr ydy ydw ydych oes ga gaf gallaf alla sut pwy beth pryd ble pam mae dw i'r o'r i'w ysgol plant "
    "disgybl disgyblion athro athrawes rhiant rhieni gyda ar gyfer cael oes dylwn dylai wneud hoffwn ffôn lluniau",
    Language.POLISH: "czy jak kto kiedy gdzie dlaczego jest są mogę może można się nie na dla w z że co mam muszę szkole "
    "szkoły dziecko dzieci dziecka uczeń uczniem uczniowie uczniów rodzic rodzice rodzicem telefon zdjęcia zdjęć robić",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_URDU_ALONE = re.compile("[ٹڈڑںھہےیک]")  # letters of Urdu that Arabic has not
_ARABIC, _LETTER = re.compile("[\u0600-\u06ff]"), re.compile(r"[^\W\d_]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_POLISH_LETTER = re.compile("[ąćęłńśźż]", re.IGNORECASE)
_SHARE = 0.4  # of the words, which must be common ones of a language


def language_of(text: str) -> Language | None:
    """The language of a question, None for English or what can't be told."""
    letters = _LETTER.findall(text)
    if not letters:
        return None
    if sum(bool(_ARABIC.match(letter)) for letter in letters) > len(letters) / 2:
        return Language.URDU if _URDU_ALONE.search(text) else Language.OTHER
    if sum(bool(_LATIN.match(letter)) for letter in letters) < len(letters) / 2:
        return Language.OTHER
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower().replace("’", "'"))
    for language, common in _WORDS.items():
        share = sum(word in common for word in words) / len(words)
        if share >= _SHARE or (language is Language.POLISH and share >= 0.2 and _POLISH_LETTER.search(text)):
            return language
    return None
