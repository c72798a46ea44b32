"""The invented policies' questions say what is true of them: each piece of evidence stands on a line of its policy."""

import json
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent / "corpus"
KINDS = {"paraphrase", "scenario", "procedure", "lexical", "fact", "unanswerable"}


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_the_evidence_stands_in_the_policy(file: Path) -> None:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    lines = file.with_suffix(".txt").read_text("utf-8").splitlines()
    assert len({row["id"] for row in rows}) == len(rows) >= 50
    for row in rows:
        assert row["organisation"] == file.stem
        assert row["kind"] in KINDS
        assert row.get("concern", False) in (True, False, None)
        assert bool(row["evidence"]) == row["answerable"] == (row["kind"] != "unanswerable")
        for span in (span for group in row["evidence"] for span in group):
            assert any(span in line for line in lines), (row["id"], span)
