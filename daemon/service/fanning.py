"""一斉発信 at work: an emergency dropped for one account becomes a draft for each, and every screen says so while it is out in part."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import structlog
import tomli_w
from msgspec.structs import replace

from daemon.desk import sets
from daemon.desk.acts import approve
from daemon.desk.arrivals import receive
from daemon.desk.case import Case, Setting, load
from daemon.desk.correcting import can_be_looked_up, original_of
from daemon.desk.declaring import declare
from daemon.desk.opinion import Paper, Writers, judge_paper
from daemon.desk.states import IN_HAND
from daemon.intake.frontmatter import read_item
from daemon.intake.pictures import Beside, look_at_pictures
from daemon.refused import Refused
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, Operator
from daemon.service.incoming import Incoming
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.store import Tx
from daemon.wire.acts import Approve
from daemon.wire.answers import Done
from daemon.wire.deputising import Declare
from daemon.wire.fanning import DecideSet, ExcuseMember, FanOutList, FanOuts, FanOutSeen

log = structlog.get_logger()

_COPIED = ("kind", "organiser", "source", "purpose", "reference", "target", "release_at")


class Fanning:
    """The sets of one office."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._since = 0
        self._seen: tuple[FanOutSeen, ...] = ()

    async def look(self) -> None:
        """A round: spread what is new, end what is settled, and know what is out in part."""
        office = self._office
        upto = await sets.last_change(office.store)
        found = await sets.to_spread(office.store, office.current.rulebook, self._since)
        for draft in found:
            await self._spread(draft)
        if len(found) < sets.SPREAD_MOST:
            self._since = upto
        await self.refresh()
        if any(one.members and not one.lacking or _nothing(one) for one in self._seen):
            await office.store.write(sets.end_settled(office.setting()))
            await self.refresh()

    async def refresh(self) -> None:
        """Read the sets under way anew; consoles are told where the fault has come or gone."""
        before = {one.id for one in self._seen if one.broken}
        self._seen = await sets.under_way(self._office.store)
        self._office.in_sets = sets.by_draft(self._seen)
        if before != {one.id for one in self._seen if one.broken}:
            self._office.hub.publish("policy")

    def alarms(self) -> list[tuple[str, str]]:
        """What every screen says while a set is out in part."""
        return [sets.alarm(one) for one in self._seen if one.broken]

    def broken(self) -> tuple[int, ...]:
        """The numbers of the sets that are out in part."""
        return tuple(one.id for one in self._seen if one.broken)

    async def _spread(self, draft: int) -> None:
        """A draft for each of the other accounts, in one transaction with the set; then their files, for people to see."""
        office = self._office
        setting = office.setting()
        papers: list[Paper] = []
        beside = Beside()

        def op(tx: Tx) -> list[int]:
            papers.clear()
            origin = load(tx.db, draft, setting.book)
            policy = origin.policy(setting.book)
            if origin.state not in IN_HAND or not origin.item.emergency:
                return []
            members: dict[str, int | None] = {origin.account.id: origin.id}
            known, targets = _members(tx, draft), _targets(tx, origin)
            for account_id in sets.accounts_of(policy.id, setting.book):
                if account_id == origin.account.id or targets is not None and account_id not in targets:
                    continue
                account = setting.book.accounts[account_id]
                before = known.get(account_id)
                if before is not None and not _may_follow(tx, before, setting):
                    members[account_id] = before
                    continue
                target = origin.item.target if targets is None else targets[account_id]
                paper = _paper(tx, replace(origin, item=replace(origin.item, target=target)), account, before, beside)
                papers.append(paper)
                members[account_id] = receive(judge_paper(paper, setting))(tx).draft
            sets.link(tx, draft, members, policy, origin.title, origin.hash)
            return [member for member in members.values() if member is not None]

        try:
            origin = await office.store.write(lambda tx: load(tx.db, draft, setting.book))
            beside = await asyncio.to_thread(self._pictures, origin)
            members = await office.store.write(op)
        except Refused as refused:  # its account has left the office: nothing to spread
            log.warning("not spread", draft=draft, why=refused.refusal.message_en)
            return
        await asyncio.to_thread(self._lay_out, draft, list(papers))
        for member in members:
            office.hub.publish("draft", draft=member)
        for paper in papers:
            for member in members:
                self._incoming.note(paper.account, member)

    def _pictures(self, origin: Case) -> Beside:
        """The images of the origin: each of the other drafts has the same."""
        drafts = self._office.folder / "drafts"
        return look_at_pictures(drafts, origin.account.id, origin.item)

    def _lay_out(self, draft: int, papers: list[Paper]) -> None:
        """Put the files of the other drafts into their folders, with the images they name. What cannot be written is said in the log: the
        drafts are in the queue all the same."""
        drafts = self._office.folder / "drafts"
        for paper in papers:
            folder = drafts / paper.account
            try:
                folder.mkdir(exist_ok=True)
                for image in paper.item.images:
                    _copy_beside(drafts, folder, image.file)
                new = folder / f".{os.fsdecode(paper.name)}.new"
                new.write_bytes(paper.data)
                new.replace(folder / os.fsdecode(paper.name))
            except OSError as error:
                log.warning("the copy is not in its folder", draft=draft, account=paper.account, why=str(error))

    # Acts and queries

    async def decide(self, act: DecideSet, session: Session, request: str) -> Done:
        """One decision for all drafts of the set that this person may decide, in one transaction."""
        office = self._office
        done = await once(office.store, _decide_all(act, session.who, office.setting()), session.who, request)
        await self._after(act.draft)
        return done

    async def excuse(self, act: ExcuseMember, session: Session, request: str) -> Done:
        """発信しない理由."""
        office = self._office
        done = await once(office.store, sets.excuse(act, session.who, office.setting()), session.who, request)
        await self.look()
        office.hub.publish("policy")
        return done

    async def listed(self, query: FanOuts, session: Session, request: str) -> FanOutList:
        """The sets under way, or the one of a draft."""
        store = self._office.store
        return FanOutList(fan_outs=await (sets.under_way(store) if query.draft is None else sets.of_draft(store, query.draft)))

    async def _after(self, draft: int) -> None:
        await self.refresh()
        for one in await sets.of_draft(self._office.store, draft):
            for each in one.members:
                if each.draft is not None:
                    self._office.hub.publish("draft", draft=each.draft, account=each.account, state=each.state)
                    self._incoming.note(each.account, each.draft)


def _nothing(one: FanOutSeen) -> bool:
    return all(each.state in ("withdrawn", "expired", "") or each.excused_by for each in one.members)


def _members(tx: Tx, origin: int) -> dict[str, int | None]:
    rows = tx.db.execute(
        "SELECT m.account, m.draft FROM fan_out_members m JOIN fan_outs f ON f.id = m.fan_out WHERE f.origin = ? AND f.ended_at IS NULL",
        (origin,),
    )
    return {row["account"]: row["draft"] for row in rows}


def _targets(tx: Tx, origin: Case) -> Mapping[str, str] | None:
    """By account, the post that a correction is about: where the one that it names was one of a set, each account's own that is out, and no
    other account has anything to correct. None for what corrects nothing, or names it in words, which are the same everywhere."""
    if origin.item.kind != "correction" or not can_be_looked_up(origin.item.kind, origin.item.target):
        return None
    original = original_of(tx.db, origin.account.id, origin.item.target, origin.id)
    return {} if original is None else sets.siblings_out(tx, original)


def _may_follow(tx: Tx, member: int, setting: Setting) -> bool:
    """Whether a draft of the set takes over a new text of its origin: while it is in hand."""
    return load(tx.db, member, setting.book).state in IN_HAND


def _paper(tx: Tx, origin: Case, account: Account, before: int | None, beside: Beside) -> Paper:
    """The draft of another account: the same text, under that account's own topic."""
    data = _file(origin.item, account, origin.author)
    if before is not None:
        name = bytes(tx.db.execute("SELECT name FROM drafts WHERE id = ?", (before,)).fetchone()["name"])
    else:
        name = _free_name(tx, account.id, origin)
    digest = hashlib.sha256(data).hexdigest()
    item = beside.on(read_item(data))
    where = Paper(account.id, name, data, digest, item, -1, -1, 0, 0, 0, len(data))
    writers = Writers(origin.author, origin.author_verified, origin.hands)
    return dataclasses.replace(where, pictures=beside.pictures, kept=beside.kept, copied=writers)


def _free_name(tx: Tx, account: str, origin: Case) -> bytes:
    """A file name that no draft of that account has."""
    stem = Path(os.fsdecode(origin.name)).stem
    names = (os.fsencode(f"{stem}{more}.txt") for more in ("", *(f"-一斉{origin.id}{n or ''}" for n in range(1000))))
    for name in names:
        taken = tx.db.execute("SELECT 1 FROM drafts WHERE account = ? AND name = ? AND live = 1", (account, name)).fetchone()
        seen = tx.db.execute("SELECT 1 FROM seen WHERE account = ? AND name = ?", (account, name)).fetchone()
        if taken is None and seen is None:
            return name
    raise Refused("busy", "下書きの名前が空いていません。", "No name is free for the draft.")


def _file(item: Item, account: Account, author: str) -> bytes:
    """A draft's file with this text for that account."""
    front: dict[str, object] = {"author": author, "emergency": True}
    if topic := account.topic or item.topic:
        front["topic"] = topic
    for key in _COPIED:
        value = getattr(item, key)
        if key in item.declared and value not in (None, ""):
            front[key] = value if isinstance(value, datetime) else str(value)
    if item.images:
        front["images"] = [{key: value for key, value in msgspec.structs.asdict(image).items() if value} for image in item.images]
    if item.poll is not None:
        front["poll"] = {"options": list(item.poll.options), "minutes": item.poll.minutes}
    return f"+++\n{tomli_w.dumps(front)}+++\n{item.text}\n".encode()


def _copy_beside(drafts: Path, folder: Path, name: str) -> None:
    """Copy an image beside the draft, from whichever account's folder has it, unless there is one of that name already."""
    if not name or "/" in name or (folder / name).exists():
        return
    source = next((each / name for each in drafts.iterdir() if each != folder and (each / name).is_file()), None)
    if source is not None:
        shutil.copyfile(source, folder / name)


def _decide_all(act: DecideSet, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    def op(tx: Tx) -> Done:
        seen = load(tx.db, act.draft, setting.book)
        row = tx.db.execute(
            "SELECT fan_out FROM fan_out_members WHERE draft = ? ORDER BY fan_out DESC LIMIT 1", (act.draft,)
        ).fetchone()
        if row is None:
            raise Refused(
                "no_such",
                f"下書き {act.draft} は一斉発信の一つではありません。組の番号なら「一斉{act.draft}」と書きます。",
                f"Draft {act.draft} belongs to no set.",
            )
        rows = tx.db.execute(
            "SELECT account, draft FROM fan_out_members WHERE fan_out = ? AND draft IS NOT NULL ORDER BY draft", (row["fan_out"],)
        ).fetchall()
        # An account that has left the office keeps the others from nothing: why it lacks the text is for a manager to record.
        members = [load(tx.db, each["draft"], setting.book) for each in rows if each["account"] in setting.book.accounts]
        done, not_done = [], []
        head = ""
        members.sort(key=lambda case: case.id != act.draft)
        for case in members:
            if case.item.text != seen.item.text:
                not_done.append((case, "文が違います", "another text"))
                continue
            digest = act.hash if case.id == act.draft else case.hash
            tx.db.execute("SAVEPOINT member")
            try:
                head = _one(act, case.id, digest, who, setting)(tx).audit_head or head
            except Refused as refused:
                tx.db.execute("ROLLBACK TO member")
                if case.id == act.draft:
                    raise  # what was seen itself: the reason is the answer
                not_done.append((case, refused.refusal.message, refused.refusal.message_en))
            else:
                done.append(case)
            finally:
                tx.db.execute("RELEASE member")
        word, word_en = ("を承認", "approved") if act.what == "approve" else ("について緊急を宣言", "declared an emergency")
        left = "、".join(f"{case.account.id}（{ja}）" for case, ja, _ in not_done)
        left_en = ", ".join(f"{case.account.id} ({en})" for case, _, en in not_done)
        return Done(
            message=f"一斉発信 {len(members)} 件のうち {len(done)} 件{word}しました。" + (f"残り: {left}" if left else ""),
            message_en=f"{len(done)} of {len(members)} drafts of the set {word_en}." + (f" Left: {left_en}" if left else ""),
            draft=act.draft,
            audit_head=head,
        )

    return op


def _one(act: DecideSet, draft: int, digest: str, who: Operator, setting: Setting) -> Callable[[Tx], Done]:
    if act.what == "declare":
        return declare(Declare(draft=draft, hash=digest, reason=act.reason), who, setting)
    return approve(Approve(draft=draft, hash=digest, reason=act.reason), who, setting)
