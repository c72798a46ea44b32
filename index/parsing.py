"""Lines to a Policy: its title, dates and owner, and its clauses, each with a stable id and a citation. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from index import citing, dates, front, numbering, sentences
from index.clauses import Clause, Kind, Policy
from index.contents import without_contents
from index.documents import Document
from index.layout import Block, blocks, read_on
from index.lists import Lists
from index.names import policy_id
from index.outline import Outline, styles


def parse(document: Document) -> Policy:
    """The policy in a document. Raises nothing, whatever the lines say, and takes time in proportion to their number."""
    stem = document.name.rsplit(".", 1)[0]
    found = without_contents(blocks(document))
    details = front.read(stem, found)
    policy = Policy(
        id=policy_id(document.name),
        title=details.title,
        organisation=details.organisation,
        written=details.written,
        ratified=details.ratified,
        reviewed=details.reviewed,
        next_review=details.next_review,
        owner=details.owner,
        version=document.sha256[:12],
        clauses=(),
        file=document.name,
    )
    # Only of a PDF is it sure that everybody has the same pages.
    pages = {line.number: line.page for line in document.lines if document.name.lower().endswith(".pdf")}
    policy = _with_clauses(policy, _Reading(found, details), pages)
    follow = read_on(document, [(clause.line, clause.whole) for clause in policy.clauses])
    goes_on = [False, *(_goes_on(a.marker, b.marker) for a, b in pairwise(policy.clauses))]
    told = (replace(c, follows=f and g) for c, f, g in zip(policy.clauses, follow, goes_on, strict=False))
    return replace(policy, clauses=tuple(told))


def _goes_on(before: str, marker: str) -> bool:
    """Whether a mark goes on from the one before, where both are numbers: at "1." another list begins."""
    return not (numbering.is_number(before) and numbering.is_number(marker)) or numbering.follows(before, marker)


def _with_clauses(policy: Policy, reading: "_Reading", pages: Mapping[int, int]) -> Policy:
    repeats: Counter[tuple[str, ...]] = Counter()
    clauses = []
    for piece in reading.pieces():
        key = (*piece.headings, "\x1f", *piece.lead_ins, "\x1f", piece.block.text)
        repeats[key] += 1
        told_apart = key if repeats[key] == 1 else (*key, "\x1f", str(repeats[key]))
        digest = hashlib.sha256("\x1e".join(told_apart).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        clause = Clause(
            id=f"{policy.id}-{digest}",
            text=piece.block.text,
            kind=piece.kind,
            marker=piece.block.marker,
            headings=piece.headings,
            lead_ins=piece.lead_ins,
            place=piece.place,
            citation="",
            page=pages.get(piece.block.line, 0),
            depth=piece.depth,
            line=piece.block.line,
        )
        clauses.append(replace(clause, citation=policy.citation(clause, clause)))
    return replace(policy, clauses=tuple(clauses))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """A clause before it has its id and citation."""

    block: Block
    kind: Kind
    headings: tuple[str, ...]
    lead_ins: tuple[str, ...] = ()
    place: str = ""
    depth: int = 0


@dataclass(slots=True)
class _Counts:
    """How many of each have been read under the last heading."""

    paragraphs: int = 0
    bullets: int = 0
    rows: int = 0


@dataclass(slots=True)
class _State:
    outline: Outline
    lists: Lists = field(default_factory=Lists)
    counts: _Counts = field(default_factory=_Counts)
    columns: Block | None = None  # the head of the table that is being read


class _Reading:
    """A reading of a document from its front to its end, which knows at each block what stands above it."""

    def __init__(self, found: Sequence[Block], details: front.Details) -> None:
        self._found, self._details = found, details
        self._styles = styles(found)
        self._body = self._where_body_begins()
        for n in range(self._body):
            # "**Owner: Head**" is a detail at the front, and may be a heading later.
            if self._styles[n] in ("plain", "bold", "caps") and front.is_detail(found[n].text):
                self._styles[n] = ""
        for n in range(len(found)):
            if self._is_masthead(n):
                self._styles[n] = ""
        self._at = _State(outline=Outline.of(found, self._styles))

    def pieces(self) -> Iterator[_Piece]:
        for n, block in enumerate(self._found):
            if self._is_masthead(n):
                continue
            if self._styles[n]:
                self._head(n, block)
                continue
            if n < self._body and self._is_motto(n):
                continue
            piece = self._piece(n, block)
            self._at.outline.fresh = False
            if piece is not None:
                yield piece

    def _where_body_begins(self) -> int:
        """The first block that is text proper: before it stand title, school, mottoes and details."""
        for n, block in enumerate(self._found):
            if self._styles[n] or self._is_masthead(n) or block.kind == "row":
                continue
            if block.kind == "item" and n + 1 < len(self._found):
                return n - (n > 0 and self._opens(n - 1))  # with the line that opens the list
            sentence = sentences.is_sentence(block.text) and not sentences.is_in_quotation_marks(block.text)
            if sentence and not front.is_detail(block.text):
                return n
        # No text proper: all of it counts.
        return 0

    def _is_masthead(self, n: int) -> bool:
        """Whether a block is the title or the school printed (again), or a motto beside it."""
        block = self._found[n]
        if block.kind != "text" or block.words > 20:
            return False
        if front.key(block.text) in self._details.mastheads:
            return True
        if not sentences.is_in_quotation_marks(block.text):
            return False
        beside = (self._found[m] for m in (n - 1, n + 1) if 0 <= m < len(self._found))
        return any(front.key(other.text) in self._details.mastheads for other in beside)

    def _is_motto(self, n: int) -> bool:
        """Whether a block at the front is no text: a motto, the values of a crest."""
        block = self._found[n]
        if block.kind != "text" or self._is_row(n):
            return False
        return not sentences.is_sentence(block.text) or sentences.is_in_quotation_marks(block.text)

    def _head(self, n: int, block: Block) -> None:
        """Enter a heading. At the front a plain line heads only what is right under it: others are mottoes."""
        following = self._styles[n + 1] if n + 1 < len(self._found) else ""
        if (
            n < self._body
            and self._styles[n] in ("plain", "bold", "caps")
            and (following in ("plain", "bold", "caps") or self._is_masthead(n + 1))
        ):
            return
        self._at.outline.enter(block, self._styles[n])
        self._at.lists.end()
        self._at.counts = _Counts()
        self._at.columns = None

    def _is_row(self, n: int) -> bool:
        block = self._found[n]
        if block.kind == "row":
            return True
        if block.kind != "text" or not front.is_detail(block.text):
            return False
        return n < self._body or bool(dates.find(block.text[:300]))

    @property
    def _headings(self) -> tuple[str, ...]:
        path = self._at.outline.path
        return path or ((self._details.printed,) if self._details.printed else ())

    def _place(self, *parts: str) -> str:
        path = self._at.outline.path
        return citing.joined([*(citing.near(path) if path else [citing.OPENING]), *parts])

    def _piece(self, n: int, block: Block) -> _Piece | None:
        if self._is_row(n):
            return self._row(n, block)
        self._at.columns = None
        if block.kind == "item" and self._is_in_a_list(n):
            return self._item(block)
        return self._paragraph(n, block)

    def _row(self, n: int, block: Block) -> _Piece | None:
        if block.columns and (len(block.cells) > 2 or not front.is_known_label(block.cells[0])):
            self._at.columns, self._at.counts.rows = block, 0
            return None
        self._at.counts.rows += 1
        label = block.cells[0] if block.cells else block.text.partition(":")[0]
        short = 0 < len(label.split()) <= 8 and label != block.text
        return _Piece(
            block=block,
            kind="row",
            headings=self._headings,
            lead_ins=(self._at.columns.text,) if self._at.columns else (),
            place=self._place(f"“{label.rstrip(' :')}”" if short else f"row {self._at.counts.rows}"),
        )

    def _is_in_a_list(self, n: int) -> bool:
        """Whether a mark is a list's: "3.4 Staff must …" is a numbered paragraph, "J. Smith" and "5 staff" are text."""
        block = self._found[n]
        if not numbering.is_number(block.marker):
            return True
        if numbering.is_long(block.marker):
            return False
        before = self._found[n - 1].marker if n else ""
        after = self._found[n + 1].marker if n + 1 < len(self._found) else ""
        goes_on = numbering.follows(before, block.marker) or numbering.follows(block.marker, after)
        if block.marker.isdecimal():
            return goes_on
        return goes_on or numbering.is_decimal(block.marker) or numbering.starts(block.marker)

    def _item(self, block: Block) -> _Piece:
        position = self._at.lists.take(block)
        counts = self._at.counts
        if numbering.is_number(block.marker):
            place = citing.item(block.marker)
        else:
            counts.bullets += position.depth == 0
            under = sum("bullet" in each for each in position.around)
            place = citing.bullet(counts.bullets if position.depth == 0 else position.number, under)
        self._at.lists.name(place)
        return _Piece(
            block=block,
            kind="bullet",
            headings=self._headings,
            lead_ins=position.lead_ins,
            place=self._place(*position.around, place),
            depth=position.depth,
        )

    def _opens(self, n: int) -> bool:
        """Whether a block is a paragraph that opens the list after it."""
        if n + 1 >= len(self._found) or self._found[n].kind == "row" or self._styles[n] or self._styles[n + 1]:
            return False
        in_list = self._found[n + 1].kind == "item" and self._is_in_a_list(n + 1)
        return in_list and sentences.opens_list(self._found[n].text)

    def _paragraph(self, n: int, block: Block) -> _Piece | None:
        opening = sentences.last_sentence(block.text) if self._opens(n) else ""
        lead_ins = self._at.lists.interrupt(block, opening)
        self._at.counts.paragraphs += 1
        if opening and sentences.is_bare_opening(block.text):
            return None
        if block.marker and not numbering.is_long(block.marker):
            block = replace(block, text=block.whole, marker="")  # what looked like a mark is the sentence's own
        place = citing.item(block.marker) if block.marker else f"{citing.ordinal(self._at.counts.paragraphs)} paragraph"
        return _Piece(
            block=block,
            kind="paragraph",
            headings=self._headings,
            lead_ins=lead_ins or (),
            place=self._place(place),
        )
