"""One HTTP request in two parts, as the gate wants it: everything up to its first byte, and from there on.

The connection is made and TLS agreed on before the lock that a stop waits for; inside it nothing but the request itself is written; its answer
is waited for outside. Every request that changes something gets a connection of its own: one that was kept open may be dead, and then nobody
could say whether the platform has read what was written. Nothing is followed to another address, with credentials least of all.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import msgspec

from daemon.release.jobs import Held
from daemon.release.veil import veiled

CONNECT_WITHIN = 5.0
"""Seconds in which a platform has to take up a line, TLS included."""
WRITE_WITHIN = 5.0
"""Seconds in which it has to take a piece of a request."""
ANSWER_WITHIN = 15.0
"""Seconds in which its whole answer has to be there."""
TRY_AGAIN_AFTER = 30.0
"""Seconds until the next try where a platform cannot be reached."""
MOST = 8 << 20
"""Bytes of an answer."""

_ABOUT_TO_SEND = "http11.send_request_headers.started"
_ALL_SENT = "http11.send_request_body.complete"


_LONGEST_WORDS = 200
"""Characters of somebody else's words that go into a message."""


class Answer(NamedTuple):
    """What came back: the status, its headers (lower case), and what the body says as JSON (None where it is no JSON object)."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None


class Unreachable(Exception):
    """Nothing was sent: no connection. The argument says why."""


class Lost(Exception):
    """Something was sent, and no answer came that can be read. The argument says why."""


class _Abandoned(Exception):
    """The gate was closed: not a byte has left."""


@cache
def _tls() -> ssl.SSLContext:
    """The machine's own trust: a city's proxy may have a certificate authority that no library knows. Made once: it takes long."""
    return ssl.create_default_context()


def _client(request: httpx2.Request, within: float) -> httpx2.Client:
    """A client for one request. What goes out without TLS stays on this machine: no proxy of the environment's is to see it."""
    limits = httpx2.Timeout(CONNECT_WITHIN, read=within, write=WRITE_WITHIN)
    sealed = request.url.scheme == "https"
    return httpx2.Client(verify=_tls() if sealed else False, timeout=limits, follow_redirects=False, trust_env=sealed)


def safe_address(address: str) -> str:
    """The address of an interface without its last slash. Raises ValueError for one to which credentials must not go: without TLS only this
    machine itself is trusted."""
    parts = urlsplit(address)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1"))):
        raise ValueError("https, or this machine")
    return address.rstrip("/")


def asked(request: httpx2.Request, within: float = ANSWER_WITHIN, writing: float = WRITE_WITHIN) -> Answer:
    """The answer to a request that may be made twice. Raises Unreachable, Lost."""
    parted = Parted(request, within, writing)
    parted.go()
    return parted.answer()


class Parted:
    """A request that waits, connected, for its leave."""

    def __init__(
        self,
        request: httpx2.Request,
        within: float = ANSWER_WITHIN,
        writing: float = WRITE_WITHIN,
        connect: float = CONNECT_WITHIN * 2 + 1,
    ) -> None:
        """Connect, in at most `connect` seconds. `within`: seconds from its leave to the end of its answer, `writing`: those that the
        request itself may take of them. Raises Unreachable, having sent nothing."""
        self.request, self._within, self._writing = request, within, writing
        self._connected, self._leave, self._sent, self._over = (threading.Event() for _ in range(4))
        self._go = self._to_a_proxy = False
        self._until = 0.0
        self._line: socket.socket | None = None
        self._answer: Answer | None = None
        self._error: Exception | None = None
        request.extensions = {**request.extensions, "trace": self._trace}
        threading.Thread(target=self._run, name="request", daemon=True).start()
        self._connected.wait(connect)
        if self._error is not None or not self._connected.is_set():
            self.abandon()
            raise Unreachable(_short(self._error) if self._error is not None else "no connection in time")

    def go(self) -> None:
        """Let it leave, and see its last byte given to the kernel. Raises Unreachable where the other side has hung up meanwhile: then not a
        byte has left; Lost."""
        if self._hung_up():
            self.abandon()
            raise Unreachable("the other side has hung up")
        self._go, self._until = True, time.monotonic() + self._within
        self._leave.set()
        self._sent.wait(self._writing + 1)
        if not self._sent.is_set():
            self._hang_up()
            raise Lost("the line takes nothing")

    def answer(self) -> Answer:
        """The platform's answer. Raises Lost."""
        self._over.wait(max(0.0, self._until - time.monotonic()) + 1)
        if self._answer is None:
            self._hang_up()
            raise Lost(_short(self._error) if self._error is not None else "no answer in time")
        return self._answer

    def abandon(self) -> None:
        """Not a byte is to leave."""
        self._leave.set()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._line = info["return_value"].get_extra_info("socket")
        elif event == _ABOUT_TO_SEND:
            self._to_a_proxy = info["request"].method == b"CONNECT"  # its tunnel, not yet the request
            if not self._to_a_proxy:
                self._connected.set()
                self._leave.wait()
                if not self._go:
                    raise _Abandoned
        elif event == _ALL_SENT and not self._to_a_proxy:
            self._sent.set()

    def _run(self) -> None:
        try:
            with _client(self.request, self._within) as client:
                response = client.send(self.request, stream=True)
                try:
                    whole = bytearray()
                    for piece in response.iter_bytes():
                        whole += piece
                        if len(whole) > MOST or time.monotonic() > self._until:
                            raise Lost("the answer does not end")
                    self._answer = Answer(response.status_code, dict(response.headers), _object(bytes(whole)))
                finally:
                    response.close()
        except Exception as error:
            self._error = error
        finally:
            self._connected.set()
            self._sent.set()
            self._over.set()

    def _hung_up(self) -> bool:
        """Whether the other side has ended the line before anything was written on it."""
        if self._line is None or self._line.fileno() < 0:
            return False
        # Not by reading: over TLS there is something to read in any case (tickets, and the alert that ends it).
        kernel = select.poll()
        kernel.register(self._line.fileno(), select.POLLRDHUP)
        return bool(kernel.poll(0))

    def _hang_up(self) -> None:
        """Nobody waits for it any more: its thread must not, either."""
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)


def unreachable(where: str, error: Unreachable) -> Held:
    """What a channel says when nothing was sent because nobody is there: it is tried again by itself."""
    return Held(
        "prevented",
        f"{where} につながりません（{error}）",
        f"{where} cannot be reached ({error})",
        again_at=time.time() + TRY_AGAIN_AFTER,
    )


def lost(where: str, error: Lost) -> Held:
    """What a channel says when something was sent and nobody can say what became of it."""
    return Held("unknown", f"{where} の答えがありません（{error}）", f"no answer from {where} ({error})")


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def cleaned(words: str) -> str:
    """Somebody else's words for a message of ours: on one line, without control characters, cut."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words[: 4 * _LONGEST_WORDS]).split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[: _LONGEST_WORDS - 1]}…"


def _short(error: Exception) -> str:
    """An error for people. A library may show a header in it (h11 does): veiled before it is cut, since half a token is met by nothing."""
    return cleaned(veiled(f"{type(error).__name__}: {error}")) if str(error) else type(error).__name__
