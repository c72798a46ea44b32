"""What the commands share: the application, its options, messages, progress."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from assistant.config import NotConfigured, Settings
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
            line(f"Not configured: {problem}")
        sys.exit(2)
    except AssistantError as error:
        fail(type(error).__doc__ or "Something went wrong.")
    except (OSError, ImportError, ValueError) as error:
        if os.environ.get("ASSISTANT_TRACEBACK"):
            raise
        if isinstance(error, ValidationError):  # it quotes what was to be checked
            fail("Something that is kept could not be read. Run `assistant check`.")
        fail(f"{type(error).__name__}: {error}. Set ASSISTANT_TRACEBACK=1 to see where.")
    except Exception as error:
        # An error's words may hold what somebody wrote; its kind can't.
        if os.environ.get("ASSISTANT_TRACEBACK"):
            raise
        fail(f"{type(error).__name__}. Set ASSISTANT_TRACEBACK=1 to see where; don't send what it prints to anyone.")


def line(text: str) -> None:
    """A line on stderr."""
    err.print(escape(text), soft_wrap=True, highlight=False)


def fail(text: str) -> NoReturn:
    """A line on stderr, and exit status 2."""
    line(text)
    sys.exit(2)


def which_organisation(settings: Settings, organisation: str | None) -> str:
    """The organisation that is meant, or a failure that lists them."""
    known = list(settings.organisations)
    if organisation is None and len(known) == 1:
        return known[0]
    if organisation not in known:
        fail(f"Say which organisation: --organisation with one of {', '.join(known)}.")
    return organisation


def the_assistant(settings: Settings) -> Any:
    """The assistant, its notice said."""
    from assistant import bootstrap

    assistant = bootstrap.build(settings)
    if assistant.notice:
        line(assistant.notice)
    return assistant


def ready(settings: Settings) -> Any:
    """The assistant with its index up to date."""
    assistant = the_assistant(settings)
    update_index(assistant)
    return assistant


def update_index(assistant: Any, *, fetch: bool = False) -> list[Any]:
    """Bring the index up to date, with `fetch` from its sources too, saying what was refused. Stopped by Ctrl+C, it goes on the next time."""
    try:
        with _progress() as (advance, reading):
            reports: list[Any] = assistant.update_index(advance, reading, fetch=fetch)
    except KeyboardInterrupt:
        fail("Stopped. What was in force still is; what has been read is kept, and the next run goes on from there.")
    for report in reports:
        for refusal in report.refused:
            line(f"Refused for {report.organisation}: {refusal.reason}")
    return reports


@contextmanager
def _progress() -> Iterator[Any]:
    """A bar on stderr, shown only while something is read or embedded: what advances it, and what hears of each file."""
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

    def reading(organisation: str, path: Any) -> None:
        if organisation not in files:
            bar.start()
            files[organisation] = bar.add_task(organisation, total=None)
        bar.update(files[organisation], description=f"{organisation}: reading {path.name}", advance=1)

    files: dict[str, Any] = {}
    try:
        yield advance, reading
    finally:
        if tasks or files:
            bar.stop()
