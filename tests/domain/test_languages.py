"""A question in another language is noticed, an English one is left alone."""

import pytest

from assistant.domain.languages import Language, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ga i dynnu lluniau o'r plant gyda fy ffôn?", Language.WELSH),
        ("Pwy yw'r person i siarad gyda nhw ar gyfer disgybl yn yr ysgol?", Language.WELSH),
        ("Czy mogę robić zdjęcia dzieci na telefon?", Language.POLISH),
        ("Jak długo trzymamy zdjęcia uczniów?", Language.POLISH),
        ("کیا میں بچوں کی تصویریں لے سکتا ہوں؟", Language.URDU),
        ("هل يمكنني تصوير الأطفال", Language.OTHER),
        ("Чи можу я фотографувати дітей?", Language.OTHER),
        ("我可以给孩子拍照吗", Language.OTHER),
        ("can i na take a photo of the kids", None),
        ("Can I give Agnieszka Wójcik a lift?", None),
        ("Is it OK to tweet Siân's photo on y wefan?", None),
        ("123 ???", None),
        ("", None),
    ],
)
def test_a_language_is_told_from_a_few_words(text: str, language: Language | None) -> None:
    assert language_of(text) is language
