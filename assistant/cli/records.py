"""Keys, the audit trail, retention, case files and their receipts."""

import csv
import os
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.markup import escape
from rich.table import Table

from assistant.cli.shared import One, School, app, fail, line, out, which_organisation
from assistant.config import EXAMPLE_SCHOOL, load

keys_app = typer.Typer(help="The keys that reports are sealed with.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit trail.", no_args_is_help=True)
concerns_app = typer.Typer(help="Case files.", no_args_is_help=True)
receipt_app = typer.Typer(help="Receipts for case files.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(audit_app, name="audit")
app.add_typer(concerns_app, name="concerns")
app.add_typer(receipt_app, name="receipt")


@keys_app.command("new", epilog="Example: `export ASSISTANT_KEYS=$(assistant keys new)`")
def keys_new() -> None:
    """Print a new sealing key. Keep a copy of it apart from the database: without it nothing can be read again."""
    from assistant.vault import new_key

    print(new_key())  # noqa: T201


@keys_app.command(
    "rotate", epilog="Example: `ASSISTANT_KEYS=$(assistant keys new),$ASSISTANT_KEYS assistant keys rotate`"
)
def keys_rotate(school: School = EXAMPLE_SCHOOL) -> None:
    """Seal everything with the newest key, the first of ASSISTANT_KEYS. The older ones are not needed after it."""
    from assistant.bootstrap import open_database

    settings = load(school, os.environ)
    count = open_database(settings, line).rotate()
    line(f"{count} data keys are now sealed with the newest key. Backups made before still need the older ones.")


@audit_app.command("verify", epilog="Example: `assistant audit verify --contains 3f9c…`")
def audit_verify(
    school: School = EXAMPLE_SCHOOL,
    contains: Annotated[
        str, typer.Option(help="A head that was noted down earlier and must still be in the trail.")
    ] = "",
) -> None:
    """Walk the audit trail from its first entry and compare the reports with it.

    Exit status 1, naming the first broken link and each report that somebody has changed, when it isn't whole.
    """
    from assistant.bootstrap import open_database
    from assistant.screens.notices import at_odds

    with open_database(load(school, os.environ), line).begin() as transaction:
        found, odds = transaction.audit.verify(contains), transaction.concerns.at_odds()
    for reference, how in odds:
        line(at_odds(reference, how))
    if found.broken_at is not None:
        line(f"The trail is broken at entry {found.broken_at}: the {found.entries} before it are sound.")
    if odds or found.broken_at is not None:
        raise typer.Exit(1)
    line(f"All {found.entries} entries are sound. Note the head down elsewhere to check it against later:")
    print(found.head)  # noqa: T201


@app.command(epilog="Example: `assistant retention --apply`")
def retention(
    school: School = EXAMPLE_SCHOOL,
    organisation: One = None,
    apply: Annotated[bool, typer.Option("--apply", help="Delete what is due, after asking.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Show what becomes of each report, and of each account that is over; with --apply, delete what is due."""
    from assistant.bootstrap import SystemClock, open_database
    from assistant.domain.retention import Retention, Verdict
    from assistant.handlers.records import delete_due, what_is_kept
    from assistant.handlers.register import delete_over, over

    settings = load(school, os.environ)
    database, clock, due = open_database(settings, line), SystemClock(), 0
    begin, now = database.begin, clock.now()
    wanted = [which_organisation(settings, organisation)] if organisation else list(settings.organisations)
    for id_ in wanted:
        one = settings.schools[id_]
        kept = what_is_kept(one, begin=begin, clock=clock, actor="")
        for account in over(school=one, begin=begin):
            verdict = Verdict.DELETE if account.due <= now else Verdict.WAITING_ACCOUNT
            kept.append((account.reference, Retention(verdict=verdict, due=account.due)))
        for reference, found in kept:
            when = f"  {found.due:%d %b %Y}" if found.due else ""
            out.print(f"{escape(id_)}  {reference}  {found.verdict}{when}", highlight=False)
        due += sum(found.verdict is Verdict.DELETE for _, found in kept)
        if not kept:
            line(f"{one.name}: nothing is kept.")
    if not apply:
        if due:
            line(f"{due} may be deleted: assistant retention --apply")
        return
    if due and not yes:
        typer.confirm(f"Delete {due}? They can't be brought back.", abort=True, err=True)
    for id_ in wanted:
        one = settings.schools[id_]
        gone = delete_due(one, begin=begin, clock=clock, actor="")
        for reference in gone + delete_over(school=one, begin=begin, clock=clock, actor=""):
            line(f"Deleted {reference}.")


@app.command(epilog="Example: `assistant accounts --csv > register.csv`")
def accounts(
    school: School = EXAMPLE_SCHOOL,
    organisation: One = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As comma-separated values.")] = False,
) -> None:
    """The register of social-media accounts."""
    from assistant.bootstrap import SystemClock, open_database
    from assistant.handlers.register import the_register
    from assistant.screens.register import COLUMNS, row

    settings = load(school, os.environ)
    database, clock, rows = open_database(settings, line), SystemClock(), []
    for id_ in [which_organisation(settings, organisation)] if organisation else settings.organisations:
        one = settings.schools[id_]
        found = the_register(one, begin=database.begin, clock=clock, actor="")
        rows += [row(account, one) for account in found]
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    elif not rows:
        line("There are no accounts on the register yet. One that is created after its approval appears here.")
    else:
        table = Table(*COLUMNS)
        for cells in rows:
            table.add_row(*map(escape, cells))
        out.print(table)


@concerns_app.command("export", epilog="Example: `assistant concerns export C-7KQ2M9XW --code 4H7TQ2MX9P`")
def concerns_export(
    reference: Annotated[str, typer.Argument(help="The report's reference.")],
    code: Annotated[str, typer.Option(help="The code that somebody entitled to the report gets beside it.")],
    school: School = EXAMPLE_SCHOOL,
    organisation: One = None,
    to: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
) -> None:
    """Write a report's case file (PDF) and its receipt, with the code of somebody entitled to it.

    Whoever runs this command need not be entitled: the code, good for a quarter of an hour, shows that somebody who is wants it.
    """
    from assistant import bootstrap
    from assistant.domain.errors import NothingHere
    from assistant.handlers.records import export, whose_code

    settings = load(school, os.environ)
    one = settings.schools[which_organisation(settings, organisation)]
    database, clock = bootstrap.open_database(settings, line), bootstrap.SystemClock()
    person = whose_code(code, reference, one, database.code_key, clock.now())
    if person is None:
        fail(NothingHere.__doc__ or "")
    name = reference.strip().upper()
    paths = (to / f"{name}.pdf", to / f"{name}-receipt.json")
    for path in paths:  # before it is kept that the file was made
        if os.path.lexists(path):
            fail(_taken(path))
    render, sign = bootstrap.case_files(database)
    made = export(reference, person, school=one, begin=database.begin, clock=clock, render=render, sign=sign)
    for path, content in zip(paths, (made.pdf, made.receipt), strict=True):
        with _new(path) as file:
            file.write(content)
        line(f"Wrote {path}.")


def _new(path: Path) -> BinaryIO:
    """A file that wasn't there before and that only its owner can read: one that is there may be anyone's, or a link."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        fail(_taken(path))


def _taken(path: Path) -> str:
    return f"{path} is there already; nothing was written over it. Move it away, or choose another folder with --to."


@receipt_app.command("verify", epilog="Example: `assistant receipt verify C-7KQ2M9XW-receipt.json C-7KQ2M9XW.pdf`")
def receipt_verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt.")],
    pdf: Annotated[Path | None, typer.Argument(help="The case file, to check that it is the one.")] = None,
    key: Annotated[str, typer.Option(help="The fingerprint that `assistant receipt key` prints at the school.")] = "",
) -> None:
    """Check a receipt, and the case file if given, without the database. Exit status 1 when it proves nothing."""
    from assistant.receipts import BadReceipt, verify

    try:
        found = verify(receipt.read_bytes(), pdf.read_bytes() if pdf else None, key)
    except BadReceipt as reason:
        line(f"Not proved: {reason}.")
        raise typer.Exit(1) from None
    what = "The case file" if pdf else "A case file"
    line(f"{what} of {found.reference} was made at {found.school} on {found.made_at}; signed by the key {found.key}.")


@receipt_app.command("key", epilog="Example: `assistant receipt key`")
def receipt_key(school: School = EXAMPLE_SCHOOL) -> None:
    """Print the fingerprint of the key that signs this school's receipts."""
    from assistant.bootstrap import open_database
    from assistant.receipts import fingerprint, public_key

    print(fingerprint(public_key(open_database(load(school, os.environ), line).signing_key)))  # noqa: T201
