"""A concern's case file as one PDF: what was reported, a chronology, who saw it, what was sent to whom.

Characters that the font can't draw are named in the text, and the exact words are attached as a file of their own.
"""

import json
import unicodedata
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from assistant.handlers.records import CaseRecord
from assistant.screens import casework as screens
from assistant.screens.terms import moment

_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "DejaVu"


def render(record: CaseRecord) -> bytes:
    """The case file."""
    concern, school = record.concern, record.school
    pdf = _Pages(f"{school.name} · confidential · case file {concern.reference}")
    pdf.heading(f"Case file {concern.reference}", size=16)
    made = f"Made on {moment(record.made_at, school)} by {record.made_by.name}, {record.made_by.titles}."
    pdf.paragraph(f"{school.name}. {made} Keep it in the school's confidential safeguarding record.")
    pdf.heading("Where it stands")
    pdf.facts(screens.case_facts(concern, school))
    pdf.heading("What was reported")
    pdf.facts(screens.said(concern.report))
    pdf.heading("Chronology")
    pdf.facts([(screens.when_and_who(e, concern, school), screens.done(e, record.school)) for e in record.entries])
    if record.lost:
        pdf.paragraph(screens.lost(record.lost))
    pdf.heading("Who was told")
    pdf.facts(
        [
            (moment(sent.owed_at, school), screens.sent(sent, school))
            for sent in record.notices
            # A notice to an anonymous reporter would name them.
            if not (concern.report.anonymous and screens.is_to_reporter(sent.notice))
        ]
    )
    pdf.heading("Who looked at it or changed it")
    pdf.facts(
        [
            (moment(look.at, school), screens.looked(look.actor, look.action, look.detail, school))
            for look in record.looks
        ]
    )
    pdf.attach(_exact(record))
    return bytes(pdf.output())


def _exact(record: CaseRecord) -> bytes:
    """The words as they were written, whatever a font can draw."""
    said = {
        "reference": record.concern.reference,
        "report": dict(screens.said(record.concern.report)),
        "entries": [
            {"at": entry.at.isoformat(), "by": entry.actor, "did": entry.action, "text": entry.text}
            for entry in record.entries
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


class _Pages(FPDF):
    """A4 pages with the case's name at the foot of each."""

    def __init__(self, foot: str) -> None:
        super().__init__()
        self._foot = foot
        self.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_auto_page_break(auto=True, margin=20)
        self.set_margin(20)
        self.set_title(foot)
        self.add_page()

    def footer(self) -> None:
        """Which case, and which page of how many."""
        self.set_y(-15)
        self.set_font(_FAMILY, size=8)
        self.cell(0, 5, f"{self._drawn(self._foot)} · page {self.page_no()} of {{nb}}", align="C")

    def heading(self, text: str, size: int = 12) -> None:
        """A heading, kept together with what follows it."""
        self.ln(3)
        if self.will_page_break(25):
            self.add_page()
        self.set_font(_FAMILY, "B", size)
        self._lines(text)
        self.ln(1)

    def paragraph(self, text: str) -> None:
        """Words across the page."""
        self.set_font(_FAMILY, size=10)
        self._lines(text)

    def facts(self, facts: list[tuple[str, str]]) -> None:
        """Each label in bold, what it says below it."""
        for label, said in facts or [("", "Nothing.")]:
            if label:
                self.set_font(_FAMILY, "B", 9)
                self._lines(label)
            self.paragraph(said)
            self.ln(1.5)

    def attach(self, content: bytes) -> None:
        """The exact words, inside the PDF."""
        self.embed_file(bytes=content, basename="exact-words.json", mime_type="application/json")

    def _lines(self, text: str) -> None:
        self.multi_cell(0, 5, self._drawn(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _drawn(self, text: str) -> str:
        """The text with what the font has no picture for named instead."""
        glyphs = self.fonts[_FAMILY.lower()].cmap  # type: ignore[union-attr]
        return "".join(
            c if ord(c) in glyphs or c in "\n\t" else f"[{unicodedata.name(c, f'U+{ord(c):04X}').lower()}]"
            for c in text.replace("\r\n", "\n")
        )
