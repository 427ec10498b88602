"""訂正と削除 at work: drafts that correct or delete others are tied to them, and a new one is prepared as a file with blanks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import tomli_w

from daemon.desk import correcting
from daemon.desk.acts import rejudge
from daemon.desk.case import Case, Setting, load, save
from daemon.desk.releasing import MACHINE
from daemon.refused import Refused, serves
from daemon.service.once import once
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.standing import words
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.correcting import Prepare

NOT_UNDONE = "一度ネットワーク上に公開された情報は完全には削除できません（写しや引用が残ります）。"
NOT_UNDONE_EN = "What was once public cannot be fully deleted: copies remain."


class Correcting:
    """Corrections and deletions of one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._since = 0
        self._objected: Mapping[int, tuple[int, ...]] = {}

    async def look(self) -> None:
        """A round: tie what is new, and mark what is out and was found wrong."""
        office = self._office
        upto = await correcting.last_change(office.store)
        objected = await correcting.objected(office.store)
        if upto <= self._since and objected == self._objected and office.links is not None:
            return
        found = await correcting.unlinked(office.store, self._since)
        moved: list[int] = []
        if found:
            moved = await office.store.write(_linked(found, office.setting()))
            # What was deleted counts longer against a repetition; a deletion may have gone out before it was tied to its post.
            for account in {account for _, account, _, _ in found}:
                await office.refresh_recent(account)
        if found or objected != self._objected or office.links is None:
            office.links = await correcting.links(office.store, objected)
        changed = {draft for draft, _ in objected.items() ^ self._objected.items()}
        self._since, self._objected = upto, objected
        for draft in sorted(changed.union(moved)):
            office.hub.publish("draft", draft=draft)

    async def prepare(self, act: Prepare, session: Session, request: str) -> Done:
        """Write the file and say where it lies."""
        office, who = self._office, session.who
        setting = office.setting()
        case = await office.store.write(lambda tx: load(tx.db, act.draft, setting.book))
        serves(who, case.account)
        if case.state != "released":
            raise Refused(
                "state",
                "訂正と削除は、発信済の下書きについて用意します。まだ出ていないものは、下書きを直すか取り下げてください。",
                "Corrections and deletions are prepared for what is out. What is not: edit the draft, or withdraw it.",
            )
        folder = office.folder / "drafts" / case.account.id
        try:
            path = await asyncio.to_thread(_write, folder, case, act.what, who.login)
        except OSError as error:
            ja, en = words(error)
            raise Refused("internal", f"下書きを書けません（{ja}）。", f"The draft cannot be written ({en}).") from None

        def op(tx: Tx) -> Done:
            head = tx.record(who.login, "prepare", case.id, account=case.account.id, kind=act.what, name=path.name)
            where = f"drafts/{case.account.id}/{path.name}"
            if act.what == "delete":
                ja = f"{where} を用意しました。理由の空欄を埋めると承認に回ります。{NOT_UNDONE}"
                en = f"{where} is prepared; fill in its blank. {NOT_UNDONE_EN}"
            else:
                ja = f"{where} を用意しました。空欄（＿＿＿）を埋めると承認に回ります。元の投稿はそのままです。"
                en = f"{where} is prepared; fill in its blanks. The original stays as it is."
            return Done(message=ja, message_en=en, draft=case.id, audit_head=head)

        return await once(office.store, op, who, request)


def _linked(found: list[tuple[int, str, str, str]], setting: Setting) -> Callable[[Tx], list[int]]:
    """The operation that ties what is new, and judges it again: what it names has been found, or is not there. Returns what has moved."""
    tie = correcting.link(found)

    def op(tx: Tx) -> list[int]:
        moved = []
        for draft in tie(tx):
            try:
                before = load(tx.db, draft, setting.book)
            except Refused:  # its account has left the office
                continue
            if before.state not in ("waiting", "approved", "scheduled"):
                continue
            after, _ = rejudge(before, setting)
            if (after.state, after.release_at) != (before.state, before.release_at):
                save(tx.db, after, tx.now)
                tx.record(MACHINE, "rejudge", draft, account=after.account.id, hash=after.hash, state=after.state)
                moved.append(draft)
        return moved

    return op


def _write(folder: Path, case: Case, what: str, author: str) -> Path:
    """The new file, under a name that no other has. Raises OSError."""
    stem = Path(os.fsdecode(case.name)).stem
    word = "訂正" if what == "correction" else "削除"
    data = _file(case, what, author)
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(1, 1000):
        path = folder / f"{stem}-{word}{n if n > 1 else ''}.txt"
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(17, "no name is free", str(folder))


def _file(case: Case, what: str, author: str) -> bytes:
    front: dict[str, object] = {"author": author, "kind": what, "target": case.url or str(case.id)}
    if topic := case.item.topic or case.account.topic:
        front["topic"] = topic
    if "emergency" in case.item.declared:
        front["emergency"] = case.item.emergency
    if case.item.source:
        front["source"] = case.item.source
    if case.item.organiser:
        front["organiser"] = case.item.organiser
    if what == "delete":
        text = f"【削除】この投稿を媒体から削除します。理由: ＿＿＿\n{NOT_UNDONE}\n（この文は投稿しません。）"
    else:
        text = "【訂正】先ほどの投稿に誤りがありました。\n誤: ＿＿＿\n正: ＿＿＿\nおわびして訂正します。"
    return f"+++\n{tomli_w.dumps(front)}+++\n{text}\n".encode()
