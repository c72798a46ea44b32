"""build(settings) -> Assistant: the one place where real clients are made and joined."""

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from langchain_core.embeddings import Embeddings
from sqlalchemy.engine import Engine

from assistant import receipts, vault
from assistant.config import NotConfigured, Settings, read_schools
from assistant.conversation import Conversation
from assistant.domain.routing import Desk, desk_for
from assistant.domain.schools import School
from assistant.domain.tripwire import LONGEST
from assistant.email import EmailSender
from assistant.handlers.records import CaseRecord
from assistant.handlers.wording import Model
from assistant.outbox import Outbox
from assistant.ports import Refreshes, Sender
from assistant.reminders import Reminders
from assistant.school_file import Organisation
from assistant.storage.database import Database
from assistant.storage.engine import connect, migrate
from assistant.storage.feedback import FeedbackTable
from assistant.watching import SchoolFileWatch, Schools, Watch
from index import build as building
from index import embedding, minilm
from index.search import ClauseSearch
from index.store import Store

# The chats' SDKs are large: only those that are configured are loaded.
if TYPE_CHECKING:
    from assistant.chats.slack import SlackDoor
    from assistant.chats.teams import TeamsDoor

# In the environment beside the packages, so that every command and every test finds one model.
MODEL_FOLDER = Path(sys.prefix) / "share" / minilm.PUBLISHED
KEY_FILE = "staff-room.key"  # in the data folder
_LONDON = ZoneInfo("Europe/London")


class SystemClock:
    """The machine's clock; days are counted in the United Kingdom, where the schools are."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return datetime.now(_LONDON).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class Assistant:
    """Everything joined. `notice` is what an operator should know at start, "" for nothing."""

    settings: Settings
    schools: Schools  # as the school file has them now; those of the settings are as it had them at start
    search: ClauseSearch
    clock: SystemClock
    notice: str
    update_index: Callable[..., list[building.Report]]
    desk: Callable[[str], Desk]
    model: Model | None = None  # words answers; holds the tally of what was kept and dropped

    def conversation(self, database: Database) -> Conversation:
        """Replies."""
        return Conversation(
            self.schools,
            clauses=self.search,
            desk=self.desk,
            feedback=FeedbackTable(database.engine),
            begin=database.begin,
            clock=self.clock,
            make_case_file=case_files(database),
            code_key=database.code_key,
            model=self.model,
        )


def build(settings: Settings, *, model_folder: Path = MODEL_FOLDER) -> Assistant:
    """The assistant for these settings. Raises ValueError or ImportError where EMBEDDINGS can't be used, NotConfigured where MODEL can't."""
    embeddings, space, notice = _embeddings(settings, model_folder)
    model, sends = _model(settings)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is in it is for nobody else on the machine
    # One folder a school file, so that trying another never disturbs the first.
    mark = hashlib.sha256(str(settings.school_file.resolve()).encode()).hexdigest()[:8]
    folder = settings.data / f"index-{mark}"
    store = Store(folder / "chroma", space=space, url=settings.chroma_url)

    def update_index(
        progress: building.Progress = lambda *_: None,
        reading: Callable[[str, Path], None] = lambda *_: None,
        *,
        fetch: bool = False,
    ) -> list[building.Report]:
        found = {o.id: _documents(settings, o, reading, fetch=fetch) for o in settings.organisations.values()}
        reports = building.build(
            store,
            embeddings,
            [(name, files) for name, (files, _) in found.items()],
            lock=folder / "build.lock",
            progress=progress,
            today=SystemClock().today(),
            reading=reading,
        )
        for report in reports:
            report.refused += found.get(report.organisation, ([], []))[1]
        return reports

    return Assistant(
        settings=settings,
        schools=Schools(settings.schools),
        search=ClauseSearch(store, embeddings, space),
        clock=SystemClock(),
        notice="\n".join(filter(None, [notice, sends])),
        update_index=update_index,
        desk=_desk(embeddings, model_folder, chroma=settings.chroma_url),
        model=model,
    )


def _documents(
    settings: Settings, organisation: Organisation, reading: Callable[[str, Path], None], *, fetch: bool
) -> tuple[list[Path], list[building.Refusal]]:
    """An organisation's documents; its sources are fetched first where that is asked for, or was never done.

    Where a source fails, yesterday's files stand.
    """
    from assistant.sources import SourceFailed, folder_of, open_source

    files, refused = building.documents_in(organisation.policies, settings.school_file.parent)
    for part in organisation.sources:
        folder = folder_of(settings.data, organisation.id, part.name)
        try:
            if fetch or not folder.is_dir():
                reading(organisation.id, folder)
                fetched = open_source(part, settings.sharepoint).fetch(folder)
                refused += [building.Refusal(path=folder / one.name, reason=one.reason) for one in fetched.refused]
        except SourceFailed as failed:
            reason = f"The source {part.name} could not be fetched, and yesterday's documents answer: {failed}"
            refused.append(building.Refusal(path=folder, reason=reason))
        if folder.is_dir():
            files += building.documents_in([str(folder)], folder)[0]
    return files, refused


def watch(assistant: Assistant, say: Callable[[str], None], reports: Sequence[building.Report] = ()) -> Watch:
    """What keeps the index up with the files and the sources while a server runs; `reports` of what was done before."""
    settings = assistant.settings
    patterns = [(o.policies, settings.school_file.parent) for o in settings.organisations.values()]
    return Watch(
        lambda: assistant.update_index(fetch=True),
        lambda: [file for names, base in patterns for file in building.documents_in(names, base)[0]],
        fetches=any(o.sources for o in settings.organisations.values()),
        say=say,
        refused=[refusal.reason for report in reports for refusal in report.refused],
    )


def watch_school_file(assistant: Assistant, say: Callable[[str], None]) -> SchoolFileWatch:
    """What has people, roles, routes and clocks be as the school file has them now, while a server or worker runs."""

    def take(found: Mapping[str, School]) -> None:
        if assistant.model:
            assistant.model.meet([person for school in found.values() for person in school.roster])
        assistant.schools.change(found)

    return SchoolFileWatch(assistant.settings.school_file, read_schools, take, say=say)


def _desk(embeddings: Embeddings | None, model_folder: Path, *, chroma: str) -> Callable[[str], Desk]:
    """The tripwire, with the model on this machine where there is one: what may be a concern is sent to no provider, and
    no vector of it to a server."""
    model = embeddings if isinstance(embeddings, embedding.MiniLM) else None
    here = model is not None and not chroma
    if model is None and minilm.is_set_up(model_folder):
        model = embedding.MiniLM(model_folder)
    if model is None:
        return desk_for
    return lambda text: desk_for(text, model.embed_query(text[:LONGEST]), searched_here=here)


def _embeddings(settings: Settings, model_folder: Path) -> tuple[Embeddings | None, str, str]:
    """The embedding, the name of its space, and what to tell the operator."""
    if settings.embeddings:
        return embedding.named(settings.embeddings), settings.embeddings, ""
    if minilm.is_set_up(model_folder):
        return embedding.MiniLM(model_folder), minilm.NAME, ""
    notice = (
        "No embedding model is set up, so questions are answered from keywords alone. `assistant model` sets it up."
    )
    return None, "keywords", notice


def _model(settings: Settings) -> tuple[Model | None, str]:
    """What words answers, where one is wanted, and what to tell the operator of it."""
    if not settings.model:
        return None, ""
    from assistant.model import (
        ChatModel,
        NoModel,
    )  # langchain's chat models and a provider's package take a while to load

    provider, _, name = settings.model.partition(":")
    try:
        draft = ChatModel(settings.model)
    except NoModel as error:
        raise NotConfigured(
            [
                f"MODEL: can't be used ({error}). langchain must know the provider, its package must be installed "
                "(for openai: pip install langchain-openai), and its key must be in the environment"
            ]
        ) from None
    people = [person for school in settings.schools.values() for person in school.roster]
    sends = f"Questions, without names, and the clauses found are sent to {provider} ({name}) to be worded; reports never are."
    return Model(draft, people), sends


def engine(settings: Settings) -> Engine:
    """A connection to a database that is brought up to date."""
    made = connect(settings.database_url)
    migrate(made)
    return made


def open_database(settings: Settings, say: Callable[[str], None] = lambda _: None) -> Database:
    """The database with its vault. Without ASSISTANT_KEYS a key of its own is kept in the data folder, and it says so.

    Raises NotConfigured when something is sealed with a key that isn't there.
    """
    text, file = settings.keys, settings.data / KEY_FILE
    if not text:
        text, made = vault.kept_key(file)
        if made:
            say(f"A sealing key was made in {file}. Without it no report can be read again: keep a copy elsewhere.")
    try:
        return Database(engine(settings), vault.Vault(vault.parse_keys(text)))
    except vault.BadKeys as error:
        raise NotConfigured([f"{file}: {error}"]) from None
    except vault.KeyLost as error:
        where = "ASSISTANT_KEYS" if settings.keys else str(file)
        raise NotConfigured(
            [f"{where}: {error}. Nothing is lost: put that key back (after newer ones) and start again."]
        ) from None


def case_files(database: Database) -> tuple[Callable[[CaseRecord], bytes], Callable[[CaseRecord, bytes], bytes]]:
    """What makes a case file, and what signs its receipt."""

    def render(record: CaseRecord) -> bytes:
        from assistant import case_file  # the PDF library takes a while to load, and few ever need it

        return case_file.render(record)

    return render, lambda record, pdf: receipts.sign(record, pdf, database.signing_key)


def senders(assistant: Assistant, database: Database) -> list[Sender]:
    """The ways of reaching people beside the staff room, in the order in which they are tried."""
    found: list[Sender] = []
    settings = assistant.settings
    if settings.slack:
        from slack_sdk.web.client import WebClient

        from assistant.chats.slack_sender import SlackSender

        client = WebClient(token=settings.slack.bot_token, base_url=settings.slack.api_url, timeout=15)
        found.append(SlackSender(client, database.begin, assistant.schools))
    if door := teams_door(assistant, database):
        from assistant.chats.teams_sender import TeamsSender

        found.append(TeamsSender(door, database.begin))
    return found + ([EmailSender(settings.smtp_url)] if settings.smtp_url else [])


def slack_door(assistant: Assistant, database: Database) -> "SlackDoor | None":
    """The Slack door, where it is configured."""
    slack = assistant.settings.slack
    if slack is None:
        return None
    from slack_sdk.web.async_client import AsyncWebClient

    from assistant.chats.slack import SlackDoor

    return SlackDoor(
        assistant.conversation(database),
        assistant.schools,
        client=AsyncWebClient(token=slack.bot_token, base_url=slack.api_url),
        signing_secret=slack.signing_secret,
        begin=database.begin,
        clock=assistant.clock,
    )


def teams_door(assistant: Assistant, database: Database) -> "TeamsDoor | None":
    """The Teams door, where it is configured."""
    teams = assistant.settings.teams
    if teams is None:
        return None
    from assistant.chats.teams import TeamsDoor

    return TeamsDoor(
        assistant.conversation(database),
        assistant.schools,
        teams,
        begin=database.begin,
        clock=assistant.clock,
    )


def outbox(assistant: Assistant, database: Database, *, room: bool) -> Outbox:
    """A delivery worker; with `room` somebody may look into the staff room."""
    schools, clock = assistant.schools, assistant.clock
    channels = senders(assistant, database)
    reminders = Reminders(schools, assistant.search.policies, begin=database.begin, clock=clock)
    messages = [channel for channel in channels if isinstance(channel, Refreshes)]

    def also() -> int:
        return reminders() + sum(channel.refresh() for channel in messages)

    return Outbox(schools, channels, begin=database.begin, clock=clock, room=room, also=also)
