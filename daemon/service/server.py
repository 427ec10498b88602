"""The socket: frames in, frames out, one connection a caller. It knows who is there and nothing of what they ask."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import msgspec

from daemon.refused import Refused
from daemon.rulebook.model import Office, Operator
from daemon.service.hub import Hub
from daemon.service.identity import peer_uid
from daemon.service.logs import incident
from daemon.service.terminals.peer import Peer
from daemon.service.versions import program_version
from daemon.store import StoreBusy, StoreClosed, StoreError
from daemon.wire.answers import AnyAnswer, Event, Refusal
from daemon.wire.frames import LINE_LIMIT, PROTOCOL, Ask, Bye, Hello, Reply, Welcome, decode_asked, encode_frame, id_of_asked
from daemon.wire.place import SOCKET, address

IN_FLIGHT = 32
"""Questions of one connection that may be open at once; more wait in the socket."""

BEHIND = 1 << 20
"""Unsent bytes after which a listener counts as fallen behind."""

HELLO_WITHIN = 10.0
"""Seconds in which a caller has to introduce itself."""

READ_WITHIN = 60.0
"""Seconds in which a caller has to read something of an answer: whoever never reads is hung up on, with all that waits for them."""

OF_ONE_UID = 200
IN_ALL = 500
"""Connections that may be open at once: of one uid, so that nobody can take the places of the others, and of all, so that descriptors
are left for the daemon's own files."""

SAID = 200
"""Characters of what is wrong with a line that its caller is told."""

BACKLOG = 1024
"""Callers that the kernel may keep waiting at the door; those beyond are turned away by it without a word."""

OWN_DESCRIPTORS = 256
"""Descriptors that no caller may use up."""


class Session:
    """One connection: who it is, which process is on the other end, which views it has frozen, which accounts' handles (`account@handle`) it has confirmed.

    `identify` says it anew: whoever leaves the register, or changes their role, is somebody else from the next question on.
    """

    def __init__(self, identify: Callable[[], Operator], peer: Peer) -> None:
        self.identify = identify
        self.peer = peer
        self.who = identify()
        self.views: dict[int, object] = {}
        self.handles: set[str] = set()
        self.terminal = ""
        """From which designated terminal, or as which exception, the act that is asked for now is made; empty where no clause asks."""
        self._next = 0

    def number(self) -> int:
        """A number for the next view."""
        self._next += 1
        return self._next


Identify = Callable[[int, str], Operator]
Answer = Callable[[Ask, Session], Awaitable[AnyAnswer]]


class Server:
    """Listens on `state/socket`: 0660, put in place under its final name only when it answers; or at `handed`, the socket that a service
    manager holds there, and that stays when this daemon ends."""

    def __init__(
        self,
        state: Path,
        hub: Hub,
        identify: Identify,
        answer: Answer,
        office: Callable[[], Office],
        handed: socket.socket | None = None,
    ) -> None:
        self._state, self._hub, self._identify, self._answer, self._office = state, hub, identify, answer, office
        self._handed = handed
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._of: Counter[int] = Counter()

    async def start(self) -> None:
        """Bind beside the final name, then rename: a caller never meets a socket that nobody listens on, or a dead one's."""
        _descriptors(IN_ALL + OWN_DESCRIPTORS)
        if self._handed is not None:
            self._server = await self._serve(self._handed)
            return
        with contextlib.suppress(FileNotFoundError):
            (self._state / f"{SOCKET}.new").unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with address(self._state, f"{SOCKET}.new") as place:
            listener.bind(place)
        (self._state / f"{SOCKET}.new").chmod(0o660)
        self._server = await self._serve(listener)
        (self._state / f"{SOCKET}.new").rename(self._state / SOCKET)

    async def _serve(self, listener: socket.socket) -> asyncio.Server:
        return await asyncio.start_unix_server(self._connected, sock=listener, limit=LINE_LIMIT, backlog=BACKLOG)

    async def close(self) -> None:
        """Say good-bye to everybody and leave no socket behind, but for the manager's own. Calling it again does nothing."""
        if self._server is None:
            return
        if self._handed is None:
            with contextlib.suppress(FileNotFoundError):
                (self._state / SOCKET).unlink()
        if self._server is not None:
            self._server.close()
        self._server = None
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        uid = peer_uid(writer.get_extra_info("socket"))
        self._connections.add(task)
        self._of[uid] += 1
        try:
            if self._of[uid] > OF_ONE_UID or len(self._connections) > IN_ALL:
                self._too_many(writer, self._of[uid])
            else:
                await self._converse(reader, writer)
        except asyncio.CancelledError:
            self._bye(writer, "busy", "デーモンが終了します。", "The daemon goes down.")
        finally:
            self._connections.discard(task)
            self._of -= Counter({uid: 1})
            writer.close()

    def _too_many(self, writer: asyncio.StreamWriter, own: int) -> None:
        self._bye(
            writer,
            "busy",
            f"接続が多すぎます（この利用者 {own}、全体 {len(self._connections)}）。使っていない画面を閉じてから、もう一度つないでください。"
            "停止（kohoban stop）は今もできます。",
            f"Too many connections ({own} of this login, {len(self._connections)} in all): close what is not used, then connect again. "
            "A stop (kohoban stop) is possible all the same.",
        )

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session, hello = await self._introduce(reader, writer)
        if session is None or hello is None:
            return
        listener = _Listener(writer, self._hub)
        if hello.events:
            self._hub.join(listener, session.who.login)
        try:
            async with asyncio.TaskGroup() as at_work:
                catching_up = at_work.create_task(listener.catch_up())
                free = asyncio.Semaphore(IN_FLIGHT)
                while line := await self._line(reader, writer):
                    ask = self._ask(line)
                    if isinstance(ask, Refusal):
                        if (number := id_of_asked(line)) is None:
                            writer.write(encode_frame(Bye(refusal=ask)))
                            break
                        await listener.send(encode_frame(Reply(id=number, answer=ask)))
                        continue
                    await free.acquire()
                    at_work.create_task(self._reply(ask, session, listener)).add_done_callback(lambda _: free.release())
                catching_up.cancel()
        finally:
            self._hub.leave(listener)
            session.views.clear()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """The next line; empty when the caller is gone, or sent one that no frame can be."""
        try:
            return await reader.readline()
        except ConnectionError:
            return b""
        except ValueError:
            self._bye(
                writer, "protocol", f"1行が長すぎます（{LINE_LIMIT} バイトまで）。", f"A line is too long (at most {LINE_LIMIT})."
            )
            return b""

    async def _introduce(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[Session, Hello] | tuple[None, None]:
        peer = Peer.of(writer.get_extra_info("socket"))
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                line = await self._line(reader, writer)
            if not line:
                return None, None
            hello = decode_asked(line)
        except (TimeoutError, msgspec.DecodeError):
            hello = None
        if not isinstance(hello, Hello):
            self._bye(writer, "protocol", "最初の行は hello です。", "The first line is a hello.")
            return None, None
        spoken = min(hello.protocol[1], PROTOCOL[1])
        if spoken < max(hello.protocol[0], PROTOCOL[0]):
            self._bye(
                writer,
                "protocol",
                f"共通の版がありません（こちら {PROTOCOL}、そちら {hello.protocol}）。kohoban を更新してください。",
                f"No common protocol version (here {PROTOCOL}, there {hello.protocol}): update kohoban.",
            )
            return None, None
        try:
            session = Session(partial(self._identify, peer.uid, hello.operator), peer)
        except Refused as refused:
            writer.write(encode_frame(Bye(refusal=refused.refusal)))
            return None, None
        who = session.who
        office = self._office()
        writer.write(
            encode_frame(
                Welcome(
                    protocol=spoken,
                    login=who.login,
                    name=who.name,
                    role=who.role,
                    titles=who.titles,
                    office=office.name,
                    training=office.training,
                    seq=self._hub.seq,
                    version=program_version(),
                )
            )
        )
        return session, hello

    @staticmethod
    def _ask(line: bytes) -> Ask | Refusal:
        """The ask in a line, or why it is none: a caller of a later version asks what is not known here yet, and goes on with the rest."""
        try:
            frame = decode_asked(line)
        except msgspec.DecodeError as error:
            version, said = program_version(), str(error)[:SAID]  # it may quote the line
            why, why_en = f"読めない行です: {said}", f"This line cannot be read: {said}"
            if id_of_asked(line) is not None:
                why = f"このデーモン（{version}）には分からない問い合わせです。操作卓のほうが新しければ、デーモンを新しい版にしてください（{said}）。"
                why_en = (
                    f"This daemon ({version}) does not know that question; if the console is newer, upgrade the daemon ({said})."
                )
            return Refusal(code="protocol", message=why, message_en=why_en)
        if isinstance(frame, Ask) and (frame.act is None) != (frame.query is None):
            return frame
        return Refusal(code="protocol", message="問い合わせ（ask）ではありません。", message_en="This is not an ask.")

    async def _reply(self, ask: Ask, session: Session, listener: _Listener) -> None:
        try:
            session.who = session.identify()
            line = encode_frame(Reply(id=ask.id, answer=await self._answer(ask, session)))
        except Refused as refused:
            line = encode_frame(Reply(id=ask.id, answer=refused.refusal))
        except StoreError as error:
            line = encode_frame(Reply(id=ask.id, answer=_not_kept(error)))
        except OverflowError as error:
            beyond = "SQLite" in str(error)  # a number of more than 64 bits, which no row has
            line = encode_frame(Reply(id=ask.id, answer=_no_such_number() if beyond else _incident(error, ask)))
        except Exception as error:
            line = encode_frame(Reply(id=ask.id, answer=_incident(error, ask)))
        if len(line) > LINE_LIMIT:
            line = encode_frame(Reply(id=ask.id, answer=_too_long(len(line))))
        await listener.send(line)

    @staticmethod
    def _bye(writer: asyncio.StreamWriter, code: str, message: str, message_en: str) -> None:
        refusal = msgspec.convert({"answer": "refused", "code": code, "message": message, "message_en": message_en}, Refusal)
        writer.write(encode_frame(Bye(refusal=refusal)))


class _Listener:
    """Hands events to one connection, without waiting; when it falls behind, one `resync` in the place of what it missed."""

    def __init__(self, writer: asyncio.StreamWriter, hub: Hub) -> None:
        self._writer, self._hub = writer, hub
        self._behind = asyncio.Event()

    def __call__(self, lines: bytes) -> None:
        if self._behind.is_set():
            return
        if self._writer.transport.get_write_buffer_size() > BEHIND:
            self._behind.set()
            return
        self._writer.write(lines)

    async def send(self, line: bytes) -> None:
        """Send a line after the events that came before it, at the pace at which the caller reads."""
        self._hub.flush()
        self._writer.write(line)
        if not self._writer.transport.get_write_buffer_size():  # the kernel has taken it: there is nothing to wait for
            return
        try:
            async with asyncio.timeout(READ_WITHIN):
                await self._writer.drain()
        except TimeoutError:
            self._writer.transport.abort()
        except ConnectionError:
            pass

    async def catch_up(self) -> None:
        """Whenever it has fallen behind, wait until it has read what it was sent, then tell it to ask again: also when nothing more
        happens that it could be told of."""
        with contextlib.suppress(ConnectionError):
            while await self._behind.wait():
                await self._writer.drain()
                self._hub.flush()
                self._behind.clear()
                self._writer.write(encode_frame(Event(seq=self._hub.seq, kind="resync")))


def _descriptors(wanted: int) -> None:
    """Allow this process so many descriptors, as far as the system lets it: the usual 1,024 are soon shared with files and children."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


def _not_kept(error: StoreError) -> Refusal:
    """What the store could not do, in its own words: a full disk is nobody's mistake and no defect of the program."""
    passing = isinstance(error, StoreBusy | StoreClosed)
    return Refusal(code="busy" if passing else "internal", message=error.message, message_en=error.message_en)


def _no_such_number() -> Refusal:
    return Refusal(code="no_such", message="その番号のものはありません。", message_en="There is nothing of that number.")


def _too_long(size: int) -> Refusal:
    return Refusal(
        code="internal",
        message=f"答えが長すぎて送れません（{size:,} バイト、上限 {LINE_LIMIT:,}）。範囲を狭めるか、判定ファイルを読んでください。",
        message_en=f"The answer is too long to be sent ({size:,} bytes, limit {LINE_LIMIT:,}): ask for less, or read the verdict file.",
    )


def _incident(error: Exception, ask: Ask) -> Refusal:
    number = incident("incident", error, asked=type(ask.act or ask.query).__name__)
    return Refusal(
        code="internal",
        message=f"内部の誤りです（受付番号 {number}）。記録は state/log にあります。もう一度試し、続くなら番号を添えて知らせてください。",
        message_en=f"Internal error (incident {number}); see state/log. Try again, and report the number if it goes on.",
        incident=number,
    )
