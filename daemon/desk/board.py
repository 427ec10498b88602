"""What the desk shows: pages of the queue, one draft in full, the clause board, the counts."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import msgspec
from msgspec.structs import replace

from daemon.desk import counted, exceptions
from daemon.desk.case import ROW, Case, Setting, case_of, decided, declared_in, lifted, pictures_of
from daemon.desk.correcting import can_be_looked_up
from daemon.desk.marks import marks_of
from daemon.desk.paper_waits import entered
from daemon.desk.pictured import picture_facts
from daemon.desk.possible import possible
from daemon.desk.slices import little_by_little
from daemon.desk.states import IN_HAND, State
from daemon.desk.waiting_for import line_of, why_not_yet
from daemon.judge import Judgement, cost_of
from daemon.refused import Refused
from daemon.rulebook.item import Item
from daemon.rulebook.model import Operator
from daemon.rulebook.verdict import Finding
from daemon.store import Store, from_db
from daemon.wire.answers import DraftDetail, HeldSeen, QueueRow
from daemon.wire.seen import FindingSeen, HistoryLine, MissingSeen, PictureSeen, PrivateText, RevisionSeen

_ByDraft = defaultdict[tuple[int, str], list[sqlite3.Row]]
Decisions = tuple[_ByDraft, _ByDraft, _ByDraft, _ByDraft]
"""Approvals, exceptions, declared emergencies and decisions on paper, each by draft and hash."""

PAGE_MOST = 500
NAMED = 20
"""Drafts that the stop screen names."""


async def page(store: Store, ids: Sequence[int], setting: Setting, who: Operator | None = None) -> tuple[QueueRow, ...]:
    """The rows of these drafts as they stand now, in this order, with what `who` could do with each; drafts that are gone are left
    out."""

    def line(read: tuple[sqlite3.Row, Case | None]) -> tuple[int, QueueRow]:
        row, case = read
        return row["id"], _orphan(row) if case is None else row_of(case, case.judged(setting), setting, who)

    found = dict(await little_by_little(line, await _cases(store, ids, setting)))
    return tuple(found[draft] for draft in ids if draft in found)


async def cases(store: Store, ids: Sequence[int], setting: Setting) -> list[Case]:
    """These drafts as they stand, as far as the office still has their accounts."""
    return [case for _, case in await _cases(store, ids, setting) if case is not None]


async def _cases(store: Store, ids: Sequence[int], setting: Setting) -> list[tuple[sqlite3.Row, Case | None]]:
    rows, decisions = await store.read(partial(_rows, ids=tuple(ids)))
    return await little_by_little(lambda row: (row, _case(row, decisions, setting)), rows)


def _rows(db: sqlite3.Connection, ids: Sequence[int]) -> tuple[list[sqlite3.Row], Decisions]:
    marks = ",".join("?" * len(ids))
    rows = db.execute(f"SELECT {ROW} FROM drafts WHERE id IN ({marks})", ids).fetchall()
    return rows, _decisions(db, ids)


def _case(row: sqlite3.Row, decisions: Decisions, setting: Setting) -> Case | None:
    approvals, lifts, declarations, papers = (each[row["id"], row["hash"]] for each in decisions)
    case = case_of(row, decided(approvals), lifted(lifts), setting.book, declared_in(declarations), entered(papers))
    if case is None or setting.links is None or not can_be_looked_up(case.item.kind, case.item.target):
        return case
    link = setting.links.get(case.id)
    return replace(case, recorded=link is not None and link.original is not None)


def _decisions(db: sqlite3.Connection, ids: Sequence[int]) -> Decisions:
    marks = ",".join("?" * len(ids))
    grouped = []
    for table in ("approvals", "lifts", "declarations", "paper_entries"):
        by_draft: _ByDraft = defaultdict(list)
        for row in db.execute(f"SELECT * FROM {table} WHERE draft IN ({marks}) ORDER BY at", ids):
            by_draft[row["draft"], row["hash"]].append(row)
        grouped.append(by_draft)
    return grouped[0], grouped[1], grouped[2], grouped[3]


def row_of(case: Case, judgement: Judgement, setting: Setting, who: Operator | None) -> QueueRow:
    """A draft as a line of the queue, and what `who` could do with it. What the moment says (hours, repetition) counts only while the
    draft is in hand."""
    findings = judgement.findings if case.state in IN_HAND else case.screened
    marks = marks_of(case, setting)
    return QueueRow(
        id=case.id,
        account=case.account.id,
        path=f"drafts/{case.account.id}/{shown(case.name)}",
        title=case.title,
        state=case.state,
        verdict=case.verdict,
        revision=case.revision,
        hash=case.hash,
        author=case.author,
        since=case.changed_at,
        release_at=case.release_at,
        clauses=tuple(dict.fromkeys(f.clause for f in findings if not f.lifted)),
        waiting=tuple(line_of(line, setting.book) for line in why_not_yet(case, judgement, setting)),
        can=() if who is None else possible(case, judgement, who, setting),
        marks=tuple(ja for ja, _ in marks),
        marks_en=tuple(en for _, en in marks),
        begins_at=None if setting.stopped(case.account) else case.begins_at(setting),
    )


def _orphan(row: sqlite3.Row) -> QueueRow:
    """A draft whose account the office no longer has."""
    lost = MissingSeen(
        what="アカウントが rules.toml にありません",
        what_en="the account is not in rules.toml",
        who="管理者",
        who_en="a manager",
        clause="",
        act="withdraw",
    )
    return QueueRow(
        id=row["id"],
        account=row["account"],
        path=f"drafts/{row['account']}/{shown(row['name'])}",
        title=row["title"],
        state=row["state"],
        verdict=row["verdict"],
        revision=row["revision"],
        hash=row["hash"],
        author=row["author"],
        since=from_db(row["changed_at"]),
        waiting=(lost,),
    )


def shown(name: bytes) -> str:
    """A file name as text; bytes that are not UTF-8 as backslash escapes."""
    return name.decode("utf-8", "backslashreplace")


_DIGITS = 18
"""The most digits of a number that the database can hold, whatever they are."""


async def find(store: Store, name: str) -> tuple[int, ...]:
    """The drafts that a person means: a number, a path below `drafts/`, or a file name; live ones first, newest first."""
    wanted = name.strip()
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _DIGITS:
        rows = await store.fetch("SELECT id FROM drafts WHERE id = ?", (int(wanted),))
        if rows:
            return (rows[0]["id"],)
    account, _, base = wanted.removeprefix("drafts/").rpartition("/")
    place, _, sheet = account.rpartition("/")
    rows = await store.fetch(
        "SELECT id, live FROM drafts WHERE name = ? AND (? = '' OR account = ?) OR name = ? AND (? = '' OR account = ?) "
        "ORDER BY live DESC, id DESC LIMIT 20",
        (
            *(base.encode("utf-8", "surrogateescape"), account, account.rpartition("/")[2]),
            *(f"{sheet}/{base}".encode("utf-8", "surrogateescape"), place, place.rpartition("/")[2]),  # a row of a sheet
        ),
    )
    live = tuple(row["id"] for row in rows if row["live"])
    return live or tuple(row["id"] for row in rows[:1])


async def detail(store: Store, draft: int, setting: Setting, who: Operator) -> DraftDetail:
    """Everything about one draft, and what `who` could do with it. Raises Refused where there is none."""
    rows, decisions = await store.read(partial(_rows, ids=(draft,)))
    if not rows:
        raise Refused("no_such", f"下書き {draft} はありません。", f"There is no draft {draft}.")
    case = _case(rows[0], decisions, setting)
    revisions = await _revisions(store, draft)
    past = await history(store, draft, 200)
    if case is None:
        return DraftDetail(row=_orphan(rows[0]), text=rows[0]["body"], item={}, findings=(), revisions=revisions, history=past)
    judgement = case.judged(setting)
    policy = case.policy(setting.book)
    releases = await store.fetch(
        "SELECT holder, lease_until, state FROM releases WHERE draft = ? ORDER BY id DESC LIMIT 1", (draft,)
    )
    held = releases[0] if releases and releases[0]["state"] in ("begun", "leased", "unknown") else None
    version = policy.version.from_
    row = row_of(case, judgement, setting, who)
    return DraftDetail(
        row=row,
        text=case.item.text,
        item=front_matter(case.item),
        findings=tuple(seen(f) for f in judgement.findings),
        revisions=revisions,
        history=past,
        lengths=judgement.lengths,
        policy=policy.id,
        policy_version=version.isoformat() if version else "",
        policy_hash=policy.hash,
        can=row.can,
        holder=held["holder"] if held else "",
        lease_until=from_db(held["lease_until"]) if held and held["lease_until"] else None,
        url=case.url,
        exceptions=await exceptions.listed(store, setting, draft),
        cost=cost_of(case.item, case.channel),
        images=picture_facts(case.item, case.pictures),
    )


def seen(finding: Finding) -> FindingSeen:
    """A finding as it crosses the wire."""
    return FindingSeen(**msgspec.structs.asdict(finding))


def front_matter(item: Item) -> dict[str, str]:
    """The front matter that the author wrote, as plain text by key."""
    written: dict[str, str] = {"encoding": item.encoding}
    if item.origin is not None and item.origin.row:
        written["row"] = " ".join(filter(None, (item.origin.sheet, str(item.origin.row))))
    for key in item.declared:
        if (value := getattr(item, key, "")) is None:
            continue  # it was written, and is no value: a finding says so
        written[key] = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return written


async def _revisions(store: Store, draft: int) -> tuple[RevisionSeen, ...]:
    rows = await store.fetch("SELECT * FROM draft_revisions WHERE draft = ? ORDER BY n", (draft,))
    return tuple(
        RevisionSeen(
            n=r["n"],
            hash=r["hash"],
            at=from_db(r["at"]),
            encoding=r["encoding"],
            size=r["size"],
            bytes_hash=r["bytes"],
            pictures=tuple(PictureSeen(file=p.file, hash=p.hash, size=p.size, kept=p.kept) for p in pictures_of(r["pictures"])),
            returned=r["returned"],
        )
        for r in rows
    )


async def history(
    store: Store, draft: int | None, limit: int, before: int | None = None, *, whole: bool = False
) -> tuple[HistoryLine, ...]:
    """The record: the last `limit` entries (below entry `before`), oldest first; of one draft where it is named. Private texts are
    joined to the details while they exist; `whole` adds what it takes to verify them."""
    where, values = "WHERE seq < ?", [before if before is not None else 1 << 62]
    if draft is not None:
        where += " AND draft = ?"
        values.append(draft)
    rows = await store.fetch(
        f"SELECT seq, at, actor, act, draft, record, hash FROM audit {where} ORDER BY seq DESC LIMIT ?", (*values, limit)
    )
    return await store.read(lambda db: lines_of(db, rows, whole=whole))


def lines_of(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], *, whole: bool = False) -> tuple[HistoryLine, ...]:
    """Rows of the record as they are told, in the opposite order, with the private texts that there still are."""
    texts: defaultdict[int, dict[str, PrivateText]] = defaultdict(dict)
    seqs = [row["seq"] for row in rows]
    private = f"SELECT seq, field, salt, text FROM audit_private WHERE seq IN ({','.join('?' * len(seqs))})"
    for row in db.execute(private, seqs):
        text = row["text"].decode("utf-8", "replace")
        texts[row["seq"]][row["field"]] = PrivateText(salt=row["salt"].hex(), text=text)
    return tuple(_line(row, texts[row["seq"]], whole) for row in reversed(rows))


def _line(row: sqlite3.Row, texts: dict[str, PrivateText], whole: bool) -> HistoryLine:
    record = detail = row["record"].decode("utf-8", "replace")
    # An entry that was tampered with is shown as it lies there: to say so is the verification's part.
    with suppress(ValueError, KeyError, TypeError):
        entry = json.loads(record)
        entry["detail"] |= {field: private.text for field, private in texts.items()}
        detail = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return HistoryLine(
        seq=row["seq"],
        at=from_db(row["at"]),
        actor=row["actor"],
        act=row["act"],
        draft=row["draft"],
        detail=detail,
        hash=row["hash"],
        record=record if whole else "",
        texts=texts if whole else {},
    )


def moment(at: int) -> datetime:
    """A time of the database, as people read it."""
    return from_db(at)


async def coming_back(store: Store) -> tuple[HeldSeen, ...]:
    """The drafts that a resume brings back held: what was to go out soonest first, as many as a screen has room for."""
    rows = await store.fetch(
        "SELECT id, account, title, release_at FROM drafts WHERE state IN ('approved', 'scheduled') "
        "ORDER BY release_at IS NULL, release_at, id LIMIT ?",
        (NAMED,),
    )
    return tuple(
        HeldSeen(
            draft=row["id"],
            account=row["account"],
            title=row["title"],
            at=from_db(row["release_at"]) if row["release_at"] is not None else None,
        )
        for row in rows
    )


async def counts(store: Store) -> dict[str, int]:
    """How many drafts stand in each state."""
    return await store.read(counted.counts)


async def counts_by_account(store: Store) -> dict[str, dict[State, int]]:
    """How many drafts of each account stand in each state."""
    found: defaultdict[str, dict[State, int]] = defaultdict(dict)
    for row in await store.fetch("SELECT account, state, n FROM counters WHERE n > 0", ()):
        found[row["account"]][row["state"]] = row["n"]
    return found


async def images_named(store: Store) -> set[tuple[str, str]]:
    """Account and file name of every image that a live draft names."""
    rows = await store.fetch(
        "SELECT DISTINCT d.account, json_extract(i.value, '$.file') AS file FROM drafts d, json_each(d.item, '$.images') i "
        "WHERE d.live = 1 AND instr(d.item, CAST('\"images\":[{' AS BLOB))",
        (),
    )
    return {(row["account"], row["file"]) for row in rows}
