"""A process that holds what lets in at the platforms shuts itself in before it reads any of it: no core dump, no look into its memory by
other processes of the same login, no environment and no descriptors that it has no use for, nothing printed that it has read."""

from __future__ import annotations

import ctypes
import io
import logging
import os
import resource
import sys
from collections.abc import Mapping
from typing import cast

from daemon.release.veil import Veiled

ENVIRONMENT = (
    "PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ", "KOHOBAN_LANG",
    "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "CREDENTIALS_DIRECTORY", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
"""What the releaser needs to know of the world: where programs, proxies, certificate authorities and credentials are, and the language. All
else stays outside; SSLKEYLOGFILE, for one, would write the keys of every connection into a file, LD_PRELOAD let other code in."""

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
_FIRST_OTHER, _LAST_OTHER = 3, 1 << 16


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What of an environment the releaser gets."""
    return {name: given[name] for name in ENVIRONMENT if name in given}


def shut_in() -> None:
    """Do all of this to the process that calls. Raises OSError where the system does not allow it: then nothing may be read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    # A core limit of nothing stops no program that core_pattern pipes to, this does; and /proc/PID/mem, environ and ptrace are then root's.
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) or libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the process cannot be closed to others (PR_SET_DUMPABLE)")
    os.closerange(_FIRST_OTHER, _LAST_OTHER)
    for name in os.environ.keys() - set(ENVIRONMENT):
        del os.environ[name]
    logging.disable(logging.CRITICAL)  # libraries tell their loggers of headers; what there is to say stands in the reports
    sys.stderr = Veiled(cast(io.TextIOBase, sys.stderr))
