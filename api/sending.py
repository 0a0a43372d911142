"""Sending one message: to a web address or by e-mail, within bounds, and never anywhere else."""

import http.client
import json
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from api import signing
from api.targets import Target, TargetError, addresses, check, parsed
from api.version import version

_STEP = 5.0  # seconds for connecting, and for every answer waited for
_WHOLE = 15.0  # seconds for everything, however slowly it comes in
_MOST_ADDRESSES = 2
_READ = 65_536  # bytes of an answer that are read; none of them is used


class SendError(Exception):
    """A message was not taken; `str()` is for the list of deliveries, never the answer's body."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message on its way out. `body` is JSON: what a webhook is told, or the subject and text
    of an e-mail."""

    channel: str  # "webhook", "email"
    name: str  # the same when it is sent again
    target: str
    secret: str
    body: str


@dataclass(frozen=True, slots=True)
class Sender:
    """How messages go out: the settings `allow_private_targets`, `smtp_url` and `mail_from`."""

    allow_private: bool = False
    smtp_url: str = ""
    mail_from: str = ""

    def send(self, message: Message) -> None:
        """Sends it once.

        Raises SendError where it was not taken.
        """
        try:
            if message.channel == "email":
                self._mail(message)
            else:
                self._post(message)
        except TargetError as error:
            raise SendError(f"refused: {error}") from error
        except (OSError, ValueError, http.client.HTTPException, smtplib.SMTPException) as error:
            raise SendError(_said(error)) from error

    def _post(self, message: Message) -> None:
        target, body = parsed(message.target), message.body.encode()
        headers = {
            "Host": target.authority,
            "Content-Type": "application/json",
            "User-Agent": f"cungcau/{version()}",
            "Connection": "close",
            **signing.headers(message.secret, message.name, int(time.time()), body),
        }
        connection = _Pinned(target, self.allow_private)
        with _deadline(connection):
            connection.request("POST", target.path, body, headers)
            answer = connection.getresponse()
            answer.read(_READ)
        # A redirect is an answer like any other that is not 2xx: it is never followed.
        if not 200 <= answer.status < 300:
            raise SendError(f"HTTP {answer.status}")

    def _mail(self, message: Message) -> None:
        server = urlsplit(self.smtp_url)
        if not server.hostname:
            raise SendError("smtp_url is not set")
        said = json.loads(message.body)
        letter = EmailMessage()
        letter["From"] = self.mail_from or f"cungcau@{server.hostname}"
        letter["To"] = message.target
        letter["Subject"] = " ".join(said["subject"].split())
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(message.name, domain=server.hostname)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(said["text"])
        secure = server.scheme == "smtps"
        port = server.port or (465 if secure else 25)
        context = ssl.create_default_context()
        if secure:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.hostname, port, timeout=_STEP, context=context
            )
        else:
            smtp = smtplib.SMTP(server.hostname, port, timeout=_STEP)
        with smtp:
            if server.scheme == "smtp+starttls":
                smtp.starttls(context=context)
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(letter)


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at, under the name that was asked for."""

    def __init__(self, target: Target, allow_private: bool) -> None:
        super().__init__(target.host, target.port, timeout=_STEP)
        self._target = target
        self._allow_private = allow_private
        self._held: socket.socket | None = None
        self.late = False

    def connect(self) -> None:
        known = addresses(self._target, self._allow_private)
        self._held = raw = _first(known, self._target.port)
        check(str(raw.getpeername()[0]), self._allow_private)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            held = context.wrap_socket(
                raw, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self._held = held
            held.do_handshake()
        self.sock = self._held

    def cut(self) -> None:
        """Ends whatever it waits for."""
        self.late = True
        if self._held is not None:
            with suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        super().close()
        if self._held is not None:
            self._held.close()


def _first(known: Sequence[str], port: int) -> socket.socket:
    """A socket connected to the first address that answers."""
    failure = OSError("no address")
    for address in known[:_MOST_ADDRESSES]:
        try:
            return socket.create_connection((address, port), timeout=_STEP)
        except OSError as error:
            failure = error
    raise failure


@contextmanager
def _deadline(connection: _Pinned) -> Iterator[None]:
    """Cuts the connection after `_WHOLE` seconds, so that a byte a second holds nobody up."""
    timer = threading.Timer(_WHOLE, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
        if connection.late:
            raise TimeoutError


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "SMTP: the recipient was refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"
    return f"{type(error).__name__}: {error}"[:200]
