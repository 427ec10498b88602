"""Carrying a notice out where the daemon itself may not: `python -m daemon.service.postman SECONDS COMMAND …`, one notice a process.

A hardened daemon has no network and may start nothing that changes its login, as sendmail does. There the service manager listens at a
socket, which the daemon's environment names, and starts this for each notice, with the caller on stdin: the letter comes in, one line
goes out that says what became of it. Standard library only. The command is the unit's, so a daemon that were taken over could not choose it.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress

from daemon.service.carrier import Carrier

LARGEST = 1 << 20
"""Bytes of a notice."""
_PATIENCE = 5.0
"""Seconds in which the letter has to come in."""


def main(words: list[str]) -> int:
    """Carry the one notice that comes on stdin by the command that was given, and answer there."""
    seconds, command = float(words[0]), tuple(words[1:])
    with socket.socket(fileno=os.dup(0)) as line:
        line.settimeout(_PATIENCE)
        heard, whole = b"", False
        with suppress(TimeoutError):
            while len(heard) <= LARGEST and (piece := line.recv(1 << 16)):
                heard += piece
            whole = True
        head, _, data = heard.partition(b"\n")
        answer: tuple[str, str] | None
        if head != json.dumps(list(command)).encode():
            answer = (
                f"通知係のコマンド（{' '.join(command)}）が rules.toml の [notices] と違います。kohoban service install をやり直してください",
                f"the postman's command ({' '.join(command)}) is not that of [notices]: run kohoban service install again",
            )
        elif not whole:
            answer = "通知の途中で待ち時間が過ぎました。送っていません", "the notice did not come in whole in time: not sent"
        elif len(heard) > LARGEST or not data:
            answer = "通知が大きすぎるか、空です", "the notice is too large, or empty"
        else:
            answer = Carrier().carry(command, data, seconds)
        with suppress(OSError):
            line.sendall(json.dumps(answer).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
