"""A simulated platform: `python -m daemon.release.simulator --at PLACE --posts FILE`, for training, drills and tests of faults.

It stands where a real platform would: a process of its own that takes posts and measures, has citizens speak, counts what arrives, and
misbehaves on request. Like X it knows no idempotency key: what arrives twice is there twice. PLACE is the path of a Unix socket, or
`host:port`. One request a connection, one line of JSON each way. Every post is appended to FILE (all else to FILE.others), from which it
goes on after its own death.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from daemon.wire.place import address

Drop = Literal["", "before", "during", "after"]
"""When the line is cut: before the post is taken in, while it is read, or after it was taken in and before the answer."""


class Post(Struct, frozen=True, kw_only=True, tag_field="do", tag="post"):
    """Publish a text under an account; `token` is the right to do so."""

    account: str
    text: str
    token: str = ""


class Measure(Struct, frozen=True, kw_only=True, tag_field="do", tag="measure"):
    """Do this (`hide`, `mute`, `block` …) as an account to a comment or whoever wrote it, by their numbers."""

    account: str
    what: str
    target: str
    token: str = ""


class Speak(Struct, frozen=True, kw_only=True, tag_field="do", tag="speak"):
    """A citizen says something that names an account, below one of its posts (`conversation`) or anywhere."""

    account: str
    text: str
    handle: str
    author: str
    conversation: str = ""


class Mentions(Struct, frozen=True, kw_only=True, tag_field="do", tag="mentions"):
    """What names an account and is newer than the number `since`: the newest `most`, the newest first."""

    account: str
    since: str = ""
    most: int = 100


class Blocking(Struct, frozen=True, kw_only=True, tag_field="do", tag="blocking"):
    """Whom an account blocks."""

    account: str


class Timeline(Struct, frozen=True, kw_only=True, tag_field="do", tag="timeline"):
    """The posts of an account since a moment (seconds since 1970), oldest first."""

    account: str
    since: float = 0.0


class Behave(Struct, frozen=True, kw_only=True, tag_field="do", tag="behave"):
    """From now on, for the next `times` posts or measures (-1: for good): wait `delay` seconds before one is taken in, `late` seconds before
    the answer (both no longer than until it is told how to behave once more), cut the line, answer with `status` (0: as it should) without taking it in; `again`: seconds after which to come again."""

    delay: float = 0.0
    late: float = 0.0
    drop: Drop = ""
    status: int = 0
    times: int = -1
    again: float = 0.0


class Revoke(Struct, frozen=True, kw_only=True, tag_field="do", tag="revoke"):
    """This token no longer gives the right to post."""

    token: str


class Arrived(Struct, frozen=True, kw_only=True):
    """One post as it arrived: when by the calendar (seconds since 1970) and by the clock that never jumps (nanoseconds of
    CLOCK_MONOTONIC, the same for all processes of a machine)."""

    id: str
    account: str
    text: str
    at: float
    clock_ns: int


class Measured(Struct, frozen=True, kw_only=True, tag=True):
    """A measure as it arrived."""

    account: str
    what: str
    target: str
    at: float


class Spoken(Struct, frozen=True, kw_only=True, tag=True):
    """What a citizen has said."""

    id: str
    account: str
    text: str
    handle: str
    author: str
    at: float
    conversation: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """The answer: an HTTP-like status, the id of the new post, or what was asked for. `whole`: there is no more; `again`: seconds after
    which to come again."""

    status: int
    id: str = ""
    posts: tuple[Arrived, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    measures: tuple[Measured, ...] = ()
    whole: bool = True
    again: float = 0.0


class Measures(Struct, frozen=True, kw_only=True, tag_field="do", tag="measures"):
    """Every measure that has arrived for an account, oldest first."""

    account: str


Request = Post | Measure | Speak | Mentions | Blocking | Measures | Timeline | Behave | Revoke

LONGEST = 1 << 20
_POSTING = b'{"do":"post"'
"""How a post begins on the line: only posts are cut while they are read."""
_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_arrived = msgspec.json.Decoder(Arrived)
_others: msgspec.json.Decoder[Measured | Spoken] = msgspec.json.Decoder(Measured | Spoken)
_FIRST = 1_000_000
"""The number of the first thing that a citizen says."""


class Simulator:
    """The platform's side: what it has taken in, and how it behaves now."""

    def __init__(self, posts: Path) -> None:
        self._file = posts.open("ab", buffering=0)
        self.posts = [_arrived.decode(line) for line in posts.read_bytes().split(b"\n") if line]
        beside = posts.with_name(f"{posts.name}.others")
        self._beside = beside.open("ab", buffering=0)
        found = [_others.decode(line) for line in beside.read_bytes().split(b"\n") if line]
        self.measures = [each for each in found if isinstance(each, Measured)]
        self.spoken = [each for each in found if isinstance(each, Spoken)]
        self._behave, self._told = Behave(), asyncio.Event()
        self._revoked: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request, one answer."""
        with suppress(ConnectionError, EOFError, ValueError, msgspec.DecodeError):
            head = await reader.readexactly(len(_POSTING))
            if self._behave.drop == "during" and head == _POSTING:
                self._behaved()
                writer.transport.abort()
                return
            line = head + await reader.readline()
            reply = await self._answer(_requests.decode(line), writer)
            if reply is not None:
                writer.write(msgspec.json.encode(reply) + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> Reply | None:
        match request:
            case Behave():
                self._behave = request
                self._told.set()
                self._told = asyncio.Event()
                return Reply(status=200)
            case Revoke():
                self._revoked.add(request.token)
                return Reply(status=200)
            case Timeline():
                posts = (post for post in self.posts if post.account == request.account and post.at >= request.since)
                return Reply(status=200, posts=tuple(posts))
            case Post():
                return await self._post(request, writer)
            case Measure():
                return await self._measure(request, writer)
            case Measures():
                return Reply(status=200, measures=tuple(each for each in self.measures if each.account == request.account))
            case Speak():
                said = Spoken(id=str(_FIRST + len(self.spoken)), at=time.time(), **_but_tag(request))
                self.spoken.append(said)
                self._beside.write(msgspec.json.encode(said) + b"\n")
                return Reply(status=201, id=said.id)
            case Mentions():
                return self._mentions(request)
            case Blocking():
                mine = [each for each in self.measures if each.account == request.account]
                last = {each.target: each.what for each in mine if each.what in ("block", "unblock")}
                listed = {each.author: each for each in self.spoken if last.get(each.author) == "block"}
                return Reply(status=200, spoken=tuple(listed.values()))

    def _mentions(self, asked: Mentions) -> Reply:
        since = int(asked.since or 0)
        found = [each for each in self.spoken if each.account == asked.account and int(each.id) > since]
        return Reply(status=200, spoken=tuple(reversed(found[-asked.most :])), whole=len(found) <= asked.most)

    async def _measure(self, measure: Measure, writer: asyncio.StreamWriter) -> Reply | None:
        if measure.token in self._revoked:
            return Reply(status=401)
        now = self._behaved()
        if now.drop in ("before", "during"):
            writer.transport.abort()
            return None
        if now.status:
            return Reply(status=now.status, again=now.again)
        await self._wait(now.delay)
        done = Measured(account=measure.account, what=measure.what, target=measure.target, at=time.time())
        self.measures.append(done)
        self._beside.write(msgspec.json.encode(done) + b"\n")
        if now.drop == "after":
            writer.transport.abort()
            return None
        await self._wait(now.late)
        return Reply(status=200)

    async def _post(self, post: Post, writer: asyncio.StreamWriter) -> Reply | None:
        if post.token in self._revoked:
            return Reply(status=401)
        now = self._behaved()
        if now.drop == "before":
            writer.transport.abort()
            return None
        if now.status:
            return Reply(status=now.status, again=now.again)
        await self._wait(now.delay)
        arrived = Arrived(
            id=str(len(self.posts) + 1), account=post.account, text=post.text, at=time.time(), clock_ns=time.monotonic_ns()
        )
        self.posts.append(arrived)
        self._file.write(msgspec.json.encode(arrived) + b"\n")
        if now.drop == "after":
            writer.transport.abort()
            return None
        await self._wait(now.late)
        return Reply(status=201, id=arrived.id)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._told.wait()

    def _behaved(self) -> Behave:
        """How to behave towards this post; counts down towards good behaviour."""
        now = self._behave
        if now.times > 0:
            left = now.times - 1
            self._behave = msgspec.structs.replace(now, times=left) if left else Behave()
        return now


def _but_tag(spoken: Speak) -> dict[str, str]:
    return dict(msgspec.structs.asdict(spoken))


async def run(at: str, posts: Path, ready: int | None) -> None:
    """Serve at this place until the process ends."""
    simulator = Simulator(posts)
    host, colon, port = at.rpartition(":")
    if colon and port.isdigit():
        server = await asyncio.start_server(simulator.serve, host, int(port), limit=LONGEST)
    else:
        server = await asyncio.start_unix_server(simulator.serve, sock=_listening(Path(at)), limit=LONGEST)
    if ready is not None:
        os.write(ready, b"ready\n")
        os.close(ready)
    async with server:
        await server.serve_forever()


def _listening(place: Path) -> socket.socket:
    """A socket that is bound there, in the place of a dead one's."""
    place.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with address(place.parent, place.name) as short:
        listener.bind(short)
    return listener


def main() -> None:
    """The process. It ends with whoever started it and gave it `--with-parent`, a pipe that closes when they are gone."""
    parser = argparse.ArgumentParser(prog="python -m daemon.release.simulator", description=__doc__)
    parser.add_argument("--at", required=True, help="path of a Unix socket, or host:port")
    parser.add_argument("--posts", required=True, type=Path, help="file to which every post is appended")
    parser.add_argument("--ready-fd", type=int, default=None, help="gets one line when the platform listens")
    parser.add_argument("--with-parent", type=int, default=None, help="a descriptor whose end is this process's end")
    options = parser.parse_args()

    async def whole() -> None:
        serving = asyncio.ensure_future(run(options.at, options.posts, options.ready_fd))
        if options.with_parent is not None:
            asyncio.get_running_loop().add_reader(options.with_parent, serving.cancel)
        with suppress(asyncio.CancelledError):
            await serving

    asyncio.run(whole())


if __name__ == "__main__":
    main()
