"""Score how policies are read when they come as Word, PDF, ODT and HTML files in layouts that schools use.

    python -m tests.rendered SHARED_FOLDER [--format docx|pdf|odt|html|doc|rtf] [--layout NAME] [--verbose] [--keep FOLDER]

SHARED_FOLDER holds policies/*.txt, eval/gold_clauses/*.jsonl (their clause trees drawn by hand) and
eval/score_clauses.py. LibreOffice sets every policy in every layout, the product reads it back, and each reading is
scored against the tree drawn by hand. Exits with 1 where less than 0.95 of the clauses are found or 0.92 of those
found are under the right heading. What is rendered goes to a temporary folder, or to the one that --keep names.

Layouts: `styles` (headings by style, automatic numbers and bullets), `manual` (headings in bold and large, numbers and
bullets typed), `columns` (the body in two columns), `tables` (details and roles in tables).
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from index import numbering
from index.documents import Unreadable, read
from index.parsing import parse
from tests.flat_odt import LAYOUTS, Piece, flat_odt

FORMATS = ("docx", "pdf", "odt", "html")
LEAST_FOUND, LEAST_PLACED = 0.95, 0.92


def main() -> int:
    options = _options()
    if shutil.which("soffice") is None:
        sys.exit("LibreOffice is not installed, and nothing else here sets policies as schools do.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        golds = sorted((options.shared / "eval" / "gold_clauses").glob("*.jsonl"))
        for layout in options.layouts:
            for gold in golds:
                pieces = pieces_of(options.shared / "policies" / f"{gold.stem}.txt", gold)
                (folder / f"{gold.stem}.{layout}.fodt").write_text(flat_odt(pieces, layout), "utf-8")
        sources = [folder / f"{gold.stem}.{layout}.fodt" for layout in options.layouts for gold in golds]
        good = True
        print(f"{'policy':<18}{'format':<8}{'layout':<10}{'found':>8}{'placed':>8}{'extra':>8}")
        for ending in options.formats:
            convert(sources, ending, folder, Path(temporary) / "profile")
            for gold in golds:
                for layout in options.layouts:
                    file = folder / f"{gold.stem}.{layout}.{ending}"
                    found, placed, extra, misses = score(file, gold, options.shared)
                    good &= found >= LEAST_FOUND and placed >= LEAST_PLACED
                    print(f"{gold.stem:<18}{ending:<8}{layout:<10}{found:>8.3f}{placed:>8.3f}{extra:>8}", flush=True)
                    print("".join(f"    {miss}\n" for miss in misses if options.verbose), end="")
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--format", dest="formats", choices=(*FORMATS, "doc", "rtf"), action="append")
    parser.add_argument("--layout", dest="layouts", choices=LAYOUTS, action="append")
    parser.add_argument("--verbose", action="store_true", help="say which clauses are not found, misplaced or extra")
    parser.add_argument("--keep", type=Path, help="a folder to keep what is rendered in, outside the repository")
    options = parser.parse_args()
    options.formats = options.formats or FORMATS
    options.layouts = options.layouts or LAYOUTS
    return options


def convert(sources: Sequence[Path], ending: str, folder: Path, profile: Path) -> None:
    """Have LibreOffice save files in another format beside them, all in one run."""
    command = ["soffice", "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", ending]
    done = subprocess.run(
        [*command, "--outdir", str(folder), *map(str, sources)], capture_output=True, text=True, timeout=600
    )
    missing = [source.name for source in sources if not source.with_suffix(f".{ending}").exists()]
    if missing:
        sys.exit(f"LibreOffice made no {ending} of {', '.join(missing)}: {done.stderr.strip() or done.stdout.strip()}")


def score(file: Path, gold: Path, shared: Path) -> tuple[float, float, int, list[str]]:
    """The shares of clauses found and placed, the clauses that are none, and a line for each that went wrong."""
    try:
        clauses = parse(read(file)).clauses
    except Unreadable as reason:
        return 0.0, 0.0, 0, [str(reason)]
    except Exception as fault:  # a reader's; the other files are still to be scored
        return 0.0, 0.0, 0, [f"{file.name}: {fault!r}"]
    rows = [
        {"path": c.path, "text": f"{c.marker} {c.text}" if numbering.is_number(c.marker) else c.text} for c in clauses
    ]
    read_back = file.with_name(f"{file.name}.jsonl")
    read_back.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    scorer = [sys.executable, str(shared / "eval" / "score_clauses.py"), str(gold), str(read_back)]
    *misses, figures = subprocess.run(scorer, capture_output=True, text=True, check=True).stdout.splitlines()
    _, found, _, placed, _, extra = figures.split()
    return float(found), float(placed), int(extra), misses


# --- a policy as what is to be set ----------------------------------------------------------------------------------


def pieces_of(text: Path, gold: Path) -> list[Piece]:
    """A policy's front as its text has it, and its body as its tree has it."""
    clauses = [json.loads(line) for line in gold.read_text("utf-8").splitlines() if line.strip()]
    body = [clause for clause in clauses if clause["kind"] != "table"]
    headings = {_key(clause["path"][0]) for clause in body if clause["path"]}
    front = list(_front(text.read_text("utf-8"), body[0], headings))
    return [*front, *_body(body, {_key(piece.text) for piece in front})]


def _key(text: str) -> str:
    return " ".join(re.sub(r"[*_#’‘']", "", text).casefold().split()).strip(" :-")


def _printed(text: str) -> str:
    return " ".join(re.sub(r"\*\*|^#+\s", "", text).split())


def _front(text: str, first: dict[str, str], headings: set[str]) -> Iterator[Piece]:
    rows = [row for row in text.splitlines() if row.strip()]
    start = _key(first["text"])[:50]
    end = next(n for n, row in enumerate(rows) if _key(row).startswith(start))
    while end and _key(rows[end - 1]) in {_key(part) for part in first["path"]} - {_key(row) for row in rows[:3]}:
        end -= 1
    for row in map(str.strip, rows[:end]):
        label, parted, value = map(_printed, row.partition("\t" if "\t" in row else ": "))
        if value:
            yield Piece(kind="detail", text=f"{label}{parted.strip()}\t{value}")
        else:
            title = len(label.split()) <= 8 and _key(label).endswith("policy")
            yield Piece(kind="title" if title else "heading" if _key(label) in headings else "front", text=label)


def _body(clauses: Sequence[dict[str, str]], printed_at_front: set[str]) -> Iterator[Piece]:
    before: list[str] = []
    depths: dict[str, int] = {}  # of the clauses since the last heading, by their keys
    openings: dict[str, int] = {}  # of the lead-ins that are in force: how deep the list that they open is
    for clause in clauses:
        path = [part for n, part in enumerate(clause["path"]) if n or _key(part) not in printed_at_front]
        for n, part in enumerate(path):
            if path[: n + 1] == before[: n + 1]:
                continue
            over = next((depth for key, depth in depths.items() if key.endswith(_key(part))), None)
            if over is not None:
                openings[part] = over + 1
            elif part.endswith(":") and n == len(path) - 1 and clause["kind"] == "bullet" and not part[0].isdigit():
                openings[part] = 0
                yield Piece(kind="paragraph", text=_printed(part))
            else:
                depths, level = {}, 1 + sum(each not in openings for each in path[:n])
                yield Piece(kind="heading", text=_printed(part), depth=level)
        before = path
        deep = max((openings[part] for part in path if part in openings), default=0)
        depth = deep if clause["kind"] == "bullet" else -1
        depths[_key(clause["text"])] = depth
        yield Piece(
            kind="item" if clause["kind"] == "bullet" else "paragraph", text=_printed(clause["text"]), depth=depth
        )


if __name__ == "__main__":
    sys.exit(main())
