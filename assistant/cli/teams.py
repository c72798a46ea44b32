"""The Teams app's package."""

import os
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.shared import One, School, app, fail, line, which_organisation
from assistant.config import EXAMPLE_SCHOOL, load

teams_app = typer.Typer(help="The Teams app.", no_args_is_help=True)
app.add_typer(teams_app, name="teams")


@teams_app.callback()
def _group() -> None:
    """The Teams app."""


@teams_app.command(epilog="Example: `assistant teams package --website https://school.example --to teams.zip`")
def package(
    website: Annotated[str, typer.Option(help="The school's website, for the links that Teams asks for.")],
    school: School = EXAMPLE_SCHOOL,
    organisation: One = None,
    to: Annotated[Path, typer.Option(help="The zip to write.")] = Path("policy-assistant-teams.zip"),
) -> None:
    """Write the app's zip, to be uploaded in the Teams admin centre. TEAMS_APP_ID is the bot's app id."""
    from assistant.chats.teams_package import package as made

    settings = load(school, os.environ)
    if settings.teams is None or not settings.teams.app_id:
        fail("Nothing was written: set TEAMS_APP_ID to the app id of the Azure Bot (README says how to get one).")
    if not website.startswith("https://"):
        fail("Nothing was written: the website must begin with https://")
    one = settings.organisations[which_organisation(settings, organisation)]
    to.write_bytes(made(settings.teams.app_id, one.name, website))
    line(f"Wrote {to}. Upload it in the Teams admin centre, under Teams apps, Manage apps.")
