"""The process that decodes one file: descriptor 0 holds its bytes, descriptor 1 takes the answer, the arguments say what to look for.

It takes its own rights away before it reads anything: memory, processor, files, the size of its answer, new privileges, and, where the
kernel lets it, the network. What a decoder is led into beyond that ends the process, and with it the reading of this one file.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence

import msgspec

from daemon.intake.apart import LARGEST_ANSWER

MEMORY = 1 << 30
"""Bytes of address space: an image of 50 million pixels takes 200 MB of them, its decoders as many."""
PROCESSOR = 10
"""Seconds of processor."""
FILES = 32

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def limit() -> None:
    """Take away what decoding does not need. A kernel that refuses the namespace leaves a process that merely opens no socket."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, LARGEST_ANSWER),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def answer_to(task: str, data: bytes, asked: Sequence[str] = ()) -> bytes:
    """What there is to say of these bytes; of a small picture `asked` are its width, height and colours. Raises whatever a decoder raises
    that nobody thought of: the process ends by it."""
    if task == "picture":
        from daemon.intake.picture_content import look

        return msgspec.msgpack.encode(look(data))
    if task == "small":
        from daemon.intake.small_content import small

        width, height, colours = map(int, asked)
        return msgspec.msgpack.encode(small(data, width, height, colours))
    if task == "document":
        from daemon.intake.document_content import read_document

        return msgspec.msgpack.encode(read_document(data))
    from daemon.intake.sheet_content import read_sheets

    return msgspec.msgpack.encode(read_sheets(data))


def main() -> None:
    """The process."""
    limit()
    with open(0, "rb") as given:
        data = given.read()
    answer = answer_to(sys.argv[1], data, sys.argv[2:])
    while answer:
        answer = answer[os.write(1, answer) :]


if __name__ == "__main__":
    main()
