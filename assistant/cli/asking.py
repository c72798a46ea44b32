"""Answer: ask, index, questions."""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from assistant.cli.shared import (
    AsJson,
    One,
    School,
    app,
    fail,
    line,
    out,
    ready,
    the_assistant,
    update_index,
    which_organisation,
)
from assistant.config import EXAMPLE_SCHOOL, Settings, load
from assistant.domain.answers import Answer, Declined
from assistant.domain.routing import Desk
from assistant.domain.wording import Sentence


@app.command(epilog="Example: `assistant ask 'can I text a pupil?' --organisation oakfield`")
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in everyday words.")] = None,
    school: School = EXAMPLE_SCHOOL,
    organisation: One = None,
    as_json: AsJson = False,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A past day, 2025-05-31: what the policies said then."),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(help='JSON lines in, {"id","organisation","question"}; JSON lines out. `-` reads stdin.'),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Have this language model word the answer, provider:model, instead of MODEL's. Sends it the question."
        ),
    ] = None,
) -> None:
    """Answer a question, or with --batch many, from the policies of one organisation."""
    if model is not None and (as_json or batch is not None):
        fail("A model words answers for people to read: leave out --model, or --json and --batch.")
    # Machines get the clauses alone: no model is even set up for them.
    chosen = "" if as_json or batch is not None else os.environ.get("MODEL", "") if model is None else model
    settings = load(school, {**os.environ, "MODEL": chosen})
    if (question is None) == (batch is None):
        fail("Give a question, or --batch with a file of them. `assistant ask --help` has an example.")
    assistant = ready(settings)
    if batch is not None:
        for row in _rows(batch, settings):
            started = time.perf_counter()
            desk, found = _found(assistant, row["organisation"], row["question"])
            took = round((time.perf_counter() - started) * 1000, 1)
            print(json.dumps(_as_row(row["id"], desk, found, took), ensure_ascii=False))  # noqa: T201
        return
    from assistant.chats.terminal import show
    from assistant.screens.emergency import disclosure

    which = which_organisation(settings, organisation)
    started = time.perf_counter()
    desk, found = _found(assistant, which, question or "", on.date() if on else None)
    if as_json:
        took = round((time.perf_counter() - started) * 1000, 1)
        print(json.dumps(_as_row(None, desk, found, took), ensure_ascii=False))  # noqa: T201
        raise typer.Exit(0 if isinstance(found, Answer) else 1)
    if desk is not Desk.POLICY:
        show(out, disclosure(desk, settings.schools[which], settings.schools[which].safeguarding_team))
    if found:
        _print_answer(settings, which, found, _worded(assistant, which, question or "", found))
    raise typer.Exit(0 if isinstance(found, Answer) else 1)


def _found(
    assistant: Any, organisation: str, question: str, on: date | None = None
) -> tuple[Desk, Answer | Declined | None]:
    """The desk that a question belongs to, and the answer: None for what reads like a concern, which is not searched."""
    from assistant.handlers.questions import answer_question

    desk: Desk = assistant.desk(question)
    if not desk.answers:
        return desk, None
    return desk, answer_question(organisation, question, clauses=assistant.search, clock=assistant.clock, on=on)


def _worded(assistant: Any, organisation: str, question: str, found: Answer | Declined) -> tuple[Sentence, ...]:
    """The answer in a model's words, where one is asked for; what came of it is said on stderr."""
    from assistant.domain.routing import desk_for
    from assistant.handlers.wording import patience, word

    model = assistant.model
    likely_policy = assistant.desk(question) is Desk.POLICY and desk_for(question) is Desk.POLICY
    if model is None or not isinstance(found, Answer) or not likely_policy:
        return ()
    said = word(organisation, question, found, clauses=assistant.search, model=model, until=patience())
    why = f"; it failed: {', '.join(model.tally.failed)}" if model.tally.failed else ""
    line(f"The model's sentences: {model.tally.kept} kept, {model.tally.dropped} dropped{why}.")
    return said


def _as_row(row_id: Any, desk: Desk, found: Answer | Declined | None, took: float) -> dict[str, Any]:
    quotes = found.quotes if isinstance(found, Answer) else ()
    row: dict[str, Any] = {} if row_id is None else {"id": row_id}
    return row | {
        "answered": isinstance(found, Answer),
        "quotes": [
            {"text": q.text, "citation": q.citation, "clause_id": q.clause_id, "policy": q.policy_title} for q in quotes
        ],
        "suggests_report": desk is not Desk.POLICY,
        "ms": took,
    }


def _print_answer(
    settings: Settings, organisation: str, found: Answer | Declined, worded: tuple[Sentence, ...]
) -> None:
    from assistant.chats.terminal import show
    from assistant.domain.people import whom_to_ask
    from assistant.screens import answers as screens

    contact = whom_to_ask(settings.schools[organisation].roster)
    show(out, screens.answer("", found, worded) if isinstance(found, Answer) else screens.declined("", found, contact))


def _rows(batch: Path, settings: Settings) -> Iterator[dict[str, str]]:
    """The batch's rows, all checked before the first is answered."""
    text = sys.stdin.read() if str(batch) == "-" else batch.read_text("utf-8-sig")
    rows: list[dict[str, str]] = []
    for number, text_line in enumerate(text.splitlines(), 1):
        if not text_line.strip():
            continue
        try:
            row = json.loads(text_line)
            row = {key: row[key] for key in ("id", "organisation", "question")}
        except (json.JSONDecodeError, KeyError, TypeError):
            fail(f'{batch}, line {number}: must be {{"id", "organisation", "question"}} in JSON.')
        if row["organisation"] not in settings.organisations:
            fail(f"{batch}, line {number}: its organisation is not in the school file.")
        if not isinstance(row["question"], str) or not row["question"].strip():
            fail(f"{batch}, line {number}: its question is empty.")
        rows.append(row)
    return iter(rows)


@app.command(epilog="Example: `assistant index --school school.yaml`")
def index(school: School = EXAMPLE_SCHOOL, as_json: AsJson = False) -> None:
    """Bring the index up to date and report what changed, file by file."""
    assistant = the_assistant(load(school, os.environ))
    reports = update_index(assistant, fetch=True)
    if as_json:
        for report in reports:
            print(json.dumps(asdict(report), default=str, ensure_ascii=False))  # noqa: T201
        return
    for report in reports:
        said = [
            f"{len(names)} {kind}"
            for kind in ("added", "changed", "removed", "unchanged")
            if (names := getattr(report, kind))
        ]
        out.print(
            f"[bold]{escape(report.organisation)}[/]: {', '.join(said) or 'no documents'}; {report.clauses} clauses",
            highlight=False,
        )
        for kind in ("added", "changed", "removed"):
            for name in getattr(report, kind):
                out.print(f"  {kind} {escape(name)}", highlight=False)


@app.command(epilog="Example: `assistant questions --organisation oakfield`")
def questions(school: School = EXAMPLE_SCHOOL, organisation: One = None, as_json: AsJson = False) -> None:
    """List what was declined or did not help, newest first: what the policies don't say."""
    from assistant.bootstrap import engine
    from assistant.storage.feedback import FeedbackTable

    settings = load(school, os.environ)
    if organisation is not None:
        which_organisation(settings, organisation)
    found = [
        f for f in FeedbackTable(engine(settings)).unanswered(organisation) if f.organisation in settings.organisations
    ]
    if as_json:
        for given in found:
            print(json.dumps(asdict(given), default=str, ensure_ascii=False))  # noqa: T201
        return
    if not found:
        line("Nothing yet. Questions come here when somebody presses “This did not help” or “Tell the policy owner”.")
    for given in found:
        when = given.given_at.astimezone(settings.organisations[given.organisation].zone)
        out.print(
            f"[dim]{when:%d %b %Y %H:%M}  {escape(given.organisation)}  {given.verdict}[/]\n{escape(given.question)}",
            highlight=False,
        )
        for citation in given.citations:
            out.print(f"  [dim]{escape(citation)}[/]", highlight=False)
