"""A fake platform on loopback: takes requests in, holds them and its own answers against the document, and lets go wrong what is to go wrong.

What a platform is (X, LINE) is said by a `Platform`; this module knows only HTTP.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import ClientPayloadError, web

from tests.platforms.contract import Broken, Document, Operation, Request, Said
from tests.platforms.faults import NONE, Fault, Faults

ELSEWHERE = "/_elsewhere"
LARGEST = 64 * 2**20
"""Bytes of a request's body that are still read."""


@dataclass
class Reply:
    """An answer: status, what it says, and headers."""

    status: int
    said: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    free: bool = False
    """That the live platform answers so although its document does not have it: hand-typed, each with where it was seen."""

    @property
    def body(self) -> bytes:
        if isinstance(self.said, str):
            return self.said.encode()
        return b"" if self.said is None else json.dumps(self.said, ensure_ascii=False).encode()


@dataclass
class Arrival:
    """A request that arrived: the log of what really happened."""

    number: int
    ns: int
    """By the monotonic clock of the machine."""
    method: str
    path: str
    operation: str | None = None
    who: str | None = None
    taken: bool = False
    """That the platform carried it out."""
    status: int | None = None
    """The status that the client was told; None while it waits, or where the line was dropped."""
    fault: dict[str, Any] | None = None
    body: str = ""
    """The request's body, its first 4,096 bytes."""


class Refused(Exception):
    """A request that the platform refuses, with its answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Platform:
    """What every fake platform has: its document, a clock that a test may advance, faults, and a log."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults = Faults()
        self.arrivals: list[Arrival] = []
        self.violations: list[str] = []
        self.own_errors: list[str] = []
        self.address = ""
        self.ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970 as this platform has it."""
        return time.time() + self.ahead

    # What a platform says of itself.

    def answer(self, request: Request, arrival: Arrival, fault: Fault) -> Reply:
        """Takes a request in: one step, with nothing else in between."""
        raise AssertionError("each platform answers in its own way")

    def problem(self, status: int, reset: float = 900.0) -> Reply:
        """How the platform says a status when something of its own is wrong; `reset`: seconds until a limit begins anew."""
        raise AssertionError("each platform refuses in its own way")

    def partial(self) -> Reply:
        return Reply(200, {"errors": [{"title": "Internal error", "detail": "Internal error", "type": "about:blank"}]}, free=True)

    def read(self, request: Request, operation: Operation) -> Said:
        """What a request says. A violation of the document is recorded, and raised for the platform to answer."""
        try:
            return operation.read(request)
        except Broken as broken:
            self.violations.append(f"{request.method} {request.path}: {broken}")
            raise

    def held(self, operation: Operation | None, reply: Reply) -> Reply:
        """The answer, if it keeps to the document; an answer that does not is an error of this fake's own."""
        if operation is None or reply.free:
            return reply
        if broken := operation.answer_breaks(reply.status, reply.content_type, reply.body):
            self.own_errors.append(f"{operation.name}: {broken}")
            return Reply(500, {"the fake's own error": broken}, free=True)
        return reply

    # What a test asks and sets.

    def control(self, name: str, /, given: Mapping[str, Any]) -> Any:
        """One act or question of a test. Raises KeyError for what the platform does not know."""
        known: dict[str, Callable[..., Any]] = {
            "fault": lambda **fault: self.faults.add(Fault(**fault)),
            "mix": lambda seed, share, faults: self.faults.mix(seed, share, [Fault(**one) for one in faults]),
            "clear": self.faults.clear,
            "log": lambda: [asdict(arrival) for arrival in self.arrivals],
            "violations": lambda: self.violations,
            "own_errors": lambda: self.own_errors,
            "expect_violations": self._forgive,
            "advance": self._advance,
            "now": self.now,
            **self.controls(),
        }
        return known[name](**given)

    def controls(self) -> dict[str, Callable[..., Any]]:
        return {}

    def _forgive(self) -> list[str]:
        found, self.violations = self.violations, []
        return found

    def _advance(self, seconds: float) -> None:
        self.ahead += seconds


class Server:
    """A platform at an address of this machine."""

    def __init__(self, platform: Platform, tls: ssl.SSLContext | None = None) -> None:
        self.platform = platform
        self._tls = tls
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._coming_back: asyncio.Task[None] | None = None

    async def start(self) -> str:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", r"/{tail:[\s\S]*}", self._handle)  # a line feed in a path is for the document to refuse
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._listen(0)
        host, port = self._runner.addresses[0][:2]
        self.platform.address = f"{'https' if self._tls else 'http'}://{host}:{port}"
        return self.platform.address

    async def _listen(self, port: int) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=self._tls, reuse_address=True)
        await self._site.start()

    async def _away(self, request: web.Request, seconds: float) -> None:
        """Nobody listens for a while, and lines that are open are dropped, all but that of the test that asks for it. What is there stays."""
        assert self._runner is not None
        assert self._runner.server is not None
        assert self._site is not None
        port = self._runner.addresses[0][1]
        await self._site.stop()
        for line in self._runner.server.connections:
            if line.transport is not None and line.transport is not request.transport:
                line.transport.abort()
        await asyncio.sleep(0)  # an abort closes its line in the loop's next round: whoever hears the answer finds it closed
        self._coming_back = asyncio.get_running_loop().create_task(self._back(port, seconds))

    async def _back(self, port: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen(port)

    async def stop(self) -> None:
        if self._coming_back is not None:
            self._coming_back.cancel()
            await asyncio.wait([self._coming_back])
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/_control/"):
            return await self._control(request)
        platform = self.platform
        path = request.rel_url.raw_path
        arrival = Arrival(len(platform.arrivals), time.monotonic_ns(), request.method, path)
        platform.arrivals.append(arrival)
        if path.startswith(ELSEWHERE):
            return self._elsewhere(request, arrival)
        fault = platform.faults.draw(request.method, path)
        if fault is not NONE:
            arrival.fault = {"answer": fault.answer, "taken": fault.taken, "status": fault.status}
        if fault.answer == "drop reading" or (fault.answer == "drop" and not fault.taken and not fault.seconds_before):
            if fault.answer == "drop reading":
                await request.content.readany()
            return self._dropped(request)
        try:
            body = await request.read()
        except (ConnectionError, ClientPayloadError, web.RequestPayloadError):
            return self._dropped(request)  # the client went away in the middle of it
        except web.HTTPRequestEntityTooLarge:
            return self._written(arrival, platform.problem(413))
        arrival.body = body[:4096].decode("utf-8", "replace")
        asked = Request(
            request.method,
            path,
            parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True),
            {name.lower(): value for name, value in request.headers.items()},
            body,
        )
        await asyncio.sleep(fault.seconds_before)
        operation, _ = platform.document.asked_for(request.method, path)
        if fault.taken:
            try:
                reply = platform.held(operation, platform.answer(asked, arrival, fault))
            except Exception as odd:  # an error of the fake must not look like one of the platform's
                platform.own_errors.append(f"{asked.method} {asked.path}: {odd!r}")
                reply = Reply(500, {"the fake's own error": repr(odd)}, free=True)
        else:
            reply = Reply(200, {})
        if fault.answer != "trickle":
            await asyncio.sleep(fault.seconds_after)
        return await self._answered(request, arrival, fault, reply)

    async def _answered(self, request: web.Request, arrival: Arrival, fault: Fault, reply: Reply) -> web.StreamResponse:
        match fault.answer:
            case "drop":
                return self._dropped(request)
            case "status":
                reply = self.platform.problem(fault.status, fault.reset)
            case "partial":
                reply = self.platform.partial()
            case "redirect":
                there = self.platform.address.replace("127.0.0.1", "localhost")
                reply = Reply(307, None, {"location": f"{there}{ELSEWHERE}{arrival.path}"})
            case "html":
                page = "<!doctype html><title>Just a moment...</title>"
                return self._sent(arrival, 200, page.encode(), "text/html; charset=utf-8", {})
            case "garbage":
                return self._sent(arrival, reply.status, b'{"data":{"id":\xff\xfe', reply.content_type, {})
            case "empty":
                return self._sent(arrival, reply.status, b"", reply.content_type, {})
            case "other shape":
                return self._sent(arrival, reply.status, b'{"data":["unexpected"]}', reply.content_type, {})
            case "wrong type":
                return self._sent(arrival, reply.status, reply.body, "text/plain; charset=utf-8", reply.headers)
            case "huge":
                padded = b'{"data":"' + b"x" * (fault.megabytes * 2**20) + b'"}'
                return self._sent(arrival, reply.status, padded, reply.content_type, {})
            case "cut" | "trickle":
                return await self._in_pieces(request, arrival, fault, reply)
        return self._written(arrival, reply)

    def _written(self, arrival: Arrival, reply: Reply) -> web.Response:
        return self._sent(arrival, reply.status, reply.body, reply.content_type, reply.headers)

    def _sent(self, arrival: Arrival, status: int, body: bytes, content_type: str, headers: Mapping[str, str]) -> web.Response:
        arrival.status = status
        given = dict(headers) if 300 <= status < 400 else {**headers, "content-type": content_type}
        return web.Response(status=status, body=body, headers=given)

    async def _in_pieces(self, request: web.Request, arrival: Arrival, fault: Fault, reply: Reply) -> web.StreamResponse:
        stream = web.StreamResponse(status=reply.status, headers={**reply.headers, "content-type": reply.content_type})
        stream.content_length = len(reply.body)
        await stream.prepare(request)
        if fault.answer == "cut":
            await stream.write(reply.body[: len(reply.body) // 2])
            await asyncio.sleep(0.05)  # else nothing of it may have left
            return self._dropped(request, stream)
        arrival.status = reply.status
        try:
            for at in range(len(reply.body)):
                await stream.write(reply.body[at : at + 1])
                await asyncio.sleep(fault.seconds_after)
            await stream.write_eof()
        except ConnectionError:
            arrival.status = None  # the client did not wait for it
        return stream

    def _dropped(self, request: web.Request, stream: web.StreamResponse | None = None) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return stream or web.Response()

    def _elsewhere(self, request: web.Request, arrival: Arrival) -> web.Response:
        """Where a redirect points to: another host's, in truth. A client that brings its token along gives it away."""
        if "authorization" in request.headers:
            self.platform.violations.append(f"{request.method} {request.path}: the token was taken along to another host")
        arrival.status = 200
        return web.json_response({"data": {"id": "1", "text": ""}})

    async def _control(self, request: web.Request) -> web.Response:
        if request.path.endswith("/away"):
            await self._away(request, (await request.json())["seconds"])
            return web.json_response(None)
        try:
            return web.json_response(
                self.platform.control(request.match_info["tail"].removeprefix("_control/"), await request.json())
            )
        except Exception as odd:  # a test that asks wrongly is told so
            return web.json_response({"error": repr(odd)}, status=500)
