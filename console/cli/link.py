"""The command line's line to the daemon: ask over the socket and wait for the answer. No event loop: a command asks, prints and ends."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from console.cli.outcome import NO_DAEMON, REFUSED, WRONG, Failure, system_words
from console.starting import how_to_start
from console.unasked import to_ask
from console.words import choose, say
from daemon.wire import Ask, Bye, Hello, Refusal, Reply, Welcome, decode_frame, encode_frame
from daemon.wire.act import Act
from daemon.wire.acts import AnyAct
from daemon.wire.answer import Answer
from daemon.wire.answers import AnyAnswer
from daemon.wire.frames import LINE_LIMIT, Frame
from daemon.wire.place import address
from daemon.wire.queries import AnyQuery

TIMEOUT = 5.0
"""Seconds to wait for the daemon's next word."""

SLOW = 600.0
"""Seconds to wait where the daemon reads the whole record."""

_NOBODY: dict[type[OSError], str] = {FileNotFoundError: "absent", ConnectionRefusedError: "dead", PermissionError: "forbidden"}

A = TypeVar("A", bound=Answer)


class Refused(Failure):
    """The daemon has said no (exit code 4); `refusal` has its reason."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        said = choose(refusal.message, refusal.message_en)
        if refusal.clause:
            said = say("cli", "refused.clause", said=said, clause=refusal.clause)
        if refusal.incident:
            said = say("cli", "refused.incident", said=said, incident=refusal.incident)
        super().__init__(WRONG if refusal.code == "internal" else REFUSED, said)


class NoDaemon(Failure):
    """Nobody answers at the socket (exit code 3)."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(NO_DAEMON, say("cli", f"link.{key}", **values))
        self.down = key in ("absent", "dead")
        self.forbidden = key == "forbidden"


class Link:
    """One connection, as one person. Use it as a context manager.

    Every act carries an id, so that one whose answer was lost with the connection is asked once more and never carried out twice.
    Raises NoDaemon, and Refused where the daemon says no.
    """

    def __init__(self, office: Path, operator: str = "", *, patience: float = TIMEOUT) -> None:
        """`patience`: seconds for each of connecting and introducing oneself."""
        self._patience = patience
        self._state = office / "state"
        self._operator = operator
        self._socket: socket.socket | None = None
        self._rest = b""
        self.welcome: Welcome

    def __enter__(self) -> Link:
        self._connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def ask(self, question: AnyAct | AnyQuery, kind: type[A], *, timeout: float = TIMEOUT) -> A:
        """Carry out an act, or ask a question, and return its answer, which must be of this kind."""
        known = to_ask(question, self.welcome)
        answer = known if isinstance(known, Refusal) else self._answer(known, timeout)
        if isinstance(answer, Refusal):
            raise Refused(answer)
        if not isinstance(answer, kind):
            raise NoDaemon("odd", state=self._state)
        return answer

    def _answer(self, question: AnyAct | AnyQuery, timeout: float) -> AnyAnswer:
        ask = Ask(id=str(uuid.uuid4()), act=question) if isinstance(question, Act) else Ask(id=str(uuid.uuid4()), query=question)
        try:
            return self._round(ask, timeout)
        except (OSError, EOFError):
            # The same id again: where the act was carried out and only its answer lost, the record answers.
            self._close()
            self._connect()
        try:
            return self._round(ask, timeout)
        except (OSError, EOFError) as error:
            raise NoDaemon("unanswered", state=self._state) from error

    def _round(self, ask: Ask, timeout: float) -> AnyAnswer:
        self._send(ask, timeout)
        while True:
            frame = self._next()
            if isinstance(frame, Reply) and frame.id == ask.id:
                return frame.answer
            if isinstance(frame, Bye):
                raise Refused(frame.refusal)

    def _connect(self) -> None:
        self._socket, self._rest = self._dial(), b""
        try:
            self._introduce()
        except Failure:
            self._close()
            raise

    def _dial(self) -> socket.socket:
        """A socket with somebody on the other end. Raises NoDaemon, with what to do."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        line.settimeout(self._patience)
        try:
            with address(self._state) as path:
                line.connect(path)
        except OSError as error:
            line.close()
            key = next((key for kind, key in _NOBODY.items() if isinstance(error, kind)), "broken")
            start = how_to_start(self._state.parent) if key in ("absent", "dead") else ""
            raise NoDaemon(key, state=self._state, why=system_words(error), start=start) from None
        return line

    def _introduce(self) -> None:
        try:
            self._send(Hello(client=f"cli/{os.getpid()}", operator=self._operator), self._patience)
            frame = self._next()
        except (OSError, EOFError) as error:
            raise NoDaemon("silent", state=self._state) from error
        if isinstance(frame, Bye):
            raise Refused(frame.refusal)
        if not isinstance(frame, Welcome):
            raise NoDaemon("odd", state=self._state)
        self.welcome = frame

    def _send(self, frame: Frame, timeout: float) -> None:
        if self._socket is None:
            raise EOFError
        self._socket.settimeout(timeout)
        self._socket.sendall(encode_frame(frame))

    def _next(self) -> Frame:
        """The next frame. Raises EOFError when the daemon has closed the line, OSError (a timeout too) from the socket."""
        if self._socket is None:
            raise EOFError
        while b"\n" not in self._rest:
            # Room for the answers that are longer than any question may be.
            if len(self._rest) > 64 * LINE_LIMIT or not (chunk := self._socket.recv(1 << 16)):
                raise EOFError
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            return decode_frame(line)
        except msgspec.DecodeError:
            raise NoDaemon("odd", state=self._state) from None

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
