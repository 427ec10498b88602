"""After a stop: tell the daemon of it, and learn what was in flight, from the daemon or else from the list that it keeps."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from daemon.gate import Gate, process

if TYPE_CHECKING:
    from socket import socket

SIGN_OF_LIFE = 0.04
"""Seconds in which the daemon has to say anything at all: one that hangs must not keep a person waiting who has just pressed stop."""

PATIENCE = 0.3
"""Seconds for the whole talk with one that has shown to be alive."""

MACHINE = "daemon"
"""Whom a release names as its holder that no person has in hand."""

_HELD = "measure", "account", "holder", "name"
_PROTOCOL = [1, 1]
_MOST = 1 << 20
_OUTCOMES = {"released": ("発信済", "released"), "prevented": ("発信されず", "prevented"), "unknown": ("不明", "unknown")}


class News(NamedTuple):
    """`told`: the daemon has recorded the stop. `in_flight` as the contract has it; `known` is False where nobody could say, and then
    `why` (Japanese, English) is the reason. `provisional`: the scope that no manager has confirmed yet, else empty."""

    told: bool
    in_flight: list[dict[str, object]]
    known: bool
    why: tuple[str, str] = ("", "")
    provisional: str = ""
    measures: tuple[dict[str, object], ...] = ()
    letter: bool = False
    """Who stopped, when and why lies beside the gate for the next daemon."""
    """Measures about comments that somebody has in hand."""

    def lines(self, stopped: bool = True) -> Iterator[tuple[str, str]]:
        """What a person has to know now, in both languages; of a stop that could not be made, whom to ask for it."""
        if not stopped and not self.told:
            yield (
                "デーモンにも届きませんでした。部署の人（名簿にある人）か機械の管理者に、すぐ kohoban stop を打ってもらってください。",
                "The daemon could not be told either. Have somebody of the office, or the machine's administrator, type kohoban stop now.",
            )
            return
        if not self.told and self.letter:
            yield (
                "デーモンの答えはありません。停止は有効です。だれが、いつ、なぜ止めたかを書き置きました。デーモンが動けば記録します。",
                "The daemon did not answer. The stop stands; who stopped, when and why is left for it in a letter, and recorded once it runs.",
            )
        elif not self.told:
            yield (
                "デーモンの答えはありません。停止は有効です。デーモンが動けば気づいて記録します。",
                "The daemon did not answer. The stop stands; once it runs, the daemon sees it and records it.",
            )
        if not self.known:
            yield (
                f"発信の途中だったものは分かりません（{self.why[0]}）。",
                f"What was in flight cannot be told ({self.why[1]}).",
            )
        elif not self.in_flight and not any(one["holder"] == MACHINE for one in self.measures):
            yield "発信の途中だったものはありません。", "Nothing was in flight."
        for one in self.in_flight:
            ja, en = _OUTCOMES.get(str(one["outcome"]), _OUTCOMES["unknown"])
            title = f"「{one['title']}」" if one["title"] else ""
            ask, ask_en = _whom(str(one["holder"]))
            yield (
                f"発信の途中: 下書き {one['draft']}{title}　{ja}　{ask}",
                f"In flight: draft {one['draft']}{title}, {en}; {ask_en}",
            )
        for one in self.measures:
            if one["holder"] == MACHINE:
                yield (
                    f"発信の途中: コメントへの措置 {one['measure']}（{one['account']}）　広報番が行っているものです。媒体を見て確かめてください。",
                    f"In flight: measure {one['measure']} ({one['account']}), taken by the machine: look at the platform.",
                )
                continue
            yield (
                f"コメントへの措置 {one['measure']}（{one['account']}）は、{one['name'] or one['holder']}さんが行っている途中です。"
                "行ったかどうかを、本人に確かめてください。",
                f"{one['holder']} has measure {one['measure']} ({one['account']}) in hand: ask them whether it was done.",
            )
        if self.provisional:
            command = "kohoban confirm-stop" + ("" if self.provisional == "all" else f" --scope {self.provisional}")
            yield (
                f"管理者の確認を待つ「仮の停止」です。停止は有効です。確認: {command}（管理者）",
                f"Provisional until a manager confirms it ({command}). It is a stop all the same.",
            )
        yield (
            "停止のあとにすること: kohoban followups。再開は管理者が行います: kohoban resume",
            "What follows a stop: kohoban followups. A manager resumes: kohoban resume",
        )


def _whom(holder: str) -> tuple[str, str]:
    """Who knows what became of a release."""
    if holder == MACHINE:
        return "広報番が発信したものです。媒体を見て確かめてください。", "sent by the machine: look at the platform."
    return f"担当 {holder} に確かめてください。", f"ask {holder}."


def tell_and_ask(gate: Gate, scope: str, reason: str, operator: str, by: str) -> News:
    """Report the stop to the daemon and read what was in flight; where it does not hear, leave a letter in the name of `by` (empty: there is
    no stop). Never raises: the stop stands whatever comes of this."""
    news = _news(gate, scope, reason, operator)
    if news.told or not by:
        return news
    from daemon.letters import leave

    return news._replace(letter=leave(gate, scope, by, reason))


def _news(gate: Gate, scope: str, reason: str, operator: str) -> News:
    try:
        answer = _tell(gate.home, scope, reason, operator)
        if answer is not None and answer.get("answer") == "stop_state":
            flights = [_flight(_object(one)) for one in answer.get("in_flight") or ()]
            held = tuple({key: one[key] for key in _HELD} for one in map(_object, answer.get("measures") or ()))
            provisional = scope if scope in (answer.get("unconfirmed") or ()) else ""
            return News(True, flights, True, provisional=provisional, measures=held)
    except (OSError, ValueError, TypeError):
        answer = None
    told = answer is not None and answer.get("answer") == "done"
    try:
        listed = _object(gate.own(f"{gate.home}/flight", _MOST)[0])
        held = tuple({key: one.get(key, "") for key in _HELD} for one in map(_object, listed.get("measures") or ()))
        return News(told, [_flight(_object(one)) for one in listed["in_flight"]], True, measures=held)
    except OSError as error:
        from daemon.standing import words

        return News(told, [], False, words(error))
    except (ValueError, TypeError, KeyError):
        return News(told, [], False, ("state/flight が読めません", "state/flight cannot be read"))


def _tell(state: str, scope: str, reason: str, operator: str) -> dict[str, Any] | None:
    """Say hello and the act `stopped` in the words of `daemon.wire`, and wait for its answer; None where there is none in time."""
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.stat("socket", dir_fd=folder)  # most often it is there because a daemon is; the import below takes 6 ms
        import socket

        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(SIGN_OF_LIFE)
            line.connect(f"/proc/self/fd/{folder}/socket")  # a path of any length
            creds = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            pid, uid, _ = (int.from_bytes(creds[at : at + 4], sys.byteorder) for at in (0, 4, 8))
            if uid != os.fstat(folder).st_uid:
                return None  # somebody else, who only sits at the daemon's place
            ask = os.urandom(16).hex()  # as good as a UUID, without its import
            line.sendall(
                _frame({"frame": "hello", "protocol": _PROTOCOL, "client": "stop", "operator": operator})
                + _frame({"frame": "ask", "id": ask, "act": {"act": "stopped", "scope": scope, "reason": reason}})
            )
            # One that is halted finds this when it is let go, and nobody waits for it till then.
            return None if pid and process(pid)[0] in "Tt" else _answer(line, ask)
    finally:
        os.close(folder)


def _answer(line: socket, ask: str) -> dict[str, Any] | None:
    """What the daemon answers to `ask`; None where it hangs up, or nothing comes in time."""
    until, heard = time.monotonic() + PATIENCE, b""
    while (left := until - time.monotonic()) > 0 and len(heard) < _MOST:
        if not (part := line.recv(1 << 16)):
            return None
        line.settimeout(left)
        *frames, heard = (heard + part).split(b"\n")
        for frame in map(_object, frames):
            if frame.get("frame") == "bye":
                return None
            if frame.get("frame") == "reply" and frame.get("id") == ask:
                return _object(frame.get("answer"))
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
    """What had begun, for the answer. What became of it, only the daemon can say that still lives: 不明 otherwise."""
    outcome = one.get("outcome", "unknown")
    return {"draft": one.get("draft"), "holder": one.get("holder"), "title": one.get("title") or "", "outcome": outcome}
