"""An opening of the terminal of one's own: not to wait is a property of the opening, and the one that was inherited is the shell's, too."""

from __future__ import annotations

import fcntl
import os
import struct

_TIOCGDEV = 0x80045432
"""Linux: which terminal an opening of /dev/tty is."""


def opened_again(fd: int) -> int | None:
    """The same terminal, opened anew so as never to wait; None where that cannot be (a login that was changed by `su`, another system)."""
    for path in (_name(fd), "/dev/tty"):
        try:
            opened = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            continue
        if _device(opened) == _device(fd) is not None:
            return opened
        os.close(opened)
    return None


def _name(fd: int) -> str:
    try:
        return os.ttyname(fd)
    except OSError:
        return "/dev/tty"


def _device(fd: int) -> int | None:
    try:
        return int(struct.unpack("I", fcntl.ioctl(fd, _TIOCGDEV, b"\0" * 4))[0])
    except OSError:
        return None
