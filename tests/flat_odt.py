"""Write a document as flat ODT, which LibreOffice turns into other formats, in layouts that schools use."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from xml.sax.saxutils import escape

from index import numbering

LAYOUTS = ("styles", "manual", "columns", "tables")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """What is set as one: a line of the front, a heading, a paragraph, a list item."""

    kind: str  # "title", "front", "detail" (label, tab, value), "heading", "paragraph", "item"
    text: str
    depth: int = 1  # a heading's level from 1; how deep in lists an item is, from 0

    @property
    def mark(self) -> str:
        """The number that the text opens with, "" for none."""
        found = re.match(r"(\d{1,2}(?:\.\d{1,2})*\.?|[A-Z]\.)\s", self.text)
        return found[1] if found else ""

    @property
    def unmarked(self) -> str:
        return self.text[len(self.mark) :].strip()


_BULLETS = "•o–"
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [
        ("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("fo", "xsl-fo-compatible"),
    ]
)  # fmt: skip


def flat_odt(pieces: Sequence[Piece], layout: str) -> str:
    """A policy as a flat ODT file in one of the layouts."""
    setting = _Setting(pieces, layout)
    school = next(
        (p.text for p in pieces if p.kind == "front" and re.fullmatch("[A-Z][^.\\d]{,60}", p.text)), "The school's name"
    )
    start = next(n for n, piece in enumerate(pieces) if piece.kind in ("paragraph", "item"))
    while start and pieces[start - 1].kind == "heading":
        start -= 1
    front, body = "".join(setting.xml(pieces[:start])), "".join(setting.xml(pieces[start:]))
    if layout == "columns":
        body = f'<text:section text:style-name="Columns" text:name="Body">{body}</text:section>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {_SPACES} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles>{_paragraph_styles()}{_list_styles(setting.numbers_headings)}</office:styles>
<office:automatic-styles>
<style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm"
 fo:margin-top="1.5cm" fo:margin-bottom="1.5cm" fo:margin-left="2cm" fo:margin-right="2cm"/>
<style:header-style><style:header-footer-properties fo:min-height="1cm" fo:margin-bottom="0.4cm"/></style:header-style>
<style:footer-style><style:header-footer-properties fo:min-height="1cm" fo:margin-top="0.4cm"/></style:footer-style>
</style:page-layout>
<style:style style:name="Columns" style:family="section"><style:section-properties text:dont-balance-text-columns="true">
<style:columns fo:column-count="2" fo:column-gap="0.8cm"/></style:section-properties></style:style>
<style:style style:name="Cell" style:family="table-cell">
<style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="0.1cm"/></style:style>
<style:style style:name="Strong" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A4">
<style:header><text:p text:style-name="Small">{escape(school)}</text:p></style:header>
<style:footer><text:p text:style-name="Small">Page <text:page-number/> of <text:page-count/></text:p></style:footer>
</style:master-page></office:master-styles>
<office:body><office:text>{front}{body}</office:text></office:body></office:document>"""


def _paragraph_styles() -> str:
    def style(name: str, shown: str, font: str, paragraph: str = "", more: str = "") -> str:
        return (
            f'<style:style style:name="{name}" style:display-name="{shown}" style:family="paragraph" {more}>'
            f'<style:paragraph-properties fo:margin-top="0.1cm" fo:margin-bottom="0.2cm" {paragraph}/>'
            f"<style:text-properties {font}/></style:style>"
        )

    size, bold = 'fo:font-size="{}pt"', 'fo:font-size="{}pt" fo:font-weight="bold"'
    return "".join(
        [
            style("Standard", "Standard", 'style:font-name="DejaVu Serif" fo:font-size="11pt"'),
            style("Small", "Small", size.format(9)),
            style("Title", "Title", bold.format(24), 'fo:text-align="center"'),
            *(
                style(
                    f"Heading_20_{n}", f"Heading {n}", bold.format(18 - 2 * n), 'fo:keep-with-next="always"',
                    f'style:default-outline-level="{n}"',
                )
                for n in range(1, 7)
            ),
            *(style(f"Manual{n}", f"Manual{n}", bold.format(17 - 2 * min(n, 3))) for n in range(1, 7)),
            *(
                style(f"Typed{n}", f"Typed{n}", size.format(11), f'fo:margin-left="{n + 1}cm" fo:text-indent="-0.6cm"')
                for n in range(4)
            ),
        ]
    )  # fmt: skip


def _list_styles(numbers_headings: bool) -> str:
    def level(n: int, kind: str, how: str) -> str:
        hang, left = (0, 0) if kind == "outline-level-style" else (-0.6, n)
        return (
            f'<text:{kind} text:level="{n}" {how}><style:list-level-properties text:list-level-position-and-space-mode='
            f'"label-alignment"><style:list-level-label-alignment text:label-followed-by="listtab" '
            f'fo:text-indent="{hang}cm" fo:margin-left="{left}cm"/></style:list-level-properties></text:{kind}>'
        )

    def numbered(name: str, form: str) -> str:
        kind = "list-level-style-number"
        first = level(1, kind, f'style:num-format="{form}" style:num-suffix="."')
        rest = "".join(level(n, kind, 'style:num-format="a" style:num-suffix=")"') for n in range(2, 5))
        return f'<text:list-style style:name="{name}">{first}{rest}</text:list-style>'

    outline = "".join(
        level(
            n, "outline-level-style", f'style:num-format="{"1" if numbers_headings else ""}" text:display-levels="{n}"'
        )
        for n in range(1, 7)
    )
    bullets = "".join(
        level(n, "list-level-style-bullet", f'text:bullet-char="{_BULLETS[(n - 1) % 3]}"') for n in range(1, 5)
    )
    return (
        f'<text:outline-style style:name="Outline">{outline}</text:outline-style>'
        f'<text:list-style style:name="Bullets">{bullets}</text:list-style>{numbered("Decimal", "1")}{numbered("Letters", "A")}'
    )


class _Setting:
    """Sets pieces in one layout."""

    def __init__(self, pieces: Sequence[Piece], layout: str) -> None:
        self.layout = layout
        marks = [p.mark for p in pieces if p.kind == "heading" and p.mark[:1].isdigit()]
        levels = {p.depth == p.mark.rstrip(".").count(".") + 1 for p in pieces if p.kind == "heading" and p.mark}
        right = all(numbering.follows(a, b) or b == f"{a.rstrip('.')}.1" for a, b in pairwise(marks))
        self.numbers_headings = layout != "manual" and bool(marks) and levels == {True} and right and marks[0][0] == "1"

    def xml(self, pieces: Sequence[Piece]) -> Iterator[str]:
        pieces, above = list(pieces), ""  # the heading that was set last
        while pieces:
            roles = _roles(pieces) if self.layout == "tables" and re.search("role|responsib", above, re.I) else []
            same = next(list(group) for _, group in groupby(pieces, key=lambda p: (p.kind, p.kind == "heading" and p)))
            above = same[0].text if same[0].kind == "heading" else above
            if roles:
                yield _table([("<text:p>Role</text:p>", "<text:p>Responsibilities</text:p>"), *map(self._role, roles)])
                del pieces[: sum(map(len, roles))]
                continue
            if same[0].kind == "item" and self.layout != "manual":
                yield self._list(same)
            elif same[0].kind == "detail" and self.layout == "tables":
                yield _table([[f"<text:p>{escape(part)}</text:p>" for part in p.text.split("\t")] for p in same])
            else:
                yield "".join(map(self._alone, same))
            del pieces[: len(same)]

    def _role(self, role: Sequence[Piece]) -> tuple[str, str]:
        bold = f'<text:p><text:span text:style-name="Strong">{escape(role[0].text)}</text:span></text:p>'
        return bold, "".join(self.xml(role[1:]))

    def _alone(self, piece: Piece) -> str:
        manual = self.layout == "manual"
        text = escape(piece.text).replace("\t", "<text:tab/>")
        if piece.kind == "heading" and not manual:
            automatic = self.numbers_headings and piece.mark
            header = "" if automatic else ' text:is-list-header="true"'
            text = escape(piece.unmarked) if automatic else text
            style = f'text:style-name="Heading_20_{piece.depth}" text:outline-level="{piece.depth}"'
            return f"<text:h {style}{header}>{text}</text:h>"
        if piece.kind == "item":
            mark, text = piece.mark or _BULLETS[piece.depth % 3], escape(piece.unmarked)
            return f'<text:p text:style-name="Typed{piece.depth}">{mark}<text:tab/>{text}</text:p>'
        style = f"Manual{piece.depth}" if piece.kind == "heading" else "Title" if piece.kind == "title" else "Standard"
        return f'<text:p text:style-name="{style}">{text}</text:p>'

    def _list(self, items: Sequence[Piece], depth: int = 0) -> str:
        """Items as a list, the deeper ones as lists inside their item; those with marks numbered automatically."""
        parts, rest = [], list(items)
        style = "Bullets" if not rest[0].mark else "Decimal" if rest[0].mark[0].isdigit() else "Letters"
        while rest:
            under = next((n for n, item in enumerate(rest) if n and item.depth <= depth), len(rest))
            inner = rest[1:under] if rest[0].depth <= depth else rest[:under]
            own = f"<text:p>{escape(rest[0].unmarked)}</text:p>" if rest[0].depth <= depth else ""
            nested = self._list(inner, depth + 1) if inner else ""
            parts.append(f"<text:list-item>{own}{nested}</text:list-item>")
            del rest[:under]
        return f'<text:list text:style-name="{style}">{"".join(parts)}</text:list>'


def _roles(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The roles that a policy goes on with, each its heading and items, where there are two or more of one level."""
    roles: list[list[Piece]] = []
    for piece in pieces:
        if (
            piece.kind == "heading"
            and piece.depth > 1
            and (not roles or piece.depth == roles[0][0].depth)
            and not piece.mark
        ):
            roles.append([piece])
        elif piece.kind == "item" and roles:
            roles[-1].append(piece)
        else:
            break
    while roles and len(roles[-1]) == 1:
        roles.pop()
    return roles if len(roles) > 1 and all(len(role) > 1 for role in roles) else []


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell table:style-name="Cell">{cell}</table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    columns = f'<table:table-column table:number-columns-repeated="{max(map(len, rows))}"/>'
    return f"<table:table>{columns}{cells}</table:table>"
