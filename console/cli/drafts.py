"""`kohoban queue` and `kohoban show`: what lies on the desk, and why each of it is not out yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click
import msgspec
from msgspec import structs

from console.cli import human
from console.cli.command import Session, argument, command, option, text
from console.cli.formats import Page
from console.cli.link import Link
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.place import TOKYO
from console.cli.terminal import SCHEMA, clean, fields, fit, out, out_json, paint, room, table
from console.finding import SORTS, STATES, parsed
from console.money import dollars
from console.record import act_word, actor_words, detail_words, matter_words, short_hash
from console.whom import whom
from console.words import choose, choose_each, say, word
from daemon.wire import Done, DraftDetail, FindDraft, Named, OpenView, QueueRow, Show, Status, StatusAnswer, ViewOpened, ViewPage
from daemon.wire.finding import DraftSort, Filter, FilterList, MyFilters, SaveFilter
from daemon.wire.queries import CloseView, PageOf

PAGE = 500
"""Rows asked for at once."""

_NO_COMMAND = frozenset({"wait", "edit"})
"""What a draft waits for that no command does: the clock, and its author's editor."""
_TITLE = 24
_CLAUSES = 40
_WIDE = 100
"""Columns from which a terminal has room for the verdict with the contract's word beside it, and for the names of those it waits for."""
_GIVE = ((4, 12), (4, 0), (5, 12), (6, 9), (1, 10))
"""What makes way in a narrow terminal: the clauses, then the title, then whom it waits for, then the account."""


@command(
    "queue",
    option("--state", multiple=True, metavar="STATE", type=click.Choice(STATES)),
    option("--account", key="accounts", multiple=True, metavar="ID"),
    option("--text", metavar="TEXT"),
    option("--sort", metavar="ORDER", type=click.Choice(SORTS)),
    option("--filter", "named", metavar="NAME"),
    option("--save", metavar="NAME"),
)
def queue(
    session: Session,
    state: Sequence[str],
    account: Sequence[str],
    text: str | None,
    sort: DraftSort | None,
    named: str | None,
    save: str | None,
) -> int:
    """List drafts, those that need somebody first."""
    with session.link() as link:
        words = text or ""
        if named is not None:
            saved = _saved(link, named)
            words, sort = f"{saved.words} {words}".strip(), sort or saved.sort
        asked = parsed(words, link.ask(Status(), StatusAnswer).accounts if words else ())
        view = structs.replace(
            asked,
            states=tuple(state) or asked.states,
            accounts=tuple(account) or asked.accounts,
            sort=sort or asked.sort,
        )
        if save is not None:
            done = link.ask(SaveFilter(name=save, words=words, sort=view.sort), Done)
            if not session.json:
                out(clean(choose(done.message, done.message_en)))
        rows = rows_of(link, view)
        if session.json:
            out_json({"schema": SCHEMA, "drafts": [row_said(row) for row in rows]})
            return FINE
        listed = list(rows)
        if not listed and view != OpenView(sort=view.sort):
            out(say("cli", "queue.none"))
            return FINE
        for line in queue_lines(listed, room()):
            out(line)
    return FINE


def _saved(link: Link, name: str) -> Filter:
    """The saved filter of that name. Raises Failure with those that there are."""
    filters = link.ask(MyFilters(), FilterList).filters
    for each in filters:
        if each.name == name:
            return each
    raise Failure(WRONG, say("cli", "queue.no_filter", name=name, names=", ".join(each.name for each in filters) or "-"))


def rows_of(link: Link, view: OpenView) -> Iterator[QueueRow]:
    """All rows of a list, page by page, as they stand when their page is read."""
    opened = link.ask(view, ViewOpened)
    try:
        for offset in range(0, opened.count, PAGE):
            yield from link.ask(PageOf(view=opened.view, offset=offset, limit=PAGE), ViewPage).rows
    finally:
        link.ask(CloseView(view=opened.view), Done)


def row_said(row: QueueRow) -> dict[str, Any]:
    """A row in the words of CONTRACT.md."""
    said = msgspec.structs.asdict(row)
    said["waiting"] = [
        {"what": m.what, "what_en": m.what_en, "who": m.who, "who_en": m.who_en, "clause": m.clause, "act": m.act, "rule": m.rule}
        for m in row.waiting
    ]
    return said


def queue_lines(rows: Sequence[QueueRow], columns: int) -> Iterator[str]:
    """The queue as a table: number, account, state, verdict, the clauses that speak, title, whom it waits for; no line wider than
    `columns` (0: as wide as it gets)."""
    if not rows:
        yield text("queue.empty")
        return
    head = [text(f"queue.{name}") for name in ("id", "account", "state", "verdict", "clauses", "title", "who")]
    narrow = 0 < columns < _WIDE
    yield from table([_row_cells(row, narrow) for row in rows], head, room=columns, give=_GIVE)
    yield text("queue.count", count=len(rows))


def _row_cells(row: QueueRow, narrow: bool) -> tuple[str, ...]:
    more = f" +{len(row.waiting) - 1}" if len(row.waiting) > 1 else ""
    return (
        str(row.id),
        clean(row.account),
        state_words(row.state),
        _verdict(row.verdict, narrow) if row.verdict else "-",
        fit(clean(" ".join(clauses_of(row))), _CLAUSES) or "-",
        fit(_marked(row), _TITLE) or "-",
        _waits_for(row, narrow) + more,
    )


def _waits_for(row: QueueRow, narrow: bool) -> str:
    """Whoever works at it (着手), else whom it waits for first."""
    if row.claimed_by:
        return text("queue.claimed", who=clean(row.claimed_name or row.claimed_by))
    first = row.waiting[0] if row.waiting else None
    return clean(whom(first).partition("（")[0].partition(" (")[0] if narrow else whom(first)) if first else "-"


def _verdict(verdict: str, narrow: bool) -> str:
    return clean(word("verdict", verdict)) if narrow else human.verdict_words(verdict)


def clauses_of(row: QueueRow) -> list[str]:
    """The clauses that speak about a draft now: those of its text, and those that hold it in its situation (hours, author)."""
    holding = (line.clause for line in row.waiting if line.act in ("edit", "except") and line.clause)
    return list(dict.fromkeys((*row.clauses, *holding)))


def state_words(state: str) -> str:
    """A state in the words of the desk."""
    return text(f"state.{state}") if state in STATES else clean(state)


def find(link: Link, name: str) -> int:
    """The one draft that a number or a file name means. Raises Failure with the candidates where it is not clear."""
    named = link.ask(FindDraft(name=name), Named).drafts
    if len(named) == 1:
        return named[0]
    if not named:
        raise Failure(WRONG, text("draft.none", name=name))
    raise Failure(WRONG, text("draft.several", name=name, numbers=", ".join(map(str, named))))


@command("show", argument("DRAFT"))
def show(session: Session, draft: str) -> int:
    """Everything about one draft."""
    with session.link() as link:
        detail = link.ask(Show(draft=find(link, draft)), DraftDetail)
    if session.json:
        said = msgspec.structs.asdict(detail)
        out_json({"schema": SCHEMA, **row_said(detail.row), **{k: v for k, v in said.items() if k != "row"}})
        return FINE
    for line in detail_lines(detail):
        out(line)
    return FINE


def _measured(detail: DraftDetail) -> dict[str, str]:
    """What is measured of it: lengths, and what its release costs."""
    lengths = {
        text("show.length", platform=clean(word("platform", platform))): f"{weighted} / {limit}"
        for platform, (weighted, limit) in detail.lengths.items()
    }
    cost = {text("show.cost"): text("show.about", cost=dollars(detail.cost))} if detail.cost else {}
    return {**lengths, **cost}


def detail_lines(detail: DraftDetail) -> Iterator[str]:
    """One draft as people read it: what it is, why it is not out yet, its text, its findings, what happened."""
    row = detail.row
    yield paint("bold", f"{row.id}  {clean(row.path)}")
    pairs = {
        text("show.state"): f"{state_words(row.state)}  {paint(row.verdict, human.verdict_words(row.verdict))}",
        text("show.policy"): clean(f"{detail.policy} {detail.policy_version}".strip()),
        text("show.revision"): f"{row.revision}  {short_hash(row.hash)}",
        text("show.author"): clean(row.author) or "-",
    }
    if row.release_at:
        pairs[text("show.release_at")] = f"{row.release_at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
    if row.claimed_by and row.claimed_until:
        pairs[text("show.claimed")] = f"{clean(row.claimed_name)}  {row.claimed_until.astimezone(TOKYO):%H:%M}"
    if row.watching:
        pairs[text("show.watching")] = clean(" ".join(row.watching))
    for revision in detail.revisions:
        if revision.returned and revision.n < row.revision:
            pairs[text("show.earlier", n=revision.n)] = clean(revision.returned)
    if detail.url:
        pairs["URL"] = clean(detail.url)
    pairs |= _measured(detail)
    if row.marks:
        pairs[text("show.marks")] = clean("  ".join(choose_each(row.marks, row.marks_en)))
    pairs |= {
        clean(word("matter", name)): clean(matter_words(name, value)) for name, value in detail.item.items() if name != "author"
    }
    yield from fields(pairs)
    yield from _waiting_lines(row)
    yield from ("", paint("bold", text("show.text")))
    yield from ("  " + line for line in clean(detail.text, block=True).split("\n"))
    if detail.findings:
        yield from ("", paint("bold", text("show.findings")))
        for finding in detail.findings:
            yield from human.finding_lines(finding, Page(detail.text))
    if detail.exceptions:
        yield from ("", paint("bold", text("endorse.exceptions")))
        for one in detail.exceptions:
            until = "-" if one.until is None else f"{one.until.astimezone(TOKYO):%m-%d %H:%M}"
            end = text("endorse.ended", until=until) if one.ended else until
            yield "  - " + clean(f"{one.rule}  {one.under}  {end}  {one.by_name} {one.on_behalf}  {one.reason}")
    yield from ("", paint("bold", text("show.history")))
    for entry in detail.history:
        at = f"{entry.at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"
        yield f"  {at}  {clean(actor_words(entry.actor))}  {clean(act_word(entry.act))}  {clean(detail_words(entry))}".rstrip()


def _waiting_lines(row: QueueRow) -> Iterator[str]:
    if row.waiting:
        yield from ("", paint("bold", text("show.waiting")))
    for line in row.waiting:
        clause = f"  ({clean(line.clause)})" if line.clause else ""
        act = f"  [{clean(line.act)}]" if line.act not in _NO_COMMAND else ""
        yield f"  - {clean(choose(line.what, line.what_en))}  → {clean(whom(line))}{clause}{act}"


def _marked(row: QueueRow) -> str:
    """The title, behind what the draft belongs to."""
    marks = "".join(f"[{mark}]" for mark in choose_each(row.marks, row.marks_en))
    return clean(f"{marks}{row.title.strip() or row.path.rpartition('/')[2]}")
