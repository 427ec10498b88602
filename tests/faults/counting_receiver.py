"""A platform that does nothing but count: what it is sent is stamped by the kernel as it arrives, not when this process gets round to it.

`python counting_receiver.py LATE` prints its port, and at the end of its stdin everything that arrived: a line of JSON each, the moment
(nanoseconds since 1970) and the text. The kernel's stamp (SO_TIMESTAMPNS, on loopback taken inside the sender's own call) is what makes
"nothing began after it was silent" a statement about the sender. Answers wait LATE seconds.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any

SO_TIMESTAMPNS = 35
_SPACE = socket.CMSG_SPACE(16)


def main() -> None:
    late = float(sys.argv[1])
    arrived: list[tuple[int, str]] = []
    answers: list[tuple[float, socket.socket, bytes]] = []
    heard: dict[socket.socket, tuple[int, bytes]] = {}
    watch = selectors.DefaultSelector()
    door = socket.create_server(("127.0.0.1", 0), backlog=512)
    door.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    watch.register(door, selectors.EVENT_READ)
    watch.register(sys.stdin, selectors.EVENT_READ)
    print(door.getsockname()[1], flush=True)
    ended = False
    while not ended or any(key.fileobj is not door for key in watch.get_map().values()) or answers:
        for key, _ in watch.select(0.002 if answers or ended else None):
            if key.fileobj is door:
                line, _ = door.accept()
                watch.register(line, selectors.EVENT_READ)
            elif key.fileobj is sys.stdin:
                ended = True
                watch.unregister(sys.stdin)
            else:
                line = key.fileobj  # type: ignore[assignment]
                at, data = take(line)
                first, before = heard.pop(line, (at, b""))
                if data and not (before + data).endswith(b"\n"):
                    heard[line] = first, before + data
                    continue
                watch.unregister(line)
                if data:
                    answer = json.dumps(answered(json.loads(before + data), first, arrived)).encode() + b"\n"
                    answers.append((time.monotonic() + late, line, answer))
                else:  # the line was taken up and nothing was sent on it
                    line.close()
        while answers and answers[0][0] <= time.monotonic():
            _, line, answer = answers.pop(0)
            with suppress(ConnectionError):  # who asked may be dead
                line.sendall(answer)
            line.close()
    for at, text in arrived:
        print(json.dumps([at, text]))


def answered(asked: dict[str, Any], at: int, arrived: list[tuple[int, str]]) -> dict[str, Any]:
    """Count a post; or say what has been counted, to whoever looks for theirs."""
    if asked["do"] == "post":
        arrived.append((at, asked["text"]))
        return {"status": 201, "id": str(len(arrived))}
    posts = [
        {"id": str(n), "account": asked["account"], "text": text, "at": at / 1e9, "clock_ns": at}
        for n, (at, text) in enumerate(arrived, 1)
        if at / 1e9 >= asked["since"]
    ]
    return {"status": 200, "posts": posts}


def take(line: socket.socket) -> tuple[int, bytes]:
    """What has come on a line, and when the kernel got it."""
    try:
        data, notes, _, _ = line.recvmsg(1 << 16, _SPACE)
    except ConnectionError:
        return 0, b""
    if not data:
        return 0, b""
    (stamp,) = (note for level, kind, note in notes if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS))
    seconds, nanoseconds = struct.unpack("qq", stamp[:16])
    return seconds * 10**9 + nanoseconds, data


if __name__ == "__main__":
    main()
