"""The school file and the environment become frozen Settings; every problem is said at once, by key, never by value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import ValidationError

from assistant import vault
from assistant.certificate import BadCertificate, Certificate, read_certificate
from assistant.domain.schools import School
from assistant.school_file import Organisation, SchoolFile
from assistant.sources import Credential, credential

EXAMPLE_SCHOOL = Path(__file__).parent.parent / "deploy" / "example-school" / "school.yaml"


class NotConfigured(Exception):
    """The school file or the environment is wrong. `problems` has a line for each, naming the key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True, slots=True)
class Slack:
    """How to reach Slack."""

    bot_token: str
    signing_secret: str
    app_token: str  # "" for HTTP instead of Socket Mode
    api_url: str

    def __repr__(self) -> str:
        return "Slack()"  # never a token


@dataclass(frozen=True, kw_only=True, slots=True)
class Teams:
    """How to reach Teams. Without an app id, which is for a try-out on this machine, no token is checked."""

    app_id: str = ""
    app_password: str = ""
    tenant_id: str = ""
    app_type: str = "SingleTenant"
    certificate: Certificate | None = None  # instead of a password

    def __repr__(self) -> str:
        return "Teams()"  # never a password


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All that the assistant is told: organisations by id, where to keep things, which services to use."""

    school_file: Path
    organisations: Mapping[str, Organisation]
    data: Path
    database_url: str
    chroma_url: str
    embeddings: str  # "provider:model", "" for the model on this machine
    model: str  # a chat model that words answers, "provider:model", "" for none
    keys: str  # ASSISTANT_KEYS, checked; "" when the staff room is to make its own
    smtp_url: str  # "" for no e-mail
    slack: Slack | None = None
    teams: Teams | None = None
    sharepoint: Credential | None = None

    @property
    def schools(self) -> dict[str, School]:
        """The organisations as the rules know them, by id."""
        return {id_: organisation.school for id_, organisation in self.organisations.items()}

    def __repr__(self) -> str:
        return f"Settings({self.school_file})"  # never a key or a password


def load(school_file: Path, environment: Mapping[str, str]) -> Settings:
    """Settings from a school file and the environment. Raises NotConfigured with all that is wrong."""
    problems: list[str] = []
    organisations = _organisations(school_file, problems)
    data = Path(environment.get("ASSISTANT_DATA") or ".data").absolute()
    chroma_url = environment.get("CHROMA_URL", "")
    if chroma_url and not re.match(r"https?://[^/\s]+", chroma_url):
        problems.append("CHROMA_URL: must begin with http:// or https:// and name a host")
    embeddings = environment.get("EMBEDDINGS", "")
    if embeddings and ":" not in embeddings:
        problems.append("EMBEDDINGS: must be provider:model, for example openai:text-embedding-3-small")
    model = environment.get("MODEL", "")
    if model and not re.fullmatch(r"[a-z][a-z0-9_]*:\S+", model):
        problems.append(
            "MODEL: must be provider:model as langchain names them, for example openai:MODEL or ollama:MODEL"
        )
    keys = environment.get("ASSISTANT_KEYS", "")
    if keys:
        try:
            vault.parse_keys(keys)
        except vault.BadKeys as error:
            problems.append(f"ASSISTANT_KEYS: {error}")
    database_url = environment.get("DATABASE_URL", "")
    if database_url and not re.match(r"(sqlite|postgresql(\+psycopg)?)://", database_url):
        problems.append("DATABASE_URL: must begin with sqlite:// or postgresql://")
    smtp_url = environment.get("SMTP_URL", "")
    if smtp_url and not (urlsplit(smtp_url).scheme in ("smtp", "smtps") and urlsplit(smtp_url).hostname):
        problems.append("SMTP_URL: must be smtp://host:port or smtps://user:password@host:port, with ?from=address")
    slack, teams = _slack(environment, problems), _teams(environment, problems)
    sharepoint = credential(environment, problems, _certificate(environment, "SHAREPOINT_CERTIFICATE", problems))
    if sharepoint is None and any(part.kind == "sharepoint" for o in organisations for part in o.sources):
        problems.append(
            "SHAREPOINT_APP_ID: is missing; `sources` in the school file names a SharePoint site or a OneDrive"
        )
    if problems:
        raise NotConfigured(problems)
    return Settings(
        school_file=school_file,
        organisations={o.id: o for o in organisations},
        data=data,
        database_url=database_url or f"sqlite:///{data / 'assistant.sqlite'}",
        chroma_url=chroma_url,
        embeddings=embeddings,
        model=model,
        keys=keys,
        smtp_url=smtp_url,
        slack=slack,
        teams=teams,
        sharepoint=sharepoint,
    )


def read_schools(school_file: Path) -> dict[str, School]:
    """The schools of a school file that is read anew, by id. Raises NotConfigured with all that is wrong."""
    problems: list[str] = []
    organisations = _organisations(school_file, problems)
    if problems:
        raise NotConfigured(problems)
    return {o.id: o.school for o in organisations}


def _teams(environment: Mapping[str, str], problems: list[str]) -> Teams | None:
    if "TEAMS_APP_ID" not in environment:
        return None
    app_id, password, tenant, kind, path = (
        environment.get(f"TEAMS_{name}", "")
        for name in ("APP_ID", "APP_PASSWORD", "TENANT_ID", "APP_TYPE", "CERTIFICATE")
    )
    kind = kind or "SingleTenant"
    if kind not in ("SingleTenant", "UserAssignedMSI"):
        problems.append("TEAMS_APP_TYPE: must be SingleTenant or UserAssignedMSI")
    if app_id and not tenant:
        problems.append("TEAMS_TENANT_ID: is missing; without it any organisation's users could write to the app")
    if app_id and not (password or path) and kind == "SingleTenant":
        problems.append(
            "TEAMS_APP_PASSWORD: is missing; or set TEAMS_CERTIFICATE, or TEAMS_APP_TYPE=UserAssignedMSI for a managed identity"
        )
    return Teams(
        app_id=app_id,
        app_password=password,
        tenant_id=tenant,
        app_type=kind if app_id else "MultiTenant",
        certificate=_certificate(environment, "TEAMS_CERTIFICATE", problems),
    )


def _certificate(environment: Mapping[str, str], name: str, problems: list[str]) -> Certificate | None:
    path = environment.get(name, "")
    try:
        return read_certificate(Path(path), datetime.now(UTC)) if path else None
    except BadCertificate as error:
        problems.append(f"{name}: {error}")
        return None


def _slack(environment: Mapping[str, str], problems: list[str]) -> Slack | None:
    token, secret, app = (environment.get(f"SLACK_{n}", "") for n in ("BOT_TOKEN", "SIGNING_SECRET", "APP_TOKEN"))
    url = environment.get("SLACK_API_URL") or "https://slack.com/api/"
    if not (token or secret or app):
        return None
    if not token.startswith("xoxb-"):
        problems.append("SLACK_BOT_TOKEN: must be the bot user's token, which begins with xoxb-")
    if app and not app.startswith("xapp-"):
        problems.append("SLACK_APP_TOKEN: must be an app-level token, which begins with xapp-")
    if not (secret or app):
        problems.append("SLACK_SIGNING_SECRET: is missing; or give SLACK_APP_TOKEN for Socket Mode")
    if not re.match(r"https?://[^/\s]+/", url):
        problems.append("SLACK_API_URL: must begin with http:// or https:// and end with a slash")
    return Slack(bot_token=token, signing_secret=secret, app_token=app, api_url=url)


def _organisations(school_file: Path, problems: list[str]) -> tuple[Organisation, ...]:
    try:
        content: Any = yaml.safe_load(school_file.read_text("utf-8-sig"))
    except OSError as error:
        problems.append(f"{school_file}: can't be opened ({error.strerror}); give another with --school")
        return ()
    except UnicodeDecodeError:
        problems.append(f"{school_file}: is not UTF-8 text; save it again as UTF-8")
        return ()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(f"{school_file}: is not YAML at line {line}; look for a missing quote, colon or indent there")
        return ()
    try:
        return SchoolFile.model_validate(content if content is not None else {}).organisations
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        # A list whose members are wrong is also reported as too short; the members say it better.
        inner = [e for e in found if len(e["loc"]) > 1] or found
        problems += [_said(e["loc"], e["type"], e["msg"]) for e in inner]
        return ()


def _said(location: tuple[int | str, ...], kind: str, message: str) -> str:
    """One problem, by its key: "organisations[0].people[2].roles: …"."""
    key = (
        "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".") or "school file"
    )
    said = {
        "missing": "is missing",
        "extra_forbidden": "is not a key that is known here; check its spelling",
        "too_short": "must name at least one",
        "string_too_short": "is empty",
        "string_pattern_mismatch": "is not of the form that is wanted: ids are letters, digits and hyphens, hours 08:00-16:30, places roles or person:ID",
    }
    return f"{key}: {said.get(kind, message.removeprefix('Value error, '))}"
