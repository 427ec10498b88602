"""`kohoban repair`: a damaged database is set aside, and a new one made from what is certain: the exact bytes of the revisions and the
record. What cannot be brought back is said exactly: on the screen, in a file, and in the record itself.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from daemon.desk.case import Setting
from daemon.rulebook.current import Current
from daemon.rulebook.model import RulebookError
from daemon.service.clock import tokyo_now
from daemon.service.past import told as entry_of
from daemon.service.redrafting import Redrafting
from daemon.service.replay import Replay
from daemon.service.restoring import note_stop, stop
from daemon.store import Store, StoreUnfit, Tx
from daemon.store import texts as index_of_texts
from daemon.store.audit import PRIVATE, WITHHELD, as_text
from daemon.store.backup import Progress
from daemon.store.database import DATABASE, open_writer
from daemon.store.faults import told
from daemon.store.moments import from_db, now
from daemon.store.offline import aside_folder, at_rest, looked_into, put_in_place
from daemon.store.regather import Gathered, Gathering
from daemon.store.salvage import Salvage
from daemon.store.segments import FOLDER

_OURS = frozenset(
    {"meta", "revisions", "drafts", "draft_revisions", "approvals", "lifts", "declarations", "releases", "counters", "seen", "audit",
     "audit_private", "segment_end", "text_index"}
)  # fmt: skip
"""Tables that are made anew, or (approvals, exceptions, declared emergencies) on purpose not at all. All others are taken over as far as they can be read."""
_AT_ONCE = 200
_FIELDS = {
    "name": ("ファイル名（修復-番号.txt としました）", "file name (修復-number.txt stands in its place)"),
    "author_verified": ("作成者の確認（未確認としました）", "whether the author was verified (now: not)"),
    "returned": ("差戻しの理由", "reason of the return"),
}


class Lost(Struct, frozen=True):
    """One thing, or a run of them, that could not be brought back."""

    ja: str
    en: str


class Repaired(Struct, frozen=True, kw_only=True):
    """What a repair did, or with `dry` would do."""

    dry: bool
    drafts: int
    entries: int
    aside: str
    held: tuple[int, ...]
    unknown: tuple[int, ...]
    lost: tuple[Lost, ...]
    report: str


@dataclass
class _Work:
    """A repair under way."""

    gathered: Gathered
    drafts: Redrafting
    epoch: int
    apart: list[tuple[int, str, bytes]] = field(default_factory=list)
    texts: dict[int, dict[str, str]] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)


async def repair(office: Path, by: str, tell: Progress, *, dry: bool) -> Repaired:
    """Make the office's database anew. `dry` does it beside what stands, says what would come of it, and leaves everything as it was.
    Raises StoreError; then nothing has been changed."""
    state, store = office / "state", office / "state" / "store"
    if not (store / FOLDER).is_dir():
        raise StoreUnfit(
            f"{office} には直すものがありません（state/store がありません）。",
            f"There is nothing to repair in {office}: no state/store.",
        )
    setting = _setting(office)
    with at_rest(store), aside_folder(state) as aside:
        new = aside / "new"
        try:
            with told(str(aside), writing=True):
                new.mkdir(mode=0o700)
                work = _build(office, store, new, setting, tell)
            if dry:
                return _result(work, dry=True, aside="", report="")
            epoch = max(stop(state, by), work.epoch)
            report = _write_report(state, work)
            async with await Store.open(new) as opened:
                for start in range(0, len(work.apart), _AT_ONCE):
                    await opened.write(_carry(work.apart[start : start + _AT_ONCE], work.texts))
                await opened.write(_finish(work, by, epoch, aside.name))
            with at_rest(new):
                put_in_place(new, store, aside)
        finally:
            if new.exists():
                shutil.rmtree(new)
        return _result(work, dry=False, aside=str(aside), report=str(report))


def _setting(office: Path) -> Setting:
    """The rules in force, as a stopped office has them. Raises StoreUnfit where they are broken: nothing can be judged then."""
    try:
        book = Current(office).rulebook
    except RulebookError as error:
        first = error.problems[0]
        raise StoreUnfit(
            f"規則ファイルに誤りがあるため、直せません（{first.file}:{first.line}: {first.message}）。規則を先に直してください。",
            f"Not repaired: the rules cannot be used ({first.file}:{first.line}: {first.message_en}). Mend them first.",
        ) from error
    return Setting(book, tokyo_now(), frozenset({"all"}), lambda _: ())


def _build(office: Path, store: Path, new: Path, setting: Setting, tell: Progress) -> _Work:
    """Make the new database in the folder `new`; nothing else is touched. Raises sqlite3.Error, OSError."""
    with looked_into(store) as damaged, closing(open_writer(new / DATABASE)) as db:
        db.execute("PRAGMA synchronous = OFF")  # it is forced out as a whole before it is put in place
        salvage = Salvage(damaged)
        gathering = Gathering(store, new, db, salvage, tell)
        gathering.link_segments()
        replay, texts = Replay(), _Texts(db, salvage)

        def feed(seq: int, record: bytes, kept: bool) -> None:
            entry = entry_of(record)
            if entry is not None:
                replay.feed(entry)
                texts.of(seq, entry.detail, kept=kept)

        gathered = gathering.gather(feed, now())
        drafts = Redrafting(office, new, db, salvage, setting)
        db.execute("BEGIN")
        for done in drafts.make(replay):
            if done % _AT_ONCE == 0:
                tell("drafts", done, len(replay.drafts))
        index_of_texts.begin_anew(db)
        db.execute("COMMIT")
        work = _Work(gathered, drafts, replay.epoch, list(gathering.apart(gathered.kept)), texts.apart)
        gathering.end()
        others = list(_take_over(db, salvage))
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        work.lost = [*_lost(gathered, work), *texts.lost(replay), *_lost_drafts(drafts), *others]
        return work


class _Texts:
    """The private texts of entries: taken over where they are those that the entry names."""

    def __init__(self, db: sqlite3.Connection, salvage: Salvage) -> None:
        self._db, self._salvage = db, salvage
        self._gone: dict[str, list[int]] = {}
        self.apart: dict[int, dict[str, str]] = {}
        """Those of entries that lost their place in the chain."""

    def of(self, seq: int, detail: dict[str, object], *, kept: bool) -> None:
        """Those of one entry."""
        for name, hidden in detail.items():
            if name in PRIVATE and isinstance(hidden, str) and hidden.startswith(WITHHELD):
                found = self._salvage.text(seq, name, hidden)
                if found is None:
                    self._gone.setdefault(name, []).append(seq)
                elif not kept:
                    self.apart.setdefault(seq, {})[name] = as_text(found[1])
                else:
                    self._db.execute(
                        "INSERT INTO audit_private (seq, field, salt, text) VALUES (?, ?, ?, ?)", (seq, name, *found)
                    )

    def lost(self, replay: Replay) -> Iterator[Lost]:
        """Those that are neither there nor were erased by somebody."""
        for name, entries in self._gone.items():
            gone = [seq for seq in entries if (seq, name) not in replay.erased]
            for run in _runs(gone):
                yield Lost(
                    f"記録 {run} 番の「{name}」の文（要約値は残っています）", f"the text “{name}” of entry {run} (its hash stays)"
                )


def _lost(gathered: Gathered, work: _Work) -> Iterator[Lost]:
    for name, offset, size in gathered.torn:
        yield Lost(
            f"revisions/{name} の {offset:,} バイト目から {size:,} バイト（損傷、読み飛ばしました）",
            f"revisions/{name}: {size:,} bytes from byte {offset:,} on (damaged, skipped)",
        )
    for run in _runs(gathered.missing):
        yield Lost(f"記録 {run} 番", f"entry {run} of the record")
    for run in _runs([seq for seq, _, _ in work.apart]):
        yield Lost(
            f"記録 {run} 番の連鎖（内容は「修復で引継ぎ」として新しい記録に写しました）",
            f"the place of entry {run} in the chain (what it says is in the new record, as “carried over”)",
        )


def _lost_drafts(drafts: Redrafting) -> Iterator[Lost]:
    for run in _runs(drafts.unread):
        yield Lost(
            f"下書き {run} の原文（ファイルが drafts/ にあれば、新しい下書きとして入り直します）",
            f"the bytes of draft {run} (should its file be in drafts/, it comes in again as a new draft)",
        )
    for name, numbers in drafts.fields.items():
        ja, en = _FIELDS[name]
        for run in _runs(numbers):
            yield Lost(f"下書き {run} の{ja}", f"draft {run}: {en}")


def _take_over(db: sqlite3.Connection, salvage: Salvage) -> Iterator[Lost]:
    """What the other tables still hold. They have no second copy: what cannot be read of them is gone."""
    tables = [
        (row[0], "WITHOUT ROWID" not in row[1].upper())
        for row in db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    ]
    db.execute("PRAGMA foreign_keys = OFF")
    for table, rowid in tables:
        if (table in _OURS or table.startswith(index_of_texts.TABLES)) and table != "meta":
            continue
        columns = [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]
        marks, refused = ", ".join("?" * len(columns)), 0
        db.execute("BEGIN")
        for row in salvage.every(table, rowid=rowid):
            try:
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", [row[name] for name in columns])
            except (sqlite3.Error, IndexError):
                refused += 1
        db.execute("COMMIT")
        if refused or table in salvage.failed:
            yield Lost(
                f"表 {table} の一部（読めた行だけ写しました）",
                f"part of the table {table} (the rows that could be read were kept)",
            )
    if salvage.nothing:
        yield Lost(
            "記録と原文のほかの表（停止・その後の作業・訓練・務め・通知・コメントと措置・ブロックリスト）",
            "the tables beside record and revisions (stops, follow-ups, drills, duties, notices, comments and measures, the block list)",
        )


def _carry(entries: Iterable[tuple[int, str, bytes]], texts: dict[int, dict[str, str]]) -> Callable[[Tx], None]:
    """The operation that writes down, in entries of their own, what entries behind a break of the chain say."""

    def op(tx: Tx) -> None:
        for seq, digest, record in entries:
            entry = entry_of(record)
            draft = entry.draft if entry is not None else None
            said = texts.get(seq, {})
            tx.record("daemon", "carried", draft, entry=seq, hash=digest, bytes=record.decode("utf-8", "replace"), **said)

    return op


def _finish(work: _Work, by: str, epoch: int, aside: str) -> Callable[[Tx], None]:
    def op(tx: Tx) -> None:
        tx.db.execute(
            "INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)", (epoch,)
        )
        note_stop(tx, by, "データベースを修復したため")
        tx.record(
            by,
            "repair",
            None,
            aside=aside,
            kept=work.gathered.kept,
            head=work.gathered.head,
            held=work.drafts.held,
            unknown=work.drafts.unknown,
            lost=[line.ja for line in work.lost],
        )
        tx.anchor()

    return op


def _write_report(state: Path, work: _Work) -> Path:
    """The whole list, as a file for people, beside the aside."""
    stamp = from_db(now()).strftime("%Y%m%d-%H%M%S")
    path = state / f"repair-{stamp}.txt"
    drafts, kept = work.drafts, work.gathered.kept
    lines = [
        f"広報番 修復の報告 / Kohoban, report of a repair {stamp}",
        f"下書き {drafts.count} 件、記録 {kept} 件を作り直しました。 / {drafts.count} drafts and {kept} entries of the record were made anew.",
        f"不明（媒体で確かめる） / unknown (look at the platform): {_listed(drafts.unknown)}",
        f"保留（承認し直す） / held (approve again): {_listed(drafts.held)}",
        "承認と例外は引き継いでいません。 / Approvals and exceptions were not brought over.",
        "",
        "戻せなかったもの / could not be brought back:",
    ]
    lines += [f"- {line.ja} / {line.en}" for line in work.lost] or ["- なし / nothing"]
    with told(str(path), writing=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o640)
    return path


def _listed(numbers: list[int]) -> str:
    return ", ".join(_runs(numbers)) or "なし"


def _result(work: _Work, *, dry: bool, aside: str, report: str) -> Repaired:
    return Repaired(
        dry=dry,
        drafts=work.drafts.count,
        entries=work.gathered.kept + len(work.apart),
        aside=aside,
        held=tuple(work.drafts.held),
        unknown=tuple(work.drafts.unknown),
        lost=tuple(work.lost),
        report=report,
    )


def _runs(numbers: Iterable[int]) -> Iterator[str]:
    """Numbers as runs: `3`, `7–12`."""
    first = last = None
    for number in sorted(set(numbers)):
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            yield f"{first}" if first == last else f"{first}–{last}"
        first = last = number
    if first is not None:
        yield f"{first}" if first == last else f"{first}–{last}"
