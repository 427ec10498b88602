"""`kohoban notices`: what people were told, what could not be sent and why, and a trial."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from console.cli.command import Session, argument, command, listing, option, text
from console.cli.decisions import say_done
from console.cli.outcome import FINDINGS, FINE
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, out, out_json, paint, room, table
from console.words import choose, word
from daemon.wire import Done, NoticeList, Notices, NoticeSeen, NoticeTest

_INK = {"failed": "block", "retry": "warn"}
_PATIENCE = 320.0
"""Seconds for a trial: longer than a command may take."""


@listing("notices", option("--failed", key="notices_failed", is_flag=True))
def notices(session: Session, failed: bool) -> int:
    """The last notices; exit code 1 where something could not be sent."""
    with session.link() as link:
        found = link.ask(Notices(failed=failed), NoticeList)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(found)})
    else:
        for line in _lines(found):
            out(line)
    return FINDINGS if found.failing else FINE


def _lines(found: NoticeList) -> Iterator[str]:
    yield text("notices.way", way=clean(found.way)) if found.way else text("notices.console_only")
    if not found.notices:
        yield text("notices.none")
        return
    head = [text(f"notices.{name}") for name in ("at", "login", "what", "about", "state")]
    yield ""
    yield from table([_cells(each) for each in found.notices], head, room=room(), give=((4, 16),))


def _cells(each: NoticeSeen) -> tuple[str, ...]:
    state = paint(_INK.get(each.state, "dim"), word("notice_state", each.state))
    if each.why and each.state in ("failed", "retry"):
        again = text("notices.again", at=_moment(each.next_at)) if each.next_at else ""
        state = f"{state} {clean(choose(each.why, each.why_en))} {again}".rstrip()
    about = " ".join(filter(None, (clean(each.account), clean(each.ref)))) or "-"
    return _moment(each.at), clean(each.login), word("told", each.kind), about, state


def _moment(at: datetime) -> str:
    return f"{at.astimezone(TOKYO):%m-%d %H:%M}"


@command("notices test", argument("LOGIN"))
def test(session: Session, login: str) -> int:
    """試し送り."""
    with session.link() as link:
        return say_done(session, link.ask(NoticeTest(login=login), Done, timeout=_PATIENCE))


notices.add_command(test)

__all__ = ["notices"]
