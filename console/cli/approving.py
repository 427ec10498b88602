"""Around an approval: taking a decision back, holding, opening again, working at a draft, and what a revision has changed."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.decisions import say_done
from console.cli.drafts import find
from console.cli.outcome import FINE
from console.cli.terminal import SCHEMA, clean, out, out_json, paint
from console.words import word
from daemon.wire import Claim, Compare, Differences, Done, Hold, LineSeen, Reopen, Unclaim, Undo
from daemon.wire.act import Act

_REASON = {"metavar": "TEXT", "default": ""}
_SIGNS = {"same": " ", "changed": "~", "gone": "-", "come": "+"}


def _act(session: Session, name: str, act: type[Act], **values: object) -> int:
    with session.link() as link:
        made = msgspec.convert({"act": act.__struct_config__.tag, "draft": find(link, name), **values}, act)
        done = link.ask(made, Done)  # type: ignore[arg-type]
    return say_done(session, done)


@command("undo", argument("DRAFT"))
def undo(session: Session, draft: str) -> int:
    """取消."""
    return _act(session, draft, Undo)


@command("hold", argument("DRAFT"), option("--reason", **_REASON))
def hold(session: Session, draft: str, reason: str) -> int:
    """保留."""
    return _act(session, draft, Hold, reason=reason)


@command("reopen", argument("DRAFT"), option("--reason", **_REASON))
def reopen(session: Session, draft: str, reason: str) -> int:
    """開き直し."""
    return _act(session, draft, Reopen, reason=reason)


@command(
    "claim",
    argument("DRAFT"),
    option("--over", key="claim_over", is_flag=True),
    option("--release", "release", key="claim_release", is_flag=True),
)
def claim(session: Session, draft: str, over: bool, release: bool) -> int:
    """着手."""
    return _act(session, draft, Unclaim) if release else _act(session, draft, Claim, over=over)


@command(
    "diff",
    argument("DRAFT"),
    option("--from", "old", key="diff_from", type=click.IntRange(min=1), metavar="N"),
    option("--to", "new", key="diff_to", type=click.IntRange(min=1), metavar="M"),
)
def diff(session: Session, draft: str, old: int | None, new: int | None) -> int:
    """前の版との違い."""
    with session.link() as link:
        found = link.ask(Compare(draft=find(link, draft), old=old or 0, new=new or 0), Differences)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(found)})
        return FINE
    for line in difference_lines(found):
        out(line)
    return FINE


def difference_lines(found: Differences) -> Iterator[str]:
    """The differences as people read them: removed in [-…-], added in {+…+}, so that no colour is needed."""
    yield paint("bold", text("diff.heading", draft=found.draft, old=found.old, new=found.new))
    if found.returned:
        yield text("diff.returned", n=found.old, reason=clean(found.returned))
    if found.unread:
        yield text("diff.unread", numbers=", ".join(map(str, found.unread)))
        return
    for line in found.lines:
        if line.skipped:
            yield text("diff.skipped", count=line.skipped)
        yield f"{_SIGNS[line.kind]} {_pieces(line)}"
    for change in found.matter:
        name = clean(word("matter", change.key))
        yield text("diff.matter", key=name, old=clean(change.old) or "-", new=clean(change.new) or "-")
    if not found.lines and not found.matter:
        yield text("diff.same")


def _pieces(line: LineSeen) -> str:
    if line.kind != "changed":
        return clean("".join(piece.text for piece in line.pieces))
    marks = {"same": ("", ""), "gone": ("[-", "-]"), "come": ("{+", "+}")}
    return "".join(f"{marks[piece.kind][0]}{clean(piece.text)}{marks[piece.kind][1]}" for piece in line.pieces)
