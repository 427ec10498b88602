"""A bad line: bytes come late, and only so many a second."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from contextlib import suppress

QUEUE = 65536
"""Bytes that the line keeps before it takes no more, as the boxes along a real one do."""


class Line:
    """Forwards every connection to `port` of this machine to another, `delay` seconds late and `rate` bytes a second each way."""

    def __init__(self, to: int, delay: float, rate: float) -> None:
        self._to, self._delay, self._rate = to, delay, rate
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *exc: object) -> None:
        for each in (self._server, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [near, far]
                for source, target in ((near, far), (far, near)):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    way = _Way(source, target, self._delay, self._rate)
                    threading.Thread(target=way.take, daemon=True).start()
                    threading.Thread(target=way.give, daemon=True).start()


class _Way:
    """One direction of a connection."""

    def __init__(self, source: socket.socket, target: socket.socket, delay: float, rate: float) -> None:
        self._source, self._target, self._delay, self._rate = source, target, delay, rate
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._changed = threading.Condition()

    def take(self) -> None:
        free = 0.0
        with suppress(OSError):
            while data := self._source.recv(1024):
                free = max(free, time.monotonic()) + len(data) / self._rate
                with self._changed:
                    self._under_way.append((free + self._delay, data))
                    self._changed.notify()
                    self._changed.wait_for(lambda: sum(len(data) for _, data in self._under_way) < QUEUE)
        with self._changed:
            self._under_way.append((free + self._delay, b""))
            self._changed.notify()

    def give(self) -> None:
        with suppress(OSError):
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._under_way)
                    at, data = self._under_way[0]
                time.sleep(max(0.0, at - time.monotonic()))
                with self._changed:
                    self._under_way.popleft()
                    self._changed.notify()
                if not data:
                    self._target.shutdown(socket.SHUT_WR)
                    return
                self._target.sendall(data)
