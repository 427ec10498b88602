"""A fake LINE: an official account that broadcasts to its friends, as far as the Messaging API does."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.platforms.contract import Broken, Document, Operation, Request
from tests.platforms.faults import Fault
from tests.platforms.running import Fake
from tests.platforms.serving import Arrival, Platform, Refused, Reply

LONGEST = 5_000
"""UTF-16 code units of a text message."""
FEWEST = 20
"""Receivers under which a day's number of deliveries is not told."""
KEY_SECONDS = 86_400.0
"""How long a retry key is remembered."""
LIMITS = {"broadcast": (60, 3600.0)}
"""Requests in so many seconds; 2,000 a second for all others."""
TOKYO = dt.timezone(dt.timedelta(hours=9))
WITH_RETRY_KEY = ("broadcast",)


@dataclass
class Sent:
    """A broadcast that went out."""

    request: str
    """The x-line-request-id that it was taken in under."""
    at: float
    messages: list[dict[str, Any]]
    retry_key: str | None
    receivers: int


class Line(Platform):
    """One official account."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.sent: list[Sent] = []
        self.tokens: set[str] = set()
        self.friends = 100
        self.quota: int | None = None
        self.limits = dict(LIMITS)
        self._windows: dict[str, tuple[float, int]] = {}
        self._errors = document.compiled({"$ref": "#/components/schemas/ErrorResponse"})
        self.operations: dict[str, Callable[[Any, Request, str], Reply]] = {
            "broadcast": self._broadcast,
            "validateBroadcast": self._validate,
            "getMessageQuota": self._quota,
            "getMessageQuotaConsumption": self._consumption,
            "getBotInfo": self._info,
            "getNumberOfSentBroadcastMessages": self._delivered,
        }

    @classmethod
    def at(cls, path: Path) -> Line:
        return cls(Document.at(path))

    def problem(self, status: int, reset: float = 900.0) -> Reply:
        said = {429: "The API rate limit has been exceeded. Try again later.", 500: "Internal server error"}
        reply = self._refused(status, said.get(status, "Error"))
        reply.headers["x-line-request-id"] = str(uuid4())
        return reply

    def partial(self) -> Reply:
        """LINE has no partial errors; the nearest is an answer that says nothing."""
        return Reply(200, {})

    def held(self, operation: Operation | None, reply: Reply) -> Reply:
        """The document lists few of the errors that its prose has: those, too, must be of the one shape that it has for errors."""
        if operation is None or str(reply.status) in operation.about["responses"]:
            return super().held(operation, reply)
        if reply.status < 400 or not self._errors.is_valid(reply.said):
            self.own_errors.append(f"{operation.name}: {reply.status} {reply.said}")
        return reply

    def answer(self, request: Request, arrival: Arrival, fault: Fault) -> Reply:
        number = str(uuid4())
        try:
            reply = self._answer(request, arrival, number)
        except Refused as refused:
            reply = refused.reply
        reply.headers.setdefault("x-line-request-id", number)
        return reply

    def _answer(self, request: Request, arrival: Arrival, number: str) -> Reply:
        operation, methods = self.document.asked_for(request.method, request.path)
        if operation is None:
            self.violations.append(f"{request.method} {request.path}: not in the document")
            raise Refused(self._refused(405 if methods else 404, "Method not allowed" if methods else "Not found"))
        arrival.operation = operation.name
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or token not in self.tokens:
            words = "Authentication failed. Confirm that the access token in the authorization header is valid."
            raise Refused(self._refused(401, words))
        arrival.who = "account"
        self._count(operation.name)
        try:
            said = self.read(request, operation)
            if "x-line-retry-key" in request.headers and operation.name not in WITH_RETRY_KEY:
                self.violations.append(f"{request.method} {request.path}: a retry key where none is taken")
                raise Broken("header", "this API takes no retry key")
        except Broken as broken:
            raise Refused(self._invalid([(broken.where, broken.how)], operation)) from None
        carry_out = self.operations.get(operation.name)
        if carry_out is None:
            self.own_errors.append(f"{operation.name} is in LINE's document, and not in this fake")
            return Reply(501, {"message": "not in this fake"}, free=True)
        reply = carry_out(said, request, number)
        arrival.taken = reply.status == 200
        return reply

    def _count(self, name: str) -> None:
        limit, seconds = self.limits.get(name, (2_000, 1.0))
        begin, count = self._windows.get(name, (self.now(), 0))
        if begin + seconds <= self.now():
            begin, count = self.now(), 0
        self._windows[name] = (begin, count + 1)
        if count >= limit:
            raise Refused(self._refused(429, "The API rate limit has been exceeded. Try again later."))

    def _broadcast(self, said: Any, request: Request, number: str) -> Reply:
        key = request.headers.get("x-line-retry-key")
        before = next((one for one in self.sent if key and one.retry_key == key and one.at + KEY_SECONDS > self.now()), None)
        if before is not None:
            reply = self._refused(409, "The retry key is already accepted")
            reply.headers["x-line-accepted-request-id"] = before.request
            return reply
        self._possible(said.body["messages"])
        if self.quota is not None and self._used() + self.friends > self.quota:
            return self._refused(429, "You have reached your monthly limit.")
        self.sent.append(Sent(number, self.now(), said.body["messages"], key, self.friends))
        return Reply(200, {})

    def _validate(self, said: Any, request: Request, number: str) -> Reply:
        self._possible(said.body["messages"])
        return Reply(200, {})

    def _possible(self, messages: list[dict[str, Any]]) -> None:
        """Raises Refused for messages that the document allows and LINE does not."""
        wrong = []
        for at, message in enumerate(messages):
            text = message.get("text")
            if message["type"] in ("text", "textV2") and not text:
                wrong.append((f"messages[{at}].text", "May not be empty"))
            elif isinstance(text, str) and len(text.encode("utf-16-le")) // 2 > LONGEST:
                wrong.append((f"messages[{at}].text", f"Length must be between 0 and {LONGEST}"))
            for name in ("originalContentUrl", "previewImageUrl"):
                if not str(message.get(name, "https://")).startswith("https://"):
                    wrong.append((f"messages[{at}].{name}", "invalid uri scheme"))
        if wrong:
            raise Refused(self._invalid(wrong, None))

    def _quota(self, said: Any, request: Request, number: str) -> Reply:
        return Reply(200, {"type": "none"} if self.quota is None else {"type": "limited", "value": self.quota})

    def _consumption(self, said: Any, request: Request, number: str) -> Reply:
        return Reply(200, {"totalUsage": self._used()})

    def _used(self) -> int:
        month = _day(self.now())[:6]
        return sum(one.receivers for one in self.sent if _day(one.at)[:6] == month)

    def _info(self, said: Any, request: Request, number: str) -> Reply:
        about = {"userId": "U" + "0" * 32, "basicId": "@fake", "displayName": "広報", "chatMode": "bot", "markAsReadMode": "auto"}
        return Reply(200, about)

    def _delivered(self, said: Any, request: Request, number: str) -> Reply:
        day = said.query["date"]
        if not re.fullmatch("[0-9]{8}", day):
            return self._refused(400, "The value for the 'date' parameter is invalid")
        if day >= _day(self.now()):
            return Reply(200, {"status": "unready"})
        count = sum(one.receivers for one in self.sent if _day(one.at) == day)
        return Reply(200, {"status": "ready", "success": count} if count >= FEWEST else {"status": "unavailable_for_privacy"})

    def _invalid(self, wrong: list[tuple[str, str]], operation: Operation | None) -> Reply:
        reply = self._refused(400, f"The request body has {len(wrong)} error(s)")
        reply.said["details"] = [{"message": how, "property": where} for where, how in wrong]
        return reply

    def _refused(self, status: int, message: str) -> Reply:
        return Reply(status, {"message": message})

    # What a test asks and sets.

    def controls(self) -> dict[str, Callable[..., Any]]:
        return {
            "token": self._token,
            "revoke": self.tokens.clear,
            "sent": lambda: [asdict(one) for one in self.sent],
            "set": self._set,
            "limit": lambda operation, requests, seconds: self.limits.update({operation: (requests, seconds)}),
        }

    def _token(self) -> str:
        made = secrets.token_urlsafe(100)
        self.tokens.add(made)
        return made

    def _set(self, **given: int | None) -> None:
        for name, value in given.items():
            assert name in ("friends", "quota"), name
            setattr(self, name, value)


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, TOKYO).strftime("%Y%m%d")


class FakeLine(Fake):
    """A running fake LINE."""

    kind = "line"

    def token(self) -> str:
        """A channel access token."""
        return str(self.ask("token"))

    def revoke(self) -> None:
        """No token given out so far holds any more."""
        self.ask("revoke")

    def sent(self) -> list[dict[str, Any]]:
        """What really went out, oldest first (Sent), whatever clients were told."""
        return list(self.ask("sent"))

    def texts(self) -> list[str]:
        return [message["text"] for one in self.sent() for message in one["messages"] if "text" in message]

    def day(self) -> str:
        """Today by the platform's clock, as LINE writes days."""
        return _day(self.now())

    def friends(self, number: int) -> None:
        """To how many a broadcast goes from now on."""
        self.ask("set", friends=number)

    def quota(self, messages: int | None) -> None:
        """How many messages a month has; None for no limit."""
        self.ask("set", quota=messages)

    def limit(self, operation: str, requests: int, seconds: float) -> None:
        self.ask("limit", operation=operation, requests=requests, seconds=seconds)
