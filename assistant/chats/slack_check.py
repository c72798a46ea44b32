"""What a Slack workspace lacks, in sentences: tokens that don't work, scopes of the manifest, people it doesn't know."""

from collections.abc import Iterable

import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.web.client import WebClient

from assistant.chats.slack_people import code_of
from assistant.domain.schools import School


def wrong(client: WebClient, app_token: str, schools: Iterable[School], manifest: str) -> list[str]:
    """A line for each thing that is wrong. An error of Slack's is told by its code, never with a token."""
    try:
        found = client.auth_test()
    except (SlackApiError, OSError) as error:
        return [
            f"SLACK_BOT_TOKEN: Slack does not take it ({code_of(error)}). Install the app again and copy the token."
        ]
    problems = []
    wanted = yaml.safe_load(manifest)["oauth_config"]["scopes"]["bot"]
    granted = set(found.headers.get("x-oauth-scopes", found.headers.get("X-OAuth-Scopes", "")).split(","))
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        problems.append(f"Scopes are missing: {', '.join(missing)}. Add them and install the app again.")
    if app_token:
        try:
            client.apps_connections_open(app_token=app_token)
        except (SlackApiError, OSError) as error:
            problems.append(f"SLACK_APP_TOKEN: Socket Mode is refused ({code_of(error)}). It needs connections:write.")
    for school in schools:
        unknown = [p.name for p in school.roster if p.active and not p.slack and not _known(client, p.email)]
        if unknown:
            problems.append(
                f"{school.id}: Slack does not know {', '.join(unknown)} by their e-mail address; give their `slack` id."
            )
    return problems


def _known(client: WebClient, email: str) -> bool:
    try:
        return bool(email) and bool(client.users_lookupByEmail(email=email)["ok"])
    except (SlackApiError, OSError):
        return False
