"""Start an office's daemon beside the caller and return when it answers."""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
from pathlib import Path

from daemon.program import program
from daemon.service.language import choose

READY_WITHIN = 30.0
"""Seconds until a daemon that has not answered counts as one that will not."""


FAILED, BUSY = "failed", "busy"
"""The word before the sentence of a daemon that cannot run; the second where another one has the office already."""


class NotStarted(Exception):
    """The daemon did not come up; the message is its own sentence, in the caller's language."""


class AnotherRuns(NotStarted):
    """Another daemon has the office: it answers, or is just starting."""


def start_detached(folder: Path, *, ends_with_me: bool = False) -> int:
    """Start the daemon of the office in `folder` in a session of its own; returns its pid once its socket answers. With `ends_with_me` it
    ends with this process, however that ends.

    Its log goes to `state/log/kohoban.log`. A thread waits for its end, so that a console that outlives it keeps no dead child; a
    caller who waits for the pid as well may hear that there is no such child. Raises NotStarted with the reason when it cannot run.
    """
    ours, its = os.pipe()
    given, command = [its], [*program("daemon.service.main", "--office", str(folder), "--ready-fd", str(its), "--log-file")]
    if ends_with_me:
        life, _ = os.pipe()  # the other end is this process's alone, and closes with it
        given.append(life)
        command += ["--with-parent", str(life)]
    try:
        process = subprocess.Popen(
            command,
            pass_fds=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        for descriptor in given:
            os.close(descriptor)
    try:
        said = _read_all(ours, time.monotonic() + READY_WITHIN)
    finally:
        os.close(ours)
    if said == b"ready\n":
        threading.Thread(target=process.wait, name="daemon-end", daemon=True).start()
        return process.pid
    silent = _ended(process, folder)
    word, _, sentence = said.decode(errors="replace").partition(" ")
    raise (AnotherRuns if word == BUSY else NotStarted)(sentence or silent)


def _ended(process: subprocess.Popen[bytes], folder: Path) -> str:
    """See a daemon end that did not come up, and kill it where it goes on trying: nobody would know of it. Why, if it did not say."""
    log = folder / "state" / "log" / "kohoban.log"
    try:
        status = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return choose(
            f"起動しても応答がないため、終了させました。{log} を確かめてから、もう一度起動してください。",
            f"It was started, did not answer, and has been ended: look into {log}, then start it again.",
        )
    return choose(
        f"起動の途中で終わりました（終了コード {status}）。{log} を確かめてから、もう一度起動してください。",
        f"It ended while it was starting (exit status {status}): look into {log}, then start it again.",
    )


def _read_all(pipe: int, until: float) -> bytes:
    """What the daemon says on its pipe: everything up to its end, or to the line that says it is ready."""
    said = b""
    while said != b"ready\n" and select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(pipe, 65536)
        if not piece:
            break
        said += piece
    return said
