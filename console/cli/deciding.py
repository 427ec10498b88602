"""決裁モード from the command line: `kohoban decide` opens it, and where there is no full screen asks line by line. The sheets and papers of
those who use no terminal at all: `kohoban sheets`, `kohoban paper`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from console.cite import cite_words
from console.cli import human
from console.cli.asking import StopTyped, ask
from console.cli.command import Session, command, text
from console.cli.link import Link, Refused
from console.cli.outcome import FINE
from console.cli.place import TOKYO, office_here
from console.cli.terminal import SCHEMA, aligned, clean, err, fields, out, out_json, plain_wanted
from console.money import dollars
from console.reasons import excepted, reason_of, usual
from console.whom import whom
from console.words import choose, say, word
from console.words.marks import aside, listed
from daemon.wire import (
    Approve,
    Decide,
    Done,
    ForDecision,
    Named,
    Return,
    SheetFolderList,
    SheetFolders,
    WaitingForMe,
    check_number,
)

YES = ("y", "はい")
"""What says yes: typed as it is here. A full-width ｙ is a key of somebody whose input method is still on."""


@command("decide")
def decide(session: Session) -> int:
    """決裁モード."""
    from console.cli.opening import has_terminal, open_console

    if session.json:
        with session.link() as link:
            waiting = [link.ask(Decide(draft=draft), ForDecision) for draft in link.ask(WaitingForMe(), Named).drafts]
        out_json({"schema": SCHEMA, "drafts": [_said(facts) for facts in waiting]})
        return FINE
    if has_terminal() and not plain_wanted():
        return open_console(office_here(session.office), session.operator, deciding=True)
    try:
        with session.link() as link:
            return line_by_line(link)
    except StopTyped as stop:
        return stopped(stop, office_here(session.office), session.operator)


def stopped(stop: StopTyped, office: Path, operator: str) -> int:
    """Carry out a stop that was typed instead of an answer, by the program's own `stop`."""
    from console.launch import run

    return run([*stop.words, "--office", str(office), *(("--operator", operator) if operator else ())])


def _said(facts: ForDecision) -> dict[str, object]:
    return {**msgspec.structs.asdict(facts), "check": check_number(facts.hash)}


def line_by_line(link: Link) -> int:
    """One draft after the other, in lines that any terminal and any screen reader can read; put off ones come back at the end."""
    left = list(link.ask(WaitingForMe(), Named).drafts)
    over = "decide.over" if left else "decide.none"
    put_off: list[int] = []
    while left or put_off:
        if not left:
            left, put_off = put_off, []
        draft = left.pop(0)
        facts = link.ask(Decide(draft=draft), ForDecision)
        if not facts.asked:
            continue
        for line in decision_lines(facts, len(left) + len(put_off) + 1):
            out(line)
        answer = ask(text("decide.choose"))
        if answer is None or answer == "0":
            return FINE
        if not _decided(link, facts, answer):
            put_off.append(draft)
    out(say("tui", over))
    return FINE


def _decided(link: Link, facts: ForDecision, answer: str) -> bool:
    """Carry out what was chosen; False where the draft is still to be decided. Full-width digits choose nothing."""
    if answer == "1":
        reason = ""
        if facts.exceptions:
            reason = ask(say("tui", "decide.ask_exception", clauses=clean(excepted(facts))) + " > ") or ""
        sure = "decide.sure_grant" if facts.exceptions else "decide.sure_approve"
        if (facts.exceptions and not reason) or not _sure(say("tui", sure, account=clean(facts.name), check=facts.hash[:6])):
            return False
        return _put(link, Approve(draft=facts.draft, hash=facts.hash, how="mode", reason=reason, exceptions=facts.exceptions))
    if answer == "2":
        reason = _reason()
        if not reason or not _sure(say("tui", "decide.sure_return", account=clean(facts.name), reason=clean(reason))):
            return False
        return _put(link, Return(draft=facts.draft, hash=facts.hash, reason=reason, how="mode"))
    if answer != "3":
        err(text("decide.unknown"))
    return False


def _reason() -> str:
    for line in usual():
        out(f"  {line}")
    return reason_of(ask(text("decide.reason")) or "")


def _put(link: Link, act: Approve | Return) -> bool:
    try:
        done = link.ask(act, Done)
    except Refused as refused:
        err(refused.sentence)
        if isinstance(act, Approve) and refused.refusal.code == "time" and not act.reason:
            reason = ask(text("decide.late"))
            return bool(reason) and _put(link, msgspec.structs.replace(act, reason=reason or ""))
        if isinstance(act, Approve) and refused.refusal.code == "handle" and not act.handle:
            handle = ask(text("decide.handle"))
            return bool(handle) and _put(link, msgspec.structs.replace(act, handle=handle or ""))
        return False
    out(clean(choose(done.message, done.message_en)))
    return True


def _sure(question: str) -> bool:
    return ask(question + " " + text("decide.yes")) in YES


def decision_lines(facts: ForDecision, left: int) -> Iterator[str]:
    """One draft as somebody reads it who decides about it."""
    yield ""
    yield f"{say('tui', 'decide.heading')}  {say('tui', 'decide.left', left=left)}"
    if facts.stopped:
        yield say("tui", "decide.stopped")
    if facts.irreversible:
        yield say("tui", "decide.irreversible")
    yield clean(f"{facts.municipality}  {word('platform', facts.platform)}  @{facts.handle.removeprefix('@')}  {facts.name}")
    front = {say("tui", "matter.kind"): word("kind", facts.kind)}
    if facts.cost:
        front[say("tui", "decide.cost")] = say("tui", "decide.about", cost=dollars(facts.cost))
    front |= {word("matter", key): clean(value) for key, value in facts.front.items()}
    yield from fields(front)
    yield from ("", say("tui", "decide.text"))
    yield from ("  " + line for line in clean(facts.text.strip("\r\n"), block=True).split("\n"))
    if facts.images:
        yield from fields({say("tui", "decide.images"): clean("  ".join(facts.images))})
    yield from ("", say("tui", "decide.findings", count=len(facts.findings)))
    for each in facts.findings:
        yield f"  {human.verdict_words(each.verdict)}  {clean(choose(each.message, each.message_en))}"
        yield f"    {clean(cite_words(each.cite))}"
        yield from (f"    {clean(line)}" for line in each.text.splitlines())
    if (back := facts.returned) is not None:
        yield from ("", say("tui", "decide.changes"))
        at = f"{back.at.astimezone(TOKYO):%m/%d %H:%M}"
        yield "  " + say("tui", "decide.returned", at=at, by=clean(back.by), reason=clean(back.reason))
        marks = {"add": "+", "del": "-", "same": " "}
        yield from (f"  {marks[change.op]} {clean(change.text)}" for change in facts.changes)
    yield ""
    yield from fields(_matters(facts))
    for missing in facts.waiting:
        if missing.act != "approve":
            yield clean(f"{say('tui', 'decide.waits')}  {aside(choose(missing.what, missing.what_en), whom(missing))}")


def _matters(facts: ForDecision) -> dict[str, str]:
    author = clean(facts.author) + ("" if facts.author_verified else say("tui", "decide.unverified"))
    found = {say("tui", "decide.author"): author}
    if facts.release_at is not None:
        found[say("tui", "decide.release_at")] = f"{facts.release_at.astimezone(TOKYO):%m/%d %H:%M}"
    if facts.approved:
        found[say("tui", "decide.approved")] = clean(listed(facts.approved))
    number = f"{check_number(facts.hash)}  {say('tui', 'detail.revision', n=facts.revision)}"
    return {**found, say("tui", "decide.check"): number}


@command("sheets")
def sheets(session: Session) -> int:
    """The 決裁フォルダ and how they stand."""
    with session.link() as link:
        folders = link.ask(SheetFolders(), SheetFolderList).folders
    if session.json:
        out_json({"schema": SCHEMA, "folders": folders})
        return FINE
    if not folders:
        out(text("sheets.none"))
    for each in folders:
        state = "sheets.usable" if each.usable else "sheets.unusable"
        out(f"{aside(clean(each.name), clean(each.login))}  {clean(each.folder)}")
        out("  " + text(state, waiting=each.waiting, refused=each.refused))
        if not each.usable:
            out("  " + clean(choose(each.why, each.why_en)))
            if each.mend:
                out("  " + text("sheets.mend", command=clean(each.mend)))
        for row in aligned(
            (
                text("sheets.refused", place=clean(one.place)) if one.place else text("sheets.waits"),
                f"{one.at.astimezone(TOKYO):%m-%d %H:%M}",
                f"#{one.draft}" if one.draft is not None else "-",
                clean(one.file),
            )
            for one in each.lying
        ):
            out("    " + row)
    return FINE
