"""`kohoban secrets` at work: `python -m daemon.release.secrets_main WHAT --state DIR …`, a process of the releaser's login.

The console starts it and lends it the terminal; what a person types goes to this process alone, and it is shut in like the hand. It speaks in
JSON lines on stdout: `{"ask": NAME}` before it reads a value, `{"open": ADDRESS}`, and at the end `{"ok": …}` or `{"error", "error_en"}`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import termios
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from daemon.release.alone import shut_in
from daemon.release.at_service import only_one
from daemon.release.channel import OURS, Here, channel
from daemon.release.jobs import Ask, Held
from daemon.release.keeping_secrets import Unkept, keep, remove, whoever_asks
from daemon.release.secrets import MOST, credentials, holdings
from daemon.release.veil import veil, veiled
from daemon.rulebook.channels import capabilities

LONGEST_LINE = 4096
ADDRESS = "api"
"""The address of a platform's interface may stand with any credentials (a proxy of the city's)."""


def say(line: Mapping[str, Any]) -> None:
    """One line for the console; no secret passes."""
    os.write(1, veiled(json.dumps(line, ensure_ascii=False)).encode() + b"\n")


def main(argv: list[str] | None = None) -> int:
    """The process: 0, or 2 with an error that was said."""
    parser = argparse.ArgumentParser(prog="python -m daemon.release.secrets_main")
    parser.add_argument("what", choices=tuple(_WORK))
    parser.add_argument("--state", type=Path, required=True)
    for name in ("account", "channel", "handle", "kind"):
        parser.add_argument(f"--{name}", default="")
    by = whoever_asks()  # before the environment goes
    shut_in()
    options = parser.parse_args(argv)
    options.by = by
    try:
        say({"ok": _WORK[options.what](options)})
    except Unkept as error:
        say({"error": error.why, "error_en": error.why_en})
    except Held as held:
        say({"error": held.why, "error_en": held.why_en})
    except OSError as error:
        place, why = error.filename or options.state, error.strerror or error
        say({"error": f"{place} を扱えません（{why}）", "error_en": f"{place} cannot be used ({why})"})
    except Exception as error:  # a channel's fault: said by its kind alone
        say({"error": f"誤りがあります（{type(error).__name__}）", "error_en": f"there is a fault ({type(error).__name__})"})
    except KeyboardInterrupt:
        return 130
    else:
        return 0
    return 2


def _list(options: argparse.Namespace) -> dict[str, Any]:
    """What there is: never a value."""
    return {"held": [{name: getattr(each, name) for name in each.__struct_fields__} for each in holdings(options.state)]}


def _set(options: argparse.Namespace) -> dict[str, Any]:
    """Read the values of one kind from the terminal without showing them, or from stdin as TOML, and keep them. Where a person types them, a
    value that may be missing may be left empty."""
    kind, names = _kind(options.channel, options.kind)
    needed = [name for name in names if not name.endswith("?")]
    known = [*needed, *(name.rstrip("?") for name in names), ADDRESS]
    given = {name.rstrip("?"): _typed(name.rstrip("?")) for name in names} if os.isatty(0) and names else _piped()
    given = {name: value for name, value in given.items() if value or name in needed}
    if missing := [name for name in needed if name not in given]:
        raise Unkept(f"足りません: {' '.join(missing)}", f"missing: {' '.join(missing)}")
    if names and (odd := [name for name in given if name not in known]):
        raise Unkept(f"{kind} にない名前です: {' '.join(odd)}", f"no values of {kind}: {' '.join(odd)}")
    return {"place": str(keep(options.state, options.account, given, kind=kind, by=options.by)), "kind": kind}


def _authorise(options: argparse.Namespace) -> dict[str, Any]:
    """A person agrees in a browser, and pastes the address that it leads to; what the platform gives for it is kept."""
    way = import_module(f"{OURS[options.channel]}.oauth2")
    if not os.isatty(0):
        raise Unkept(
            "端末から行ってください（許可したあとのアドレスを貼り付けます）", "do this at a terminal: an address is pasted back"
        )
    before = _before(options)
    typed = {name: _typed(name) for name in ("client_id", "client_secret")}
    known = {**before, **{name: value for name, value in typed.items() if value}}
    if "client_id" not in known:
        raise Unkept("client_id が要ります", "client_id is wanted")
    at = {"api": known["api"]} if "api" in known else {}
    login = way.begin(known["client_id"])
    veil(login.verifier)
    say({"open": login.address})
    pasted = _typed("address")
    tokens = way.exchange(login, pasted, known["client_id"], known.get("client_secret", ""), **at)
    values: dict[str, str] = {name: known[name] for name in ("client_id", "client_secret", "api") if name in known}
    values["refresh_token"] = tokens.refresh_token
    place = keep(options.state, options.account, values, kind="oauth2", by=options.by)
    return {"place": str(place), "kind": "oauth2", "scopes": list(tokens.scopes)}


def _before(options: argparse.Namespace) -> Mapping[str, str]:
    """What is there already: the application is the same the next time."""
    try:
        return credentials(options.state, options.account)
    except Held:
        return {}


def _remove(options: argparse.Namespace) -> dict[str, Any]:
    return {"removed": remove(options.state, options.account)}


def _check(options: argparse.Namespace) -> dict[str, Any]:
    """Who the platform says that we are. The hand must not run: two would renew the same token."""
    try:
        with only_one(options.state):
            told = channel(options.channel).ask(
                Ask(id="check", channel=options.channel, account=options.account, handle=options.handle, what="account"),
                Here(options.state),
            )
    except BlockingIOError:
        raise Unkept(
            "発信係が動いています。名簿にある人が kohoban secrets check を実行してください（発信係を通して確かめます）",
            "the releaser is at work: let somebody on the register run kohoban secrets check (it asks through the releaser)",
        ) from None
    if not told.ok:
        raise Held("failed", told.why, told.why_en)
    return {"facts": told.facts}


_WORK: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "list": _list,
    "set": _set,
    "authorise": _authorise,
    "remove": _remove,
    "check": _check,
}


def _kind(name: str, wanted: str) -> tuple[str, tuple[str, ...]]:
    """The kind of credentials, and the names of its values; none where a channel from outside does not say."""
    kinds = capabilities(name).credentials
    kind = wanted or next(iter(kinds), "values")
    if kinds and kind not in kinds:
        raise Unkept(f"「{kind}」はありません。あるもの: {' '.join(kinds)}", f"there is no {kind}; there are: {' '.join(kinds)}")
    return kind, tuple(kinds.get(kind, ()))


def _piped() -> dict[str, str]:
    """Values by name as TOML from a file or another program. The text is never quoted: it may be a secret."""
    data = b""
    while len(data) <= MOST and (piece := os.read(0, MOST)):
        data += piece
    try:
        found = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Unkept(
            '標準入力が TOML として読めません（名前 = "値" を一行に一つ）', 'stdin is no TOML (name = "value", one a line)'
        ) from None
    if not found or not all(isinstance(value, str) for value in found.values()):
        raise Unkept('名前 = "値" の形で一つ以上要ります', 'at least one name = "value" is wanted')
    return found


def _typed(name: str) -> str:
    """One value from the terminal, which does not show it."""
    with _unseen():
        say({"ask": name})
        line = bytearray()
        while b"\n" not in line and (piece := os.read(0, LONGEST_LINE)):
            line += piece
    say({"asked": name})
    return line.decode(errors="replace").strip()


@contextmanager
def _unseen() -> Iterator[None]:
    """The terminal without echo, and without the 4,095 bytes that a line may have there otherwise staying in its buffer afterwards."""
    before = termios.tcgetattr(0)
    silent = termios.tcgetattr(0)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSAFLUSH, before)


if __name__ == "__main__":
    sys.exit(main())
