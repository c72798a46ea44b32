"""Look after the policies: policies, changes, read, clauses."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from assistant.cli.shared import AsJson, One, School, app, fail, line, out, ready, which_organisation
from assistant.config import EXAMPLE_SCHOOL, load

Document = Annotated[Path, typer.Argument(help="A policy document.")]


@app.command(epilog="Example: `assistant policies --organisation oakfield`")
def policies(school: School = EXAMPLE_SCHOOL, organisation: One = None, as_json: AsJson = False) -> None:
    """List every policy: since when it is in force, its review, owner, clauses, earlier versions, doubts in reading it."""
    from assistant.screens.library import shelves, span

    settings = load(school, os.environ)
    assistant = ready(settings)
    for name in [which_organisation(settings, organisation)] if organisation else list(settings.organisations):
        found = shelves(assistant.search.versions(name), assistant.clock.today())
        if as_json:
            for shelf in found:
                print(json.dumps(_row(name, shelf), default=str, ensure_ascii=False))  # noqa: T201
            continue
        out.print(f"[bold]{escape(settings.organisations[name].name)}[/]", highlight=False)
        if not found:
            line("No policies are indexed. Put them where the school file's `policies` says.")
        for shelf in found:
            policy = shelf.policy
            review = policy.next_review.text if policy.next_review else "not given"
            late = " [red]overdue[/]" if shelf.overdue else ""
            out.print(
                f"\n{escape(policy.title)}  [dim]{escape(policy.file)}[/]\n"
                f"  in force {escape(shelf.in_force)}; next review {escape(review)}{late}; "
                f"owner {escape(policy.owner or 'not given')}; {len(policy.clauses)} clauses",
                highlight=False,
            )
            for version in shelf.past:
                out.print(f"  before: {escape(version.file)}, in force {span(version)}", highlight=False)
            for doubt in policy.warnings:
                out.print(f"  [yellow]look:[/] {escape(doubt)}", highlight=False)


def _row(organisation: str, shelf: Any) -> dict[str, Any]:
    policy = shelf.policy
    return {
        "organisation": organisation,
        "policy": policy.id,
        "title": policy.title,
        "file": policy.file,
        "since": policy.since,
        "next_review": policy.next_review.text if policy.next_review else None,
        "overdue": shelf.overdue,
        "owner": policy.owner,
        "clauses": len(policy.clauses),
        "superseded": [{"file": v.file, "since": v.since, "until": v.until} for v in shelf.past],
        "warnings": policy.warnings,
    }


@app.command(epilog="Example: `assistant changes social-media-policy-2024.docx social-media-policy-2025.docx`")
def changes(old: Document, new: Document, as_json: AsJson = False) -> None:
    """Show what changed from one document to another, clause by clause."""
    from assistant.screens.library import told
    from index import versions

    found = versions.changes(_parsed(old), _parsed(new))
    for change in found:
        if as_json:
            row = {"kind": change.kind, "before": change.before and change.before.text}
            row["after"] = change.after and change.after.text
            print(json.dumps(row, ensure_ascii=False))  # noqa: T201
        else:
            out.print(f"\n{escape(told(change))}", highlight=False)
    if not found:
        line("No clause differs.")


@app.command(epilog="Example: `assistant read policies/behaviour.docx`")
def read(file: Document) -> None:
    """Show what was understood of a document as a tree: its headings, lists and clauses, with what to look at."""
    from rich.tree import Tree

    policy = _parsed(file)
    review = policy.next_review.text if policy.next_review else "not found"
    top = Tree(
        f"[bold]{escape(policy.title)}[/]  next review: {escape(review)}; owner: {escape(policy.owner or 'not found')}"
    )
    places: dict[tuple[str, ...], Tree] = {(): top}
    for clause in policy.clauses:
        for depth in range(1, len(clause.path) + 1):
            path = clause.path[:depth]
            if path not in places:
                opening = depth > len(clause.headings)
                label = f"[italic]{escape(path[-1])}[/]" if opening else f"[bold]{escape(path[-1])}[/]"
                places[path] = places[path[:-1]].add(label)
        places[clause.path].add(escape(f"{clause.marker} {clause.text}".strip()))
    out.print(top, highlight=False)
    for doubt in policy.warnings:
        line(f"Look: {doubt}")


@app.command(epilog="Example: `assistant clauses policies/social-media.md --json`")
def clauses(
    file: Document,
    as_json: AsJson = False,
) -> None:
    """Show a document's clauses with their citations, as the assistant reads it."""
    policy = _parsed(file)
    if not as_json:
        review = policy.next_review.text if policy.next_review else "not found"
        out.print(f"[bold]{escape(policy.title)}[/]  next review: {escape(review)}", highlight=False)
    for clause in policy.clauses:
        if as_json:
            row = {"clause_id": clause.id, "path": clause.path, "text": clause.text, "citation": clause.citation}
            print(json.dumps(row, ensure_ascii=False))  # noqa: T201
        else:
            out.print(f"\n[dim]{escape(clause.citation)}[/]\n{escape(clause.text)}", highlight=False)


def _parsed(file: Path) -> Any:
    """A document's policy with its warnings, or a failure that says why it can't be read."""
    from dataclasses import replace

    from index.documents import Unreadable
    from index.doubts import doubts
    from index.parsing import parse
    from index.safely import read_safely

    try:
        document = read_safely(file)
    except Unreadable as reason:
        fail(str(reason))
    policy = parse(document)
    return replace(policy, warnings=doubts(document, policy))
