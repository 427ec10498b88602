"""A channel from outside, whole: posts for a notice board (電子掲示板) that shows what stands in a file, one line of JSON a post.

`<account>.toml` among the credentials names the file: `board = "/srv/board/posts.jsonl"`.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from daemon.release.channel import Became, Here
from daemon.release.jobs import Ask, Held, Job, Look, Told
from daemon.release.steps import Noted
from daemon.rulebook.channels import Capabilities


class Noticeboard:
    """The channel: one object, used by several threads at once."""

    can = Capabilities(
        kinds=frozenset({"post", "correction"}),
        reads=frozenset({"account"}),
        looks=True,
        secret=True,
        credentials={"board": ("board",)},
    )

    def prepare(self, job: Job, here: Here) -> Sending:
        """Open the board. Nobody can see anything yet. Raises Held."""
        board = _board(here, job.account)
        try:
            fd = os.open(board, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise Held(
                "failed", f"掲示板に書けません（{error.strerror}）", f"the board cannot be written ({error.strerror})"
            ) from None
        line = json.dumps({"key": job.key, "account": job.account, "text": job.body.decode()}, ensure_ascii=False)
        return Sending(fd, f"{line}\n".encode(), board, job.key)

    def look(self, look: Look, noted: Noted | None, here: Here) -> Became:
        """Whether it stands there: a board that is read to its end leaves no doubt."""
        if noted is None:
            return Became("not_released")
        board = _board(here, look.account)
        return Became("released") if look.key in _keys(board) else Became("not_released")

    def let_go(self, look: Look, here: Here) -> None:
        """Nothing was put aside."""

    def ask(self, ask: Ask, here: Here) -> Told:
        """Whose board it is, as far as a file can tell. Raises Held."""
        return Told(job=ask.id, ok=True, facts={"name": _board(here, ask.account).stem})


class Sending:
    """One post, ready to be appended."""

    def __init__(self, fd: int, line: bytes, board: Path, key: str) -> None:
        self._fd, self._line, self._board, self._key = fd, line, board, key

    def write(self) -> None:
        """Append it, unless it stands there already: the same revision is sent again where nobody could say whether it was out."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        if self._key in _keys(self._board):
            return
        if os.write(self._fd, self._line) != len(self._line):
            raise Held("unknown", "掲示板への書き込みが途中で終わりました", "the board took only a part of it")

    def finish(self) -> Became:
        """See it on the disk."""
        try:
            os.fsync(self._fd)
        finally:
            os.close(self._fd)
        return Became("released", "", "掲示板に載りました", "it stands on the board")

    def abandon(self) -> None:
        """It was not written."""
        os.close(self._fd)


def _board(here: Here, account: str) -> Path:
    if not (board := here.credentials(account).get("board")):
        raise Held("failed", "認証情報に board がありません", "the credentials name no `board`")
    return Path(board)


def _keys(board: Path) -> Iterator[str]:
    """The keys that stand there. Raises OSError."""
    with board.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["key"]


CHANNEL = Noticeboard()
