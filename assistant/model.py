"""The only file that knows langchain's chat models: one text in, one text out, within a time that is kept."""

import logging
import queue
import threading
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from langsmith import tracing_context

MOST_SECONDS = 8.0  # of the ten that a person waits at most
_MOST_TOKENS = 700
# A stuck provider must leave room for everything else that the chats do in threads.
_AT_ONCE = 3
# What SDKs and their HTTP clients say below a warning holds what was sent.
_TALKATIVE = (
    "openai", "anthropic", "httpx", "httpcore", "httpx2", "httpcore2", "urllib3", "botocore", "google_genai", "mistralai", "cohere", "groq",
    "ollama", "langchain", "langchain_core", "langsmith",
)  # fmt: skip


class NoModel(Exception):
    """The provider can't be used: not known to langchain, its package not installed, or its key missing."""


class TooLate(Exception):
    """The model had not answered in time."""


class Busy(Exception):
    """As many calls as may be at once are under way."""


class ChatModel:
    """A language model by name, "provider:model", as langchain knows it; `options` are its constructor's. Safe to share
    by threads. It is given no tools, is never tried twice, and nothing of a call is traced or logged.
    """

    def __init__(self, name: str, **options: Any) -> None:
        """Raises NoModel."""
        limits = {"timeout": MOST_SECONDS, "max_retries": 0, "max_tokens": _MOST_TOKENS}
        try:
            model = init_chat_model(name, **(limits | options))
        except Exception as error:  # a provider's own, of any kind; its words may hold a key
            raise NoModel(type(error).__name__) from None
        assert isinstance(model, BaseChatModel)
        self._model = model
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        for talkative in _TALKATIVE:
            logging.getLogger(talkative).setLevel(logging.WARNING)

    def __call__(self, instructions: str, text: str, seconds: float) -> str:
        """What the model says to a text. Raises TooLate, Busy, and whatever the provider's package raises."""
        if not self._room.acquire(blocking=False):
            raise Busy
        answered: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answered.put(self._ask(instructions, text))
            except Exception as error:
                answered.put(error)
            finally:
                self._room.release()

        # A provider's own time-out is between two bytes; this one is from beginning to end, and a thread that is still
        # waiting then holds up neither the person nor the end of the program.
        threading.Thread(target=ask, name="model", daemon=True).start()
        try:
            said = answered.get(timeout=max(0.0, min(seconds, MOST_SECONDS)))
        except queue.Empty:
            raise TooLate from None
        if isinstance(said, Exception):
            raise said
        return said

    def _ask(self, instructions: str, text: str) -> str:
        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send it all to a third party
            return str(self._model.invoke([SystemMessage(instructions), HumanMessage(text)]).text)
