"""The journal of a release: 発信中 is written durably before the hand gets the job, and what became of it afterwards.

A release begins (`begun`), is held by a person (`leased`), and ends `released`, `prevented` (the gate was closed: nothing began),
`failed` (it certainly did not go out) or `unknown` (不明: nobody can say). Never twice, never silently never.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from daemon.desk import by_hand, guard
from daemon.desk.acts import current, rejudge
from daemon.desk.arrivals import FILE
from daemon.desk.case import Case, Setting, load, opening_of, pictures_of, save
from daemon.desk.closing import closed_at_its_time, record_closed
from daemon.desk.correcting import address_of
from daemon.desk.pace import may_release
from daemon.desk.resuming import RESUMED, remember
from daemon.desk.states import IN_HAND
from daemon.refused import Refused, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Kind, Poll
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.picture import Picture
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.answers import InFlight

LEASE = timedelta(minutes=10)
"""How long one person may hold a release card before its release counts as 不明."""

LATE = timedelta(minutes=10)
"""How much later than its time a scheduled release may still go by itself; after that a person is asked again."""

BEGUN = "machine_begun_at"
"""The row of `meta` with the moment of the machine's last release: between it and the last resume the pace is kept."""

OPEN = ("begun", "leased", "unknown")
"""What the journal says of a release that has no known end."""

Said = str | tuple[str, str]
"""Why it ended so: in one language, or Japanese and English."""
MACHINE = "daemon"
"""The holder of a release that no person carries out by hand."""


@dataclass(frozen=True)
class Ticket:
    """A release that has been journaled: everything that the hand and the card need, as plain values."""

    release: int
    draft: int
    hash: str
    account: Account
    text: str
    title: str
    pictures: tuple[Picture, ...]
    epoch: int
    holder: str
    lease_until: datetime
    name: bytes
    kind: Kind = "post"
    target: str = ""
    """What it is done to, where it is done to something: the post replied to, reposted or deleted."""
    poll: Poll | None = None
    alts: Mapping[str, str] = field(default_factory=dict)
    """The alternative text of each image, by its file."""
    since: datetime | None = None
    """When the first try to release this revision was journaled."""

    @property
    def deletes(self) -> str:
        """The address of the post that is to be deleted; empty for anything that is posted."""
        return self.target if self.kind == "delete" else ""


def begin(
    draft: int, seen: str, who: Operator | None, epoch: int, setting: Setting, *, handle_known: bool
) -> Callable[[Tx], Ticket]:
    """The operation that journals 発信中, after judging the draft once more. `who` is None for the daemon itself.

    Raises Refused with everything that is still missing, `handle` where the account's handle has to be typed first.
    """

    def op(tx: Tx) -> Ticket:
        case = current(tx, draft, seen, setting)
        if who is not None:
            serves(who, case.account)
            if case.channel != "manual":
                raise Refused(
                    "lease",
                    "このアカウントは広報番が自動で発信します。発信カードはありません。",
                    "This account's drafts go out by machine: there is no release card.",
                )
            by_hand.allowed(who, case, setting)
        elif case.channel == "manual":
            raise Refused(
                "lease",
                "この種別は自動では行えません。人が媒体で行い、URL を記録します。",
                "No channel does such a thing by itself: a person does it, and records its URL.",
            )
        judgement = case.judged(setting)
        if setting.stopped(case.account):
            raise Refused("stopped", *stopped_words())
        if case.state == "scheduled" and case.release_at is not None:
            raise Refused(
                "time",
                f"{case.release_at:%m/%d %H:%M} の予約です。その時刻から発信できます。",
                f"It is scheduled for {case.release_at:%m/%d %H:%M} and can go out from then on.",
            )
        open_lines = [line for line in judgement.missing if line.act not in ("take", "wait") or line.rule]
        if case.state == "approved" and open_lines:
            raise Refused(
                "missing",
                "まだ出せません: " + " / ".join(f"{line.what}（{line.who}）" for line in open_lines),
                "Not yet: " + " / ".join(line.what_en for line in open_lines),
                clause=open_lines[0].clause,
            )
        if (at := case.begins_at(setting)) is not None:
            moment = f"{at.astimezone(TOKYO):%H:%M:%S}"
            raise Refused(
                "countdown", f"{moment} まで待ちます（取り消せる時間）。", f"It waits until {moment}: it can be halted."
            )
        if who is None:
            _keep_pace(tx, case, setting)
        if case.channel == "manual" and not handle_known:
            raise guard.ask(case.account, setting.book)
        case = replace(case.step("begin"), release_at=None)
        until = setting.now + LEASE
        (first,) = tx.db.execute(
            "SELECT min(begun_at) FROM releases WHERE draft = ? AND hash = ?", (case.id, case.hash)
        ).fetchone()
        holder = who.login if who is not None else MACHINE
        release = tx.db.execute(
            "INSERT INTO releases (draft, hash, account, channel, epoch, state, holder, lease_until, begun_at, body) "
            "VALUES (?, ?, ?, ?, ?, 'begun', ?, ?, ?, ?)",
            (case.id, case.hash, case.account.id, case.channel, epoch, holder, to_db(until), tx.now, case.item.text),
        ).lastrowid
        save(tx.db, case, tx.now)
        tx.record(holder, "begin", case.id, account=case.account.id, hash=case.hash, release=release, epoch=epoch)
        return Ticket(
            release or 0,
            case.id,
            case.hash,
            replace(case.account, channel=case.channel),
            case.item.text,
            case.title,
            case.pictures,
            epoch,
            holder,
            until,
            case.name,
            case.item.kind,
            address_of(tx.db, case.account.id, case.item.kind, case.item.target, case.id),
            case.item.poll if case.item.kind == "poll" else None,
            {image.file: image.alt for image in case.item.images},
            from_db(tx.now if first is None else first),
        )

    return op


def _keep_pace(tx: Tx, case: Case, setting: Setting) -> None:
    """Note that the machine begins a release. Raises Refused (`pace`) where the last resume, or the opening of the account after a closed
    time, is so fresh that it must not yet: what waited for either goes out one by one, never as a flood."""
    known = dict(tx.db.execute("SELECT key, value FROM meta WHERE key IN (?, ?)", (RESUMED, BEGUN)).fetchall())
    resumed, last = (from_db(known[key]) if key in known else None for key in (RESUMED, BEGUN))
    pace = setting.book.office.pace
    opened = opening_of(case, setting, setting.now).since
    fresh = max((at for at in (resumed, opened) if at is not None), default=None)
    if not may_release(setting.now, fresh, last, pace):
        raise Refused(
            "pace",
            f"再開・開庁の直後のため、{pace} 秒に1件ずつ発信しています。",
            f"Just resumed or opened: one release goes out every {pace} seconds.",
        )
    remember(tx, BEGUN, setting.now)


def lease(ticket: Ticket) -> Callable[[Tx], None]:
    """The gate was passed: from here on the card is in a person's hands. Raises Refused where the release is over already."""

    def op(tx: Tx) -> None:
        if not tx.db.execute("UPDATE releases SET state = 'leased' WHERE id = ? AND state = 'begun'", (ticket.release,)).rowcount:
            raise _over_already()
        tx.record(ticket.holder, "take", ticket.draft, account=ticket.account.id, hash=ticket.hash, release=ticket.release)

    return op


def end(
    release: int, outcome: str, setting: Setting, *, by: str, url: str = "", detail: Said = "", found: Collection[str] = OPEN
) -> Callable[[Tx], Case]:
    """The operation that writes what became of a release: `released`, `prevented`, `failed`, `unknown` or `not_released`.

    Raises Refused where the release is over already, or where the journal no longer says of it what it was `found` to say: whoever
    judges by what they have read must not settle what has gone on since.
    """

    said = {"detail": detail} if isinstance(detail, str) else {"said": detail[0], "detail": detail[1]}

    def op(tx: Tx) -> Case:
        row = tx.db.execute("SELECT draft, state, epoch FROM releases WHERE id = ?", (release,)).fetchone()
        if row is None or row["state"] not in found:
            raise _over_already()
        case = load(tx.db, row["draft"], setting.book)
        match outcome:
            case "released":
                case = replace(case.step("release"), url=url)
            case "prevented" if row["epoch"] >= _epoch(tx):
                case = case.step("prevent")
            case "unknown":
                case = case.step("lose")
            case _:
                case = case.step("not_released")
        removed = case.state in IN_HAND and not _lies_there(tx, case)
        tx.db.execute(
            "UPDATE releases SET state = ?, ended_at = ?, url = ?, detail = ? WHERE id = ?",
            (outcome, tx.now, url, said["detail"], release),
        )
        save(tx.db, case, tx.now)
        tx.record(by, outcome, case.id, account=case.account.id, hash=case.hash, release=release, url=url, **said)
        if removed:  # while it was in flight a removal could withdraw nothing; now it does what its author meant by it
            case = case.step("withdraw")
            save(tx.db, case, tx.now)
            tx.record(FILE, "withdraw", case.id, account=case.account.id, why="the file was removed")
        return case

    return op


def _over_already() -> Refused:
    return Refused("state", "この発信は、もう終わっています。", "This release is over already.")


def _lies_there(tx: Tx, case: Case) -> bool:
    """Whether the draft's file was there when the folder was last looked at."""
    seen = tx.db.execute("SELECT 1 FROM seen WHERE account = ? AND name = ?", (case.account.id, case.name))
    return seen.fetchone() is not None


def _epoch(tx: Tx) -> int:
    """The epoch of the last resume. What an older one's stop prevented comes back 保留, like all that was on its way then."""
    row = tx.db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    return int(row["value"]) if row else 0


async def any_due(store: Store, setting: Setting) -> bool:
    """True when a scheduled draft's time has come; spares the writer a transaction a second. An account that has left the office has
    nothing due: should it come back, its drafts are late."""
    accounts, marks = _accounts(setting)
    rows = await store.fetch(
        f"SELECT 1 FROM drafts WHERE release_at <= ? AND live = 1 AND state = 'scheduled' AND account IN ({marks}) LIMIT 1",
        (to_db(setting.now), *accounts),
    )
    return bool(rows)


def due(setting: Setting) -> Callable[[Tx], list[Case]]:
    """The operation for scheduled drafts whose time has come: takeable (or to be sent) now; 保留 when the moment is long past."""

    def op(tx: Tx) -> list[Case]:
        accounts, marks = _accounts(setting)
        rows = tx.db.execute(
            f"SELECT id FROM drafts WHERE release_at <= ? AND live = 1 AND state = 'scheduled' AND account IN ({marks}) "
            "ORDER BY release_at LIMIT 200",
            (to_db(setting.now), *accounts),
        ).fetchall()
        moved = []
        for row in rows:
            case = load(tx.db, row["id"], setting.book)
            late = setting.now - (case.release_at or setting.now) > LATE
            if setting.stopped(case.account) and not late:
                continue
            # What comes too late, or when it is closed, keeps its time, so that whoever is asked again is told which moment it was.
            if not late and (shut := closed_at_its_time(case, setting)) is not None and shut.state == "held":
                save(tx.db, shut, tx.now)
                record_closed(tx, case, shut, setting)
                moved.append(shut)
                continue
            case = case.step("hold") if late else replace(case.step("due"), release_at=None)
            if not late:  # what the rules say at this moment counts: it may have to wait for the next opening, or for a person
                case, _ = rejudge(case, setting)
            save(tx.db, case, tx.now)
            tx.record(MACHINE, "hold" if late else "due", case.id, account=case.account.id, hash=case.hash, state=case.state)
            moved.append(case)
        return moved

    return op


def _accounts(setting: Setting) -> tuple[tuple[str, ...], str]:
    """The office's accounts, and as many marks for a statement."""
    accounts = tuple(setting.book.accounts)
    return accounts, ",".join("?" * len(accounts))


@dataclass(frozen=True)
class Open:
    """A release that has no known end: how far the journal is (`begun`, `leased`, `unknown`), and what is needed to look for it."""

    release: int
    draft: int
    account: str
    channel: str
    state: str
    holder: str
    title: str
    body: str
    begun_at: datetime
    kind: str
    target: str
    hash: str
    images: int | None
    """How many images it went out with; None where the draft has changed since."""


async def still_open(store: Store, *states: str) -> tuple[Open, ...]:
    """The releases that have no known end, oldest first: all of them, or those of which the journal says this."""
    states = states or OPEN
    rows = await store.fetch(
        "SELECT r.id, r.draft, r.account, r.channel, r.state, r.holder, d.title, r.body, r.begun_at, r.hash, "
        "json_extract(d.item, '$.kind') AS kind, ifnull((SELECT nullif(o.url, '') FROM corrections c JOIN drafts o ON o.id = c.original "
        "WHERE c.draft = d.id), json_extract(d.item, '$.target')) AS target, d.hash AS now, d.pictures FROM releases r "
        f"JOIN drafts d ON d.id = r.draft WHERE r.state IN ({','.join('?' * len(states))}) "
        # Said a second time, as the index of what is open says it: without, every release of all years is looked through.
        "AND r.state IN ('begun', 'leased', 'unknown') ORDER BY r.id",
        states,
    )
    return tuple(
        Open(
            release=row["id"],
            draft=row["draft"],
            account=row["account"],
            channel=row["channel"],
            state=row["state"],
            holder=row["holder"],
            title=row["title"],
            body=row["body"],
            begun_at=from_db(row["begun_at"]),
            kind=row["kind"] or "post",
            target=row["target"] or "",
            hash=row["hash"],
            images=len(pictures_of(row["pictures"])) if row["now"] == row["hash"] else None,
        )
        for row in rows
    )


async def in_flight(store: Store) -> tuple[InFlight, ...]:
    """What had begun and has no known end: drafts with whoever holds them."""
    return tuple(
        InFlight(draft=each.draft, holder=each.holder, outcome="unknown", title=each.title) for each in await still_open(store)
    )


async def open_release(store: Store, draft: int) -> tuple[int, str, str]:
    """The open release of a draft: its number, state and holder. Raises Refused where there is none, with the URL of one that has
    been recorded: whoever asks twice must not be sent to take a card for what is out already."""
    rows = await store.fetch(
        "SELECT id, state, holder FROM releases WHERE draft = ? AND state IN ('begun', 'leased', 'unknown') ORDER BY id DESC LIMIT 1",
        (draft,),
    )
    if not rows:
        out = await store.fetch(
            "SELECT url FROM releases WHERE draft = ? AND state = 'released' ORDER BY id DESC LIMIT 1", (draft,)
        )
        if out:
            url = out[0]["url"]
            raise Refused(
                "state",
                "この下書きは、もう発信済です" + (f"（{url}）。" if url else "。"),
                "This draft has been released already" + (f" ({url})." if url else "."),
            )
        raise Refused(
            "lease",
            "この下書きの発信カードは出ていません。先に発信カードを取ってください。",
            "No release card of this draft is out: take it first.",
        )
    return rows[0]["id"], rows[0]["state"], rows[0]["holder"]


async def expired(store: Store, now: datetime) -> list[tuple[int, str]]:
    """The releases whose lease has run out, each with its account: they are 不明 until a person looks."""
    rows = await store.fetch(
        "SELECT id, account FROM releases WHERE state = 'leased' AND state IN ('begun', 'leased', 'unknown') AND lease_until < ?",
        (to_db(now),),
    )
    return [(row["id"], row["account"]) for row in rows]


def stopped_words() -> tuple[str, str]:
    """Why nothing goes out now, and what to do."""
    return (
        "停止中のため発信できません。再開は管理者が行います。",
        "Stopped: nothing goes out. A manager resumes.",
    )
