"""What is missing in a Slack workspace."""

import os
from pathlib import Path

import typer

from assistant.cli.shared import School, app, fail, line
from assistant.config import EXAMPLE_SCHOOL, load

slack_app = typer.Typer(help="The Slack app.", no_args_is_help=True)
app.add_typer(slack_app, name="slack")
MANIFEST = Path(__file__).parent.parent.parent / "deploy" / "slack" / "manifest.yaml"


@slack_app.command(epilog="Example: `SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… assistant slack check`")
def check(school: School = EXAMPLE_SCHOOL) -> None:
    """Say what is missing: tokens, scopes, people of the roster whom Slack doesn't know. Exit status 1 if anything is."""
    from slack_sdk.web.client import WebClient

    from assistant.chats.slack_check import wrong

    settings = load(school, os.environ)
    if settings.slack is None:
        fail("Slack is not configured: set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET.")
    client = WebClient(token=settings.slack.bot_token, base_url=settings.slack.api_url, timeout=15)
    problems = wrong(client, settings.slack.app_token, settings.schools.values(), MANIFEST.read_text("utf-8"))
    for problem in problems:
        line(problem)
    if not problems:
        line("Slack is all well. Commands and shortcuts can't be seen from here: they are those of the manifest.")
    raise typer.Exit(1 if problems else 0)
