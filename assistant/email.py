"""Notices by e-mail: a reference and how urgent, nothing else, and the same subject for all."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from assistant.domain.delivery import Owed
from assistant.domain.people import Person
from assistant.domain.schools import School
from assistant.screens.notices import SUBJECT, told

_TIMEOUT = 15  # seconds; well within an outbox lease


class EmailSender:
    """Sends through the server of an SMTP_URL: smtp://host:port or smtps://user:password@host:port, ?from=address."""

    name = "e-mail"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "", parts.port or (465 if self._secure else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._from = parse_qs(parts.query).get("from", [f"policy-assistant@{self._host}"])[0]

    def reaches(self, person: Person) -> bool:
        """Whether the roster has an address for them."""
        return bool(person.email)

    def send(self, owed: Owed, person: Person, school: School) -> None:
        """Send it. The Message-ID is the notice's, so that a mail server may drop a second copy."""
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = SUBJECT, self._from, person.email
        message["Message-ID"] = f"<{owed.id}@{self._from.rpartition('@')[2]}>"
        message.set_content(f"{told(owed.notice)}\n\n{school.name}\n")
        context = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT, context=context)
            if self._secure
            else smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT) as server
        ):
            server.ehlo()
            if not self._secure and server.has_extn("starttls"):
                server.starttls(context=context)
            if self._user and not self._secure and not server.has_extn("starttls"):
                raise ConnectionError("the server takes passwords only in the clear")
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)
