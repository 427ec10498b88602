"""Files that other programs made (images, office files) are decoded by a process of their own, which knows nothing and may do nothing but
that: what such a decoder is led into ends there, and is the trouble of this one file.

One process a file: what one file did to it cannot reach the next. It gets the bytes that were hashed, in memory; it has limits of memory,
processor, open files and of its answer (`apart_main`), and is killed by its number when its time is over. Nothing of it is imported or
started until a file needs it.
"""

from __future__ import annotations

import os
import subprocess
from typing import Literal

from daemon.program import program

Task = Literal["picture", "small", "document", "sheet"]

SECONDS = 10.0
"""Seconds that one file may take. The largest image that any platform takes needs two."""
LARGEST_ANSWER = 8 << 20
"""Bytes of an answer."""
PROGRAM = program("daemon.intake.apart_main")


class Ended(Exception):
    """The process has come to no answer: it died over this file, or did not end in time (`late`)."""

    def __init__(self, *, late: bool) -> None:
        self.late = late
        super().__init__("late" if late else "died")


def decoded_apart(task: Task, data: bytes, *asked: str, seconds: float = SECONDS) -> bytes:
    """What `apart_main` answers about these bytes, and about what is `asked` of them. Raises Ended; OSError where no process can be started."""
    given, answer = _in_memory(b"given", data), _in_memory(b"answer")
    try:
        process = subprocess.Popen(
            [*PROGRAM, task, *asked], stdin=given, stdout=answer, stderr=subprocess.DEVNULL, env=_ENVIRONMENT, close_fds=True
        )
        _wait(process, seconds)
        if process.returncode != 0:
            raise Ended(late=False)
        return os.pread(answer, LARGEST_ANSWER, 0)
    finally:
        os.close(given)
        os.close(answer)


_ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": os.defpath} | {key: os.environ[key] for key in ("PYTHONPATH",) if key in os.environ}
"""Nothing of the daemon's own, but where its program lies."""


def _in_memory(name: bytes, data: bytes = b"") -> int:
    """A descriptor of these bytes, read from their start, that are in no folder."""
    descriptor = os.memfd_create(f"kohoban-{name.decode()}", os.MFD_CLOEXEC)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Ended(late=True) from None
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
