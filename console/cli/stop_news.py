"""After a stop: tell the daemon of it, and learn what was in flight, from the daemon or else from its database."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE = 0.3
"""Seconds for the whole talk with the daemon: one that hangs must not keep a person waiting who has just pressed stop."""

_PROTOCOL = [1, 1]
_MOST = 1 << 20
_OPEN = "SELECT draft, holder FROM releases WHERE state IN ('begun', 'leased', 'unknown') ORDER BY id"
_OUTCOMES = {"released": ("発信済", "released"), "prevented": ("発信されず", "prevented"), "unknown": ("不明", "unknown")}


class News(NamedTuple):
    """`told`: the daemon has recorded the stop. `in_flight` as the contract has it; `known` is False where nobody could say, and then
    `why` (Japanese, English) is the reason."""

    told: bool
    in_flight: list[dict[str, object]]
    known: bool
    why: tuple[str, str] = ("", "")

    def lines(self) -> Iterator[tuple[str, str]]:
        """What a person has to know now, in both languages."""
        if not self.told:
            yield (
                "デーモンには届きませんでした。停止は有効です。デーモンが動けば気づいて記録します。",
                "The daemon did not hear of it. The stop stands; once it runs, the daemon sees it and records it.",
            )
        if not self.known:
            yield (
                f"発信の途中だったものは分かりません（{self.why[0]}）。",
                f"What was in flight cannot be told ({self.why[1]}).",
            )
        elif not self.in_flight:
            yield "発信の途中だったものはありません。", "Nothing was in flight."
        for one in self.in_flight:
            ja, en = _OUTCOMES.get(str(one["outcome"]), _OUTCOMES["unknown"])
            yield (
                f"発信の途中: 下書き {one['draft']}　{ja}　担当 {one['holder']} に確かめてください。",
                f"In flight: draft {one['draft']}, {en}; ask {one['holder']}.",
            )
        yield "再開は管理者が行います: kohoban resume", "A manager resumes: kohoban resume"


def tell_and_ask(state: Path, scope: str, reason: str, operator: str) -> News:
    """Report the stop to the daemon and read what was in flight. Never raises: the stop stands whatever comes of this."""
    try:
        answer = _tell(state, scope, reason, operator)
        if answer is not None and answer.get("answer") == "stop_state":
            return News(True, [_flight(_object(one)) for one in answer.get("in_flight") or ()], True)
    except (OSError, ValueError, TypeError):
        answer = None
    told = answer is not None and answer.get("answer") == "done"
    record = state / "kohoban.db"
    if not record.exists():
        return News(told, [], False, ("記録 state/kohoban.db がまだありません", "there is no record, state/kohoban.db, yet"))
    try:
        return News(told, _from_database(record), True)
    except (sqlite3.Error, OSError) as error:
        return News(told, [], False, (f"記録を読めません: {error}", f"the record cannot be read: {error}"))


def _tell(state: Path, scope: str, reason: str, operator: str) -> dict[str, Any] | None:
    """Say hello and the act `stopped` in the words of `daemon.wire`, and wait for its answer; None where there is none in time."""
    until = time.monotonic() + PATIENCE
    ask = os.urandom(16).hex()  # as good as a UUID, without its import
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE)
            line.connect(f"/proc/self/fd/{folder}/socket")  # a path of any length
            line.sendall(
                _frame({"frame": "hello", "protocol": _PROTOCOL, "client": "stop", "operator": operator})
                + _frame({"frame": "ask", "id": ask, "act": {"act": "stopped", "scope": scope, "reason": reason}})
            )
            heard = b""
            while (left := until - time.monotonic()) > 0 and len(heard) < _MOST:
                line.settimeout(left)
                if not (part := line.recv(1 << 16)):
                    return None
                *frames, heard = (heard + part).split(b"\n")
                for frame in map(_object, frames):
                    if frame.get("frame") == "bye":
                        return None
                    if frame.get("frame") == "reply" and frame.get("id") == ask:
                        return _object(frame.get("answer"))
    finally:
        os.close(folder)
    return None


def _frame(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode(errors="replace") + b"\n"


def _object(of: object) -> dict[str, Any]:
    """A JSON object, from a line or within one. Raises ValueError for anything else."""
    found = json.loads(of) if isinstance(of, bytes) else of
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _flight(one: dict[str, Any]) -> dict[str, object]:
    return {key: one.get(key) for key in ("draft", "holder", "outcome")}


def _from_database(path: Path) -> list[dict[str, object]]:
    """What the journal calls begun, read without the right to write. What became of it, only a person can say: 不明."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.1)
    try:
        return [{"draft": draft, "holder": holder, "outcome": "unknown"} for draft, holder in database.execute(_OPEN)]
    finally:
        database.close()
