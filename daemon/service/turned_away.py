"""Callers of an office that cannot run: under a service manager they wait in its socket, and are told why, in place of a silence.

The manager starts us anew, every few seconds: once the rules are mended, the office is there again without anybody's doing. Were we to
end at once, it would start us again for the same caller, until it gave up, and the socket with it.
"""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress

import msgspec

from daemon.service.notify import Manager
from daemon.wire.answers import Refusal
from daemon.wire.frames import Bye, encode_frame

AGAIN_AFTER = 5.0
"""Seconds in which callers are told, before the next start."""
_A_WORD = 0.5
"""Seconds in which a caller has to take the answer."""
_LINE = 1 << 16


def turn_away(listener: socket.socket, manager: Manager, message: str, message_en: str, seconds: float = AGAIN_AFTER) -> None:
    """Tell everybody who calls within `seconds`, and whoever manages services, why there is no daemon. Raises nothing."""
    answer = {"answer": "refused", "code": "busy", "message": message, "message_en": message_en}
    goodbye = encode_frame(Bye(refusal=msgspec.convert(answer, Refusal)))
    manager.status(message)
    until = time.monotonic() + seconds
    with suppress(OSError):
        listener.setblocking(False)
        while (left := until - time.monotonic()) > 0:
            if select.select([listener], [], [], left)[0]:
                with suppress(OSError):
                    _tell(listener.accept()[0], goodbye)


def _tell(caller: socket.socket, goodbye: bytes) -> None:
    """The hello is heard first: a line that is closed with something unread in it loses what was said."""
    with caller:
        caller.settimeout(_A_WORD)
        with suppress(TimeoutError):
            caller.recv(_LINE)
        caller.sendall(goodbye)
        caller.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError):
            while caller.recv(_LINE):
                pass
