"""`kohoban stop`: shut the gate with this process's own system calls, daemon or not; only then tell the daemon and say what was in flight.

It must run while everything else is broken, and at once: no asyncio, Textual, click or msgspec (a test holds this), its own command
line and its own few sentences, and whatever is not needed for the stop itself is imported after it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TextIO

from daemon.gate import Gate, Shut, is_scope

STOPPED = 0
NOT_STOPPED = 2

HELP = (
    """使い方: kohoban stop [--scope all|アカウント|媒体|actions] [--reason 理由] [--office フォルダ] [--json]

発信を今すぐ止めます。パスワードも端末の指定も理由も要りません。デーモンが動いていなくても止まります。
  --scope   止める範囲。既定は all（すべて）。アカウントの id、媒体（x、facebook、line）、または actions（非表示・ブロックなど）
  --reason  理由（省略可。あとからでも記録できます）
  --office  部署のフォルダ（既定: KOHOBAN_OFFICE、なければ現在のフォルダ）
  --json    結果を JSON で出します
再開は管理者が行います: kohoban resume。終了コード: 0 停止した、2 停止できなかった""",
    """Usage: kohoban stop [--scope all|ACCOUNT|PLATFORM|actions] [--reason TEXT] [--office DIR] [--json]

Stops all publishing at once. No password, terminal or reason is needed, and no daemon.
  --scope   what to stop: all (default), an account's id, a platform (x, facebook, line), or actions (hide, block ...)
  --reason  why (optional; it can be recorded later)
  --office  the office's folder (default: KOHOBAN_OFFICE, else the current folder)
  --json    print the result as JSON
A manager resumes: kohoban resume. Exit codes: 0 stopped, 2 not stopped""",
)
VALUES = ("--scope", "--reason", "--office", "--operator")
FLAGS = ("--json", "--help", "-h", "--plain")


class Unclear(Exception):
    """The command line does not say what to stop: why, in Japanese and in English. Nothing has been stopped."""


class Asked(NamedTuple):
    """What was typed."""

    scope: str
    reason: str
    office: str
    operator: str
    json: bool
    help: bool


def main(argv: Sequence[str]) -> int:
    """Stop, say so, and return the exit code. `argv` is what follows `stop`."""
    try:
        asked = _read(argv)
        if asked.help:
            _print(_in_words(*HELP))
            return STOPPED
        state = _state_of(asked)
    except Unclear as unclear:
        return _not_stopped(unclear, "--json" in argv)
    gate = Gate(state)
    by = asked.operator or _login()
    shut = gate.shut(asked.scope, by=by)
    if not asked.json:
        _print(_headline(shut, asked.scope))
    # From here on nothing matters for the stop: it stands, or it could not be made.
    from console.cli.stop_news import tell_and_ask

    news = tell_and_ask(gate, asked.scope, asked.reason, asked.operator, by if shut.stopped else "")
    if asked.json:
        _print_json(
            {
                "schema": 1,
                "stopped": shut.stopped,
                "scope": asked.scope,
                "latched_ms": _rounded(shut.latched_ms),
                "silent_ms": _rounded(shut.silent_ms),
                "why": shut.why,
                "why_en": shut.why_en,
                "daemon_told": news.told,
                "provisional": bool(news.provisional),
                "in_flight": news.in_flight,
                "in_flight_known": news.known,
                "measures": news.measures,
            }
        )
    else:
        for ja, en in news.lines(shut.stopped):
            _print(_in_words(ja, en))
    return STOPPED if shut.stopped else NOT_STOPPED


def _read(argv: Sequence[str]) -> Asked:
    """The command line. A word without an option is the scope: whoever is in a hurry types `kohoban stop minato-x`."""
    given: dict[str, str] = {}
    flags: set[str] = set()
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name in VALUES:
            given[name] = value if equals else next(words, "")
            if not given[name] and name != "--reason":
                raise Unclear(f"{name} に値がありません", f"{name} needs a value")
        elif word in FLAGS:
            flags.add(word)
        elif word.startswith("-") or "--scope" in given:
            raise Unclear(f"「{word}」は分かりません（kohoban stop --help）", f"{word} is not understood (kohoban stop --help)")
        else:
            given["--scope"] = word
    return Asked(
        scope=given.get("--scope", "all").casefold(),
        reason=given.get("--reason", ""),
        office=given.get("--office") or os.environ.get("KOHOBAN_OFFICE") or ".",
        operator=given.get("--operator") or os.environ.get("KOHOBAN_OPERATOR", ""),
        json="--json" in flags,
        help=bool(flags & {"--help", "-h"}),
    )


def _state_of(asked: Asked) -> str:
    """The folder that holds the gate. Raises Unclear where there is none, or where the scope would stop nobody."""
    state = os.path.join(asked.office, "state")
    here = os.path.abspath(asked.office)
    if not is_scope(asked.scope):
        raise Unclear(f"「{asked.scope}」は停止の範囲になりません", f"{asked.scope!r} can be no scope")
    if not os.path.isdir(state):
        raise Unclear(
            f"{here} に state フォルダがありません。--office で部署のフォルダを指定してください",
            f"there is no state folder in {here}: name the office with --office",
        )
    if asked.scope not in ("all", "actions"):
        known = _known_scopes(asked.office)
        if known and asked.scope not in known:
            names = " ".join(sorted(known))
            raise Unclear(
                f"「{asked.scope}」というアカウントも媒体もありません（{names}）。すべて止めるには: kohoban stop",
                f"there is no account or platform {asked.scope} ({names}); to stop everything: kohoban stop",
            )
    return state


def _known_scopes(office: str) -> set[str]:
    """The accounts and platforms of `rules.toml`; none where it cannot be read, because a stop does not wait for a mended file."""
    import tomllib

    try:
        with open(os.path.join(office, "rules.toml"), encoding="utf-8-sig") as file:
            accounts = tomllib.loads(file.read()).get("accounts", [])
        return {str(account[key]) for account in accounts for key in ("id", "platform") if key in account}
    except (OSError, ValueError, TypeError):
        return set()


def _headline(shut: Shut, scope: str) -> str:
    what, what_en = ("すべて", "everything") if scope == "all" else (scope, scope)
    if not shut.stopped:
        return _in_words(f"【停止していません】{shut.why}", f"NOT STOPPED: {shut.why_en}")
    ja, en = f"停止しました（{what}）。{shut.latched_ms:.1f} ms", f"Stopped ({what_en}) after {shut.latched_ms:.1f} ms."
    if shut.silent_ms is not None:
        return _in_words(
            f"{ja}、新しい発信が始まらないことの確認まで {shut.silent_ms:.1f} ms。",
            f"{en} Proved after {shut.silent_ms:.1f} ms that nothing begins any more.",
        )
    return _in_words(f"{ja}。ただし {shut.why}。", f"{en} But {shut.why_en}.")


def _not_stopped(unclear: Unclear, as_json: bool) -> int:
    ja, en = unclear.args
    if as_json:
        nothing: dict[str, object] = {"latched_ms": None, "silent_ms": None, "in_flight": [], "in_flight_known": False}
        _print_json({"schema": 1, "stopped": False, "why": ja, "why_en": en, "daemon_told": False, **nothing})
    _print(_in_words(f"【停止していません】{ja}。", f"NOT STOPPED: {en}."), sys.stderr)
    return NOT_STOPPED


def _login() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _in_words(ja: str, en: str) -> str:
    """The language of the operator, chosen as `console.words.language` does (whose imports a stop does not wait for)."""
    chosen = next(filter(None, map(os.environ.get, ("KOHOBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))), "ja")
    return en if chosen.lower().startswith("en") else ja


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)


def _lines(text: str) -> Iterator[str]:
    """Lines safe to be shown: names of folders and holders come from outside."""
    for line in text.split("\n"):
        yield "".join(c if c.isprintable() or c == "\u3000" else "�" for c in line)


def _print(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    stream.write("\n".join(_lines(text)) + "\n")
    stream.flush()


def _print_json(document: dict[str, object]) -> None:
    import json

    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
