"""Hands messages over: to an SMTP server, or as .eml files into a folder."""

from __future__ import annotations

import ipaddress
import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pipeline.alerts.message import build_message
from pipeline.export.text import clean
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import ConfigError, DeliveryDeferred, DeliveryRefused
from pipeline.model.origin import Origin
from pipeline.model.protocols import Channel


class ChannelDown(DeliveryDeferred):
    """The channel itself does not work now: the message waits, and the others need not be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmlChannel:
    """Writes ``20221114T0826-landing-<id>.eml``; the same item twice is the same file. A reconstruction's name says so."""

    folder: Path
    sender: str
    name: Literal["eml"] = "eml"

    def send(self, item: OutboxItem) -> str:
        """Returns the file's name.

        Raises:
            DeliveryDeferred: the folder cannot be written (disk full, permissions).
        """
        label = "reconstruction-" if item.origin is Origin.RECONSTRUCTED else ""
        file = self.folder / f"{label}{item.created_at:%Y%m%dT%H%M}-{_slug(item.event)}-{_slug(item.alert_id)}.eml"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = file.with_suffix(".tmp")
            aside.write_bytes(build_message(item, sender=self.sender).as_bytes())
            aside.replace(file)
        except OSError as error:
            raise DeliveryDeferred(f"{file.name} cannot be written: {error.strerror}", hint="check the disk and the folder") from None
        return file.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpChannel:
    """One server; a connection a message, so that a broken one concerns that message alone.

    ``implicit_tls``: smtps://; otherwise STARTTLS is used where offered and required for a login."""

    host: str
    port: int
    sender: str
    implicit_tls: bool = False
    user: str = ""
    password: str = ""
    timeout_s: float = 30.0
    context: ssl.SSLContext | None = None
    name: Literal["smtp"] = "smtp"

    def send(self, item: OutboxItem) -> str:
        """Returns the server's answer.

        Raises:
            ChannelDown: no connection, no login (or one that would not be encrypted), 421, a broken session: the next
                message would fare no better.
            DeliveryDeferred: another 4xx answer.
            DeliveryRefused: a 5xx answer.
        """
        message = build_message(item, sender=self.sender)
        try:
            server = self._connect()
            try:
                server.send_message(message)
            finally:
                _part(server)
        except smtplib.SMTPAuthenticationError as error:
            # What an administrator mends is no fault of the message: it waits.
            raise ChannelDown(f"{self.host} refused the login: {error.smtp_code}", hint="see [mail] user and password_env") from None
        except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
            raise ChannelDown(f"{self.host} answered {error.smtp_code} to our greeting", hint="it will be tried again") from None
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryRefused(f"{self.host}: {error}", hint="the address or the login needs what this server cannot do") from None
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._failed(code, said) from None
        except smtplib.SMTPResponseException as error:
            raise self._failed(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            hint = "what waits is tried again; if it lasts, is [mail] url right, and may this machine reach it?"
            raise ChannelDown(f"{self.host}: {type(error).__name__}: {error}"[:300], hint=hint) from None
        return f"accepted by {self.host}"

    def _connect(self) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        if self.implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            self._secure(server, context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _secure(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        if self.implicit_tls:
            return
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif self.user and not _is_loopback(self.host):
            raise ChannelDown(f"{self.host} offers no STARTTLS", hint="tarmac does not send a password in the clear; use smtps://")

    def _failed(self, code: int, said: bytes | str) -> DeliveryDeferred | DeliveryRefused:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        kind = DeliveryRefused if code >= 500 else ChannelDown if code == 421 else DeliveryDeferred
        return kind(f"{self.host} answered {code} {text}"[:300], hint="see [mail] and tarmac alerts test")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """Any of the services that Apprise knows (extra ``channels``): the subject and the text, no picture."""

    url: str
    name: str = "apprise"

    def send(self, item: OutboxItem) -> str:
        """Returns what was handed over to.

        Raises:
            DeliveryDeferred: the service did not take it; Apprise does not say why.
            ConfigError: the extra is not installed, or the address is not one.
        """
        try:
            import apprise
        except ModuleNotFoundError:
            raise ConfigError("channels need Apprise", hint="pip install 'tarmac[channels]'") from None
        service = apprise.Apprise()
        if not service.add(self.url):
            raise ConfigError(f"channel {self.name}: its address is not one that Apprise knows", hint="see Apprise's list of services")
        if not service.notify(title=clean(item.subject, 250), body=item.text, body_format=apprise.NotifyFormat.TEXT):
            raise DeliveryDeferred(f"channel {self.name} did not take it", hint="it will be tried again")
        return f"accepted by {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """Which channel a recipient is reached by: the one that it names, else mail."""

    mail: Channel
    named: Mapping[str, Channel]

    def of(self, recipient: str) -> Channel:
        return self.named.get(recipient, self.mail)


def apprise_channels(env_names: Mapping[str, str]) -> dict[str, Channel]:
    """The channels of ``alerts.toml``; their addresses come from the environment, for they may hold a secret.

    Raises:
        ConfigError: the environment lacks one.
    """
    found: dict[str, Channel] = {}
    for name, env_name in env_names.items():
        url = os.environ.get(env_name, "")
        if not url:
            raise ConfigError(f"channel {name}: the environment has no {env_name}", hint="[channels] url_env names it")
        found[name] = AppriseChannel(url=url, name=name)
    return found


def smtp_channel(url: str, *, sender: str, user: str = "", password: str = "") -> SmtpChannel:
    """A channel from ``smtp://host:port`` or ``smtps://host:port``.

    Raises:
        ConfigError: not such an address.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1:
        raise ConfigError("[mail] url is not an SMTP address", hint="smtp://host:587 or smtps://host:465")
    tls = parts.scheme == "smtps"
    return SmtpChannel(
        host=parts.hostname,
        port=port or (465 if tls else 587),
        sender=sender,
        implicit_tls=tls,
        user=user or unquote(parts.username or ""),
        password=password or unquote(parts.password or ""),
    )


def password_of(env_name: str, file: Path | None) -> str:
    """The mail password from the environment variable or the file that the settings name.

    Raises:
        ConfigError: it is named but not there.
    """
    if env_name:
        value = os.environ.get(env_name, "")
        if not value:
            raise ConfigError(f"the environment has no {env_name}", hint="[mail] password_env names it")
        return value
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"[mail] password_file cannot be read: {error.strerror}", hint="check its path and permissions") from None
    return ""


def _part(server: smtplib.SMTP) -> None:
    """Say goodbye; what the server says to that changes nothing: it has accepted the message, or it has not."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", text)[:60]
