"""build(settings) -> Assistant: the one place where real clients are made and joined."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from langchain_core.embeddings import Embeddings

from assistant import storage
from assistant.config import Settings
from assistant.conversation import Conversation
from index import build as building
from index import embedding, minilm
from index.search import ClauseSearch
from index.store import Store

# In the environment beside the packages, so that every command and every test finds one model.
MODEL_FOLDER = Path(sys.prefix) / "share" / minilm.NAME
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
    search: ClauseSearch
    clock: SystemClock
    notice: str
    update_index: Callable[..., list[building.Report]]

    def conversation(self) -> Conversation:
        """Replies, with the database behind them brought up to date first."""
        return Conversation(
            self.settings.organisations,
            clauses=self.search,
            feedback=feedback(self.settings),
            clock=self.clock,
        )


def build(settings: Settings, *, model_folder: Path = MODEL_FOLDER) -> Assistant:
    """The assistant for these settings. Raises ValueError or ImportError where EMBEDDINGS can't be used."""
    embeddings, space, notice = _embeddings(settings, model_folder)
    # One folder a school file, so that trying another never disturbs the first.
    mark = hashlib.sha256(str(settings.school_file.resolve()).encode()).hexdigest()[:8]
    folder = settings.data / f"index-{mark}"
    store = Store(folder / "chroma", space=space, url=settings.chroma_url)

    def update_index(progress: building.Progress = lambda *_: None) -> list[building.Report]:
        found = {
            o.id: building.documents_in(o.policies, settings.school_file.parent)
            for o in settings.organisations.values()
        }
        sources = [(name, files) for name, (files, _) in found.items()]
        reports = building.build(store, embeddings, sources, lock=folder / "build.lock", progress=progress)
        for report in reports:
            report.refused += found.get(report.organisation, ([], []))[1]
        return reports

    return Assistant(
        settings=settings,
        search=ClauseSearch(store, embeddings, space),
        clock=SystemClock(),
        notice=notice,
        update_index=update_index,
    )


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


def feedback(settings: Settings) -> storage.FeedbackTable:
    """The feedback kept, in a database brought up to date."""
    engine = storage.connect(settings.database_url)
    storage.migrate(engine)
    return storage.FeedbackTable(engine)
