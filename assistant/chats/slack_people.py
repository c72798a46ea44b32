"""Who a Slack user is on the rosters: by id, else by e-mail address; guests, bots and strangers are nobody."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.domain.people import Person
from assistant.domain.schools import School

log = logging.getLogger(__name__)
Body = Mapping[str, Any]  # what Slack sends
_REMEMBERED = 600  # seconds for which Slack's word on a user is good


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What Slack says of a user."""

    email: str
    team: str
    outside: bool  # a guest, a bot, a stranger from another workspace, or somebody deactivated


class SlackPeople:
    """Slack's users as people of the schools in the school file."""

    def __init__(self, client: AsyncWebClient, schools: Mapping[str, School]) -> None:
        self._client, self._schools = client, schools
        self._seen: dict[str, tuple[float, Profile]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def places(self, user: str, team: str) -> list[tuple[School, Person]]:
        """The schools that a user belongs to, and who they are there; none for whoever is to be refused.

        Raises SlackApiError when Slack can't say who it is and no roster names the user's id.
        """
        by_id = [(s, p) for s in self._schools.values() for p in s.roster if p.active and p.slack == user]
        try:
            profile = await self._profile(user)
        except (TimeoutError, SlackApiError, OSError):
            if by_id:  # the roster is the authority; Slack only adds what it knows against somebody
                return by_id
            raise
        if profile.outside or (team and profile.team and profile.team != team):
            return []
        if by_id or not profile.email:
            return by_id
        wanted = profile.email.casefold()
        return [
            (s, p)
            for s in self._schools.values()
            for p in s.roster
            if p.active and not p.slack and p.email.casefold() == wanted
        ]

    async def _profile(self, user: str) -> Profile:
        seen = self._seen.get(user)
        if seen and time.monotonic() - seen[0] < _REMEMBERED:
            return seen[1]
        async with self._asking.setdefault(user, asyncio.Lock()):
            seen = self._seen.get(user)
            if seen and time.monotonic() - seen[0] < _REMEMBERED:
                return seen[1]
            found = (await self._client.users_info(user=user))["user"]
            against = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_workflow_bot")
            profile = Profile(
                email=(found.get("profile") or {}).get("email") or "",
                team=found.get("team_id") or "",
                outside=any(found.get(flag) for flag in against),
            )
            self._seen[user] = (time.monotonic(), profile)
            return profile


def user_of(body: Body) -> str:
    """The id of whoever sent something."""
    user = body.get("user")
    if isinstance(user, Mapping):
        return str(user["id"])
    event = body.get("event") or {}
    return str(body.get("user_id") or user or event["user"])


def team_of(body: Body) -> str:
    """The id of the workspace that it came from."""
    team = body.get("team")
    return str(body.get("team_id") or (team.get("id") if isinstance(team, Mapping) else team) or "")


def code_of(error: Exception) -> str:
    """Slack's word for why, or what kind of error it is: never what was sent."""
    data = error.response.data if isinstance(error, SlackApiError) else {}
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    return code if code.replace("_", "").isalpha() else type(error).__name__


def complain(error: Exception) -> None:
    """Into the log, without its words."""
    log.error("Slack: %s", code_of(error))
