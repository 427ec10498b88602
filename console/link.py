"""The console's line to the daemon: hello, questions and acts, events, and coming back after a break.

An act keeps its id across a break: asked again on the new connection, the daemon answers from its record and does not carry it
out twice. A query of a broken connection is simply lost (`LinkDown`), because the views it speaks of are gone with it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from console.unasked import to_ask
from daemon.wire import Ask, Bye, Event, Hello, Refusal, Reply, Welcome, decode_told, encode_frame
from daemon.wire.acts import AnyAct
from daemon.wire.answers import AnyAnswer
from daemon.wire.frames import LINE_LIMIT
from daemon.wire.place import address
from daemon.wire.queries import AnyQuery

LinkState = Literal["connecting", "up", "silent", "down", "refused"]
"""`silent`: connected, but a question has not been answered in time (a daemon that hangs). Only `up` may be shown as running."""

PATIENCE = 5.0
"""Seconds until a question counts as unanswered."""

_BACK_OFF = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class LinkDown(Exception):
    """The question could not be put, or its answer did not come. Of an act this says nothing: it may have been carried out."""


class Link:
    """One operator's connection. `run()` keeps it alive; `ask()` puts a question. Not for several event loops.

    `changed` is called on every change of `state`; `event` with everything that the daemon says unasked.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        operator: str = "",
        client: str = "console",
        event: Callable[[Event], None],
        changed: Callable[[], None],
    ) -> None:
        self.state: LinkState = "connecting"
        self.welcome: Welcome | None = None
        self.refusal: Refusal | None = None
        self.nobody = False
        """Whether nobody listens at the socket: no daemon runs, and neither does a service that would start one."""
        self.operator = operator
        self._state_dir = state_dir
        self._client = client
        self._event = event
        self._changed = changed
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[str, tuple[Ask, asyncio.Future[AnyAnswer]]] = {}
        self._seq = 0
        self._again = asyncio.Event()

    async def run(self) -> None:
        """Connect, and connect again for as long as the task lives."""
        failures = 0
        while True:
            try:
                await self._converse()
                failures = 0
            except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:  # OSError: a timeout too
                failures += 1
                self.nobody = isinstance(error, FileNotFoundError | ConnectionRefusedError)
            self._lost()
            self._again.clear()
            pause = 2.0 if self.state == "refused" else _BACK_OFF[min(failures, len(_BACK_OFF) - 1)]
            try:
                async with asyncio.timeout(pause):
                    await self._again.wait()
            except TimeoutError:
                continue

    def play(self, operator: str) -> None:
        """Say hello again as this operator of the register (a training office only; elsewhere the daemon refuses)."""
        self.operator = operator
        self._again.set()
        if self._writer is not None:
            self._writer.close()

    async def ask(self, question: AnyAct | AnyQuery, *, patience: float = PATIENCE) -> AnyAnswer:
        """The daemon's answer, which may be a `Refusal`. Raises LinkDown when there is none within `patience` seconds."""
        known = to_ask(question, self.welcome)
        if isinstance(known, Refusal):
            return known
        question = known
        number = str(uuid.uuid4())
        is_act = question.__struct_config__.tag_field == "act"
        ask = Ask(id=number, act=question) if is_act else Ask(id=number, query=question)  # type: ignore[arg-type]
        if not is_act and self._writer is None:
            raise LinkDown
        future: asyncio.Future[AnyAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (ask, future)
        try:
            self._send(ask)
            if not (await asyncio.wait({future}, timeout=patience))[0]:
                await asyncio.sleep(0.01)  # where the console itself had no processor, the answer lies in the socket already
            if not future.done():
                if self.state == "up":
                    self._become("silent")
                raise LinkDown
            answer = future.result()
        finally:
            self._waiting.pop(number, None)
        if self.state == "silent":
            self._become("up")
        return answer

    async def _converse(self) -> None:
        """One connection, from the hello to its end. Raises what ended it, if it did not simply close."""
        with address(self._state_dir) as path:
            reader, writer = await asyncio.open_unix_connection(path, limit=LINE_LIMIT)
        self.nobody = False
        try:
            writer.write(encode_frame(Hello(client=self._client, operator=self.operator, events=True)))
            async with asyncio.timeout(PATIENCE):
                self._greeted(decode_told(await reader.readuntil(b"\n")))
            self._writer = writer
            for ask, _ in list(self._waiting.values()):
                self._send(ask)
            self._become("up")
            while line := await reader.readline():
                self._take(decode_told(line))
        finally:
            self._writer = None
            writer.close()

    def _greeted(self, frame: object) -> None:
        if isinstance(frame, Bye):
            self.refusal = frame.refusal
            self._become("refused")
            raise EOFError
        if not isinstance(frame, Welcome):
            raise EOFError
        self.welcome, self.refusal, self._seq = frame, None, frame.seq

    def _take(self, frame: object) -> None:
        if isinstance(frame, Reply):
            if (waiting := self._waiting.get(frame.id)) and not waiting[1].done():
                waiting[1].set_result(frame.answer)
        elif isinstance(frame, Event):
            if frame.seq != self._seq + 1 and frame.kind != "resync":
                self._event(Event(seq=frame.seq, kind="resync"))
            self._seq = frame.seq
            self._event(frame)
        elif isinstance(frame, Bye):
            self.refusal = frame.refusal
            raise EOFError

    def _send(self, ask: Ask) -> None:
        if self._writer is not None:
            self._writer.write(encode_frame(ask))

    def _lost(self) -> None:
        """The connection is gone: queries with it; acts stay and are asked again."""
        for ask, future in self._waiting.values():
            if ask.act is None and not future.done():
                future.set_exception(LinkDown())
        if self.state != "refused":
            self._become("down")

    def _become(self, state: LinkState) -> None:
        if state != self.state:
            self.state = state
            self._changed()
