"""`kohoban takeover`: this machine becomes the one that sends, after somebody has made sure that the old one cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from console.cli.command import Session, command, option, text
from console.cli.decisions import say_done
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, out, out_json, paint
from daemon.wire import Done, Moved, MoveState, TakeOver


@command(
    "takeover",
    option("--revoked", is_flag=True),
    option("--off", is_flag=True),
    option("--proof", key="move_proof", metavar="TEXT", default=""),
    option("--code", key="move_code", metavar="CODE", default=""),
)
def takeover(session: Session, revoked: bool, off: bool, proof: str, code: str) -> int:
    """引き継ぎ. Without a code it only shows where the office comes from and the code to type, and that is no take-over: exit code 4."""
    with session.link() as link:
        if code:
            return say_done(session, link.ask(TakeOver(how=_how(revoked, off), proof=proof, code=code), Done))
        state = link.ask(Moved(), MoveState)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(state)})
    else:
        for line in _lines(state):
            out(line)
    return REFUSED if state.came_from else FINE


def _how(revoked: bool, off: bool) -> Literal["revoked", "off"]:
    if revoked == off:
        raise Failure(WRONG, text("takeover.which"))
    return "revoked" if revoked else "off"


def _lines(state: MoveState) -> Iterator[str]:
    if not state.came_from:
        yield text("takeover.nothing", machine=clean(state.machine))
        return
    names = clean(" ".join(state.came_from))
    since = f"{state.since.astimezone(TOKYO):%m-%d %H:%M}" if state.since else "-"
    if state.taken_by:
        yield paint("stop", text("takeover.taken_by", machine=clean(state.machine), by=clean(state.taken_by), since=since))
    else:
        yield paint("stop", text("takeover.came_from", machine=clean(state.machine), names=names, since=since))
    yield text("takeover.first", names=names)
    yield text("takeover.code", code=state.code) if state.code else text("takeover.not_manager")
