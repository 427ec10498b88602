"""The 決裁フォルダ: sheets go out, moved sheets come in. The daemon decides nothing here: a moved sheet is the act of the one person who
may write in that folder, and everything that does not prove that is refused with the reason.

The order is such that a crash at any point is harmless: a sheet is noted before its file is written, and a decision is durable, with the
sheet that it came by, before the file is taken away.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

import msgspec
import structlog

from daemon.desk import deciding, sheets
from daemon.desk.case import Case, Setting
from daemon.desk.sheets import Place, Sheet
from daemon.intake.kept_folder import Fault, Owners, kept, owners_of
from daemon.intake.sheet_folder import INNER, NOTICE, REASON, REFUSED, RETURN, SUFFIX, Lying, Moved, look, put, take_away
from daemon.papers.decision import sheet as sheet_html
from daemon.refused import Refused
from daemon.rulebook.model import Operator, Sheets
from daemon.service.deciding import Deciding
from daemon.service.incoming import Incoming
from daemon.service.running import Running
from daemon.service.sheet_words import WRONG, folder_text, refused_text, sheet_name
from daemon.wire.deciding import Decision, ForDecision, SheetFolderSeen, SheetSeen

log = structlog.get_logger()

AGAIN = 20.0
"""Seconds after which a folder is gone through in full even where nothing is known to have happened."""


class File(NamedTuple):
    """A file to be written into a folder, or (`data` None) to be taken away. `place` is an inner folder, or "" for the folder itself."""

    place: str
    name: bytes
    data: bytes | None = None


class Known(NamedTuple):
    """What was found at the last look into one folder."""

    fault: Fault | None = None
    lying: tuple[SheetSeen, ...] = ()


class SheetWatch:
    """Looks after all 決裁フォルダ of one office."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._deciding = Deciding(office)
        self._known: dict[str, Known] = {}
        self._before: dict[tuple[str, str, bytes], Moved] = {}
        self._fresh: dict[str, tuple[object, ...]] = {}

    async def look(self) -> None:
        """Go through every folder once. Not while this machine is not the one that sends, and not without room to write a decision down:
        what was moved stays where it is and is taken later."""
        office = self._office
        if office.moved is not None or office.disk_full:
            return
        book = office.current.rulebook
        if strays := await sheets.others(office.store, [each.login for each in book.sheets] or [""]):
            await office.store.write(sheets.void(strays))
        for gone in self._known.keys() - {each.login for each in book.sheets}:
            self._known.pop(gone)
            office.alarms.pop(f"sheets:{gone}", None)
        for each in book.sheets:
            await self._folder(each, book.operators[each.login])

    def seen(self) -> tuple[SheetFolderSeen, ...]:
        """Every folder as it was found last."""
        book = self._office.current.rulebook
        return tuple(_seen(each, book.operators[each.login].name, self._known.get(each.login)) for each in book.sheets)

    async def _folder(self, each: Sheets, who: Operator) -> None:
        try:
            owners = owners_of(each.login, self._office.owner_uid, training=self._office.current.rulebook.office.training)
            lying = await asyncio.to_thread(_listed, each.folder, owners)
            files = [*await self._take(who, lying), *await self._refresh(who, lying)]
            await asyncio.to_thread(_carry_out, each.folder, owners, files)
        except Fault as fault:
            await self._faulty(each, fault)
        except OSError as error:
            why = error.strerror or str(error)
            await self._faulty(each, Fault("odd", f"{each.folder}: {why}", f"{each.folder}: {why}"))
        else:
            self._office.alarms.pop(f"sheets:{each.login}", None)
            self._known[each.login] = Known(None, await sheets.board(self._office.store, each.login))

    async def _faulty(self, each: Sheets, fault: Fault) -> None:
        """Nothing is taken from this folder. Where somebody else could write there, nothing that lies there counts any more, either."""
        office, before = self._office, self._known.get(each.login)
        office.alarms[f"sheets:{each.login}"] = (
            f"決裁フォルダ（{each.login}）を使えません: {fault.message} 決裁票は受け付けていません。",
            f"The 決裁フォルダ of {each.login} cannot be used: {fault.message_en} No sheet is taken.",
        )
        if before is None or before.fault is None or before.fault.message != fault.message:
            log.warning("sheet folder", login=each.login, why=fault.message_en)
        if fault.kind == "open":
            await office.store.write(sheets.distrust(each.login, fault.message))
        self._fresh.pop(each.login, None)
        self._known[each.login] = Known(fault)

    # What was moved

    async def _take(self, who: Operator, lying: Lying) -> list[File]:
        """Carry out what the moved sheets mean; the files to be taken away or written for it."""
        office = self._office
        said = await sheets.refusals(office.store, who.login)
        files: list[File] = []
        there = {(moved.where, moved.name) for moved in lying.moved}
        for moved in lying.moved:
            if said.get((moved.where, moved.name)) != (moved.identity.ino, moved.identity.ctime_ns):
                files += await self._one(who, moved)
        if gone := [place for place in said if place not in there]:
            await office.store.write(sheets.forget(who.login, gone))
            files += [File(place, name + REFUSED) for place, name in gone]
        self._before = {key: moved for key, moved in self._before.items() if key[0] != who.login or key[1:] in there}
        return files

    async def _one(self, who: Operator, moved: Moved) -> list[File]:
        place = Place(who.login, moved.where, moved.name, moved.identity.dev, moved.identity.ino, moved.identity.ctime_ns)
        if moved.wrong is not None:
            return await self._refuse(place, None, moved.wrong, WRONG[moved.wrong])
        found = await sheets.known(self._office.store, moved.digest)
        if found is None:
            return await self._unknown(place, moved)
        if found.login != who.login:
            return await self._refuse(place, found, "other", WRONG["other"])
        if found.state == "taken" and (found.dev, found.ino, found.ctime_ns) == (place.dev, place.ino, place.ctime_ns):
            return _away(place)  # decided right before a crash: the file is what was left to be done
        try:
            if found.state != "open":
                raise sheets.spent(found.state)
            await self._deciding.whole.proved(found.draft)
            decision: Decision = "return" if moved.where == RETURN else "approve"
            setting = self._office.setting()
            await self._office.store.write(sheets.take(found, decision, moved.reason, place, who, setting))
        except Refused as refused:
            return await self._refuse(place, found, refused.refusal.code, refused.refusal.message)
        await self._incoming.moved(found.draft)
        self._fresh.pop(who.login, None)
        return [*_away(place), File("", found.name)]

    async def _unknown(self, place: Place, moved: Moved) -> list[File]:
        """Bytes that the daemon has not written: refused once they have stopped changing, for a copy may still be under way."""
        key = (place.login, place.place, place.name)
        before = self._before.get(key)
        self._before[key] = moved
        if before is None or before.identity != moved.identity:
            return []
        return await self._refuse(place, None, "edited", WRONG["edited"])

    async def _refuse(self, place: Place, found: Sheet | None, code: str, why: str) -> list[File]:
        await self._office.store.write(sheets.refuse(place, found, code, why))
        text = refused_text(place.name, why, self._office.clock())
        return [File(place.place, place.name + REFUSED, text)]

    # What lies there to be decided

    async def _refresh(self, who: Operator, lying: Lying) -> list[File]:
        """Let exactly those sheets lie there that wait for this person; the files to be written or taken away for it."""
        office = self._office
        setting = office.setting()
        state = (office.hub.seq, setting.book.hash, setting.stops, lying.names, int(setting.now.timestamp() / AGAIN))
        if self._fresh.get(who.login) == state:
            return []
        there = {each.draft: each for each in await sheets.lying(office.store, who.login)}
        wanted = {case.id: case for case in await deciding.waiting_for(office.store, who, setting, "folder")}
        over = [each for draft, each in there.items() if draft not in wanted]
        files = [File("", each.name) for each in over]
        if over:
            await office.store.write(sheets.void([each.id for each in over]))
        refused = await sheets.refusals(office.store, who.login)
        moved = {each.digest for each in lying.moved if (each.where, each.name) not in refused}
        for draft, case in wanted.items():
            files += await self._wanted(who, case, there.get(draft), lying, moved)
        files.append(await self._notice(who, len(wanted)))
        self._fresh[who.login] = state
        return files

    async def _wanted(self, who: Operator, case: Case, lies: Sheet | None, lying: Lying, moved: set[str]) -> list[File]:
        """The sheet of one draft: left, written again where its file has gone, or another one in its place."""
        basis = _basis(case, self._office.setting())
        if lies is not None and lies.basis == basis:
            missing = lies.name not in lying.names and lies.digest not in moved
            return [File("", lies.name, lies.body)] if missing else []
        with suppress(Refused):  # not what was kept: an alarm says so, and nobody is asked to decide about it
            new = self._sheet(who, await self._deciding.facts(case, who), case, basis)
            await self._office.store.write(sheets.note(new))
            old = [File("", lies.name)] if lies is not None and lies.name != new.name else []
            return [*old, File("", new.name, new.body)]
        return []

    def _sheet(self, who: Operator, facts: ForDecision, case: Case, basis: str) -> Sheet:
        number = sheets.number()
        body = sheet_html(facts, number, who.name, self._office.clock()).encode("utf-8")
        digest, name = hashlib.sha256(body).hexdigest(), sheet_name(case.id, case.revision, case.title)
        return Sheet(0, number, who.login, case.id, case.hash, name, basis, digest, body, "open", None, None, None)

    async def _notice(self, who: Operator, waiting: int) -> File:
        office = self._office
        lately = await sheets.taken_lately(office.store, who.login, 10)
        return File("", NOTICE, folder_text(who.name, waiting, lately, office.clock(), stopped="all" in office.setting().stops))


def _listed(folder: str, owners: Owners) -> Lying:
    with kept(folder, INNER, owners) as held:
        return look(held, owners)


def _carry_out(folder: str, owners: Owners, files: Iterable[File]) -> None:
    """Write and take away; the folder is proved once more, for all that has to be written may be in another's hands by now."""
    work = list(files)
    if not work:
        return
    with kept(folder, INNER, owners) as held:
        for file in work:
            at = held.inside[file.place] if file.place else held.itself
            if file.data is None:
                take_away(at, file.name)
            else:
                put(at, file.name, file.data)


def _away(place: Place) -> list[File]:
    """What goes when a sheet has been taken: the sheet, and the reason beside it."""
    stem = place.name.removesuffix(SUFFIX)
    return [File(place.place, name) for name in (place.name, place.name + REASON, stem + REASON, place.name + REFUSED)]


def _basis(case: Case, setting: Setting) -> str:
    """A hash over all that a sheet shows and that does not pass by itself with the time (hours, the next opening)."""
    shown = (
        case.hash,
        case.revision,
        case.account,
        case.author,
        case.author_verified,
        case.approvals,
        case.lifts,
        case.screened,
        case.policy_hash,
        case.release_at,
        setting.stopped(case.account),
    )
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()


def _seen(each: Sheets, name: str, known: Known | None) -> SheetFolderSeen:
    fault, lying = (known.fault, known.lying) if known else (None, ())
    return SheetFolderSeen(
        login=each.login,
        name=name,
        folder=each.folder,
        usable=known is not None and fault is None,
        why=fault.message if fault else "" if known else "まだ見ていません",
        why_en=fault.message_en if fault else "" if known else "not looked at yet",
        mend=fault.mend if fault else "",
        waiting=sum(not one.place for one in lying),
        refused=sum(bool(one.place) for one in lying),
        lying=lying,
    )
