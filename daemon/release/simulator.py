"""A simulated platform: `python -m daemon.release.simulator --at PLACE --posts FILE`, for training, drills and tests of faults.

It stands where a real platform would: a process of its own that takes posts, counts what arrives, and misbehaves on request. Like X
it knows no idempotency key: what arrives twice is there twice. PLACE is the path of a Unix socket, or `host:port`. One request a
connection, one line of JSON each way. Every post is appended to FILE, from which it goes on after its own death.
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


class Timeline(Struct, frozen=True, kw_only=True, tag_field="do", tag="timeline"):
    """The posts of an account since a moment (seconds since 1970), oldest first."""

    account: str
    since: float = 0.0


class Behave(Struct, frozen=True, kw_only=True, tag_field="do", tag="behave"):
    """From now on, for the next `times` posts (-1: for good): wait `delay` seconds before a post is taken in, `late` seconds before the
    answer, cut the line, answer with `status` (0: as it should) without taking the post in."""

    delay: float = 0.0
    late: float = 0.0
    drop: Drop = ""
    status: int = 0
    times: int = -1


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


class Reply(Struct, frozen=True, kw_only=True):
    """The answer: an HTTP-like status, the id of the new post, or the posts that were asked for."""

    status: int
    id: str = ""
    posts: tuple[Arrived, ...] = ()


Request = Post | Timeline | Behave | Revoke

LONGEST = 1 << 20
_POSTING = b'{"do":"post"'
"""How a post begins on the line: only posts are cut while they are read."""
_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_arrived = msgspec.json.Decoder(Arrived)


class Simulator:
    """The platform's side: what it has taken in, and how it behaves now."""

    def __init__(self, posts: Path) -> None:
        self._file = posts.open("ab", buffering=0)
        self.posts = [_arrived.decode(line) for line in posts.read_bytes().split(b"\n") if line]
        self._behave = Behave()
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
                return Reply(status=200)
            case Revoke():
                self._revoked.add(request.token)
                return Reply(status=200)
            case Timeline():
                posts = (post for post in self.posts if post.account == request.account and post.at >= request.since)
                return Reply(status=200, posts=tuple(posts))
            case Post():
                return await self._post(request, writer)

    async def _post(self, post: Post, writer: asyncio.StreamWriter) -> Reply | None:
        if post.token in self._revoked:
            return Reply(status=401)
        now = self._behaved()
        if now.drop == "before":
            writer.transport.abort()
            return None
        if now.status:
            return Reply(status=now.status)
        await asyncio.sleep(now.delay)
        arrived = Arrived(
            id=str(len(self.posts) + 1), account=post.account, text=post.text, at=time.time(), clock_ns=time.monotonic_ns()
        )
        self.posts.append(arrived)
        self._file.write(msgspec.json.encode(arrived) + b"\n")
        if now.drop == "after":
            writer.transport.abort()
            return None
        await asyncio.sleep(now.late)
        return Reply(status=201, id=arrived.id)

    def _behaved(self) -> Behave:
        """How to behave towards this post; counts down towards good behaviour."""
        now = self._behave
        if now.times > 0:
            left = now.times - 1
            self._behave = msgspec.structs.replace(now, times=left) if left else Behave()
        return now


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
