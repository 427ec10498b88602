"""What is written down of duties: a tick by a person, a wrong one taken back, a drill; and what the journal says was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, datetime

from daemon.desk import block_reviews
from daemon.desk.case import Setting
from daemon.desk.credentials import remembered
from daemon.desk.duties import Attested, Charge, Key, charged, charges, credentials_of, seen
from daemon.desk.duties import Done as DoneSoFar
from daemon.refused import Refused, given, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.duty import is_url
from daemon.rulebook.model import Operator, Rulebook
from daemon.rulebook.shape import suggest
from daemon.store import Store, Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.duties import DutyDone, DutyHistory, DutyPast, DutySeen, DutyTick, DutyUndo
from daemon.wire.following import DrillReport

Op = Callable[[Tx], Done]

OLDEST = date(2000, 1, 1)
"""No platform of these policies is older."""
LONGEST = 2000
"""Characters of a note or a proof."""
_MOST = 500


CANARIES = "canaries_at"
"""Under which name the moment of the canaries' last morning is kept."""


def canaries_ran(tx: Tx, at: datetime) -> None:
    """Keep that the canaries have been tried at this moment."""
    tx.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (CANARIES, to_db(at)))


class SeenBefore:
    """The duties as they stood, for whoever asks every second: they are looked through anew when something was done, under other rules and in
    another minute. Most of it is to count days over holidays."""

    def __init__(self) -> None:
        self._of: tuple[DoneSoFar, datetime] | None = None
        self._book: Rulebook | None = None
        self._lines: tuple[DutySeen, ...] = ()

    def __call__(self, book: Rulebook, done: DoneSoFar, now: datetime, who: Operator | None) -> tuple[DutySeen, ...]:
        minute = now.replace(second=0, microsecond=0)
        if who is not None:
            return seen(book, done, now, who)
        if self._book is not book or self._of != (done, minute):
            self._book, self._of, self._lines = book, (done, minute), seen(book, done, now, None)
        return self._lines


async def listed(
    store: Store,
    setting: Setting,
    who: Operator | None = None,
    look: Callable[[Rulebook, DoneSoFar, datetime, Operator | None], tuple[DutySeen, ...]] = seen,
) -> tuple[DutySeen, ...]:
    """Every duty of this office as it stands; `who` asks. `look` goes through those of its rules."""
    own = look(setting.book, await so_far(store), setting.now, who)
    late = datetime.max.replace(tzinfo=TOKYO)
    every = (*own, *await block_reviews.listed(store, setting))
    return tuple(sorted(every, key=lambda line: (line.standing != "needed", line.due or late, line.id, line.account)))


async def so_far(store: Store) -> DoneSoFar:
    """What is known of what was done."""
    first = await store.fetch("SELECT at FROM audit ORDER BY seq LIMIT 1", ())
    drill = (await store.fetch("SELECT max(at) AS at FROM drills WHERE passed = 1", ()))[0]["at"]
    morning = await store.fetch("SELECT value AS at FROM meta WHERE key = ?", (CANARIES,))
    ran = {"drill": drill, "canaries": morning[0]["at"] if morning else None}
    had = await remembered(store)
    machine = {name: from_db(at).astimezone(TOKYO) for name, at in ran.items() if at is not None}
    machine |= {credentials_of(account): each.since.astimezone(TOKYO) for account, each in had.items()}
    since = from_db(first[0]["at"]) if first else datetime.now(TOKYO)
    return DoneSoFar(await ticks(store), machine, since)


async def ticks(store: Store) -> Mapping[Key, Attested]:
    """The last tick of each duty that stands."""
    rows = await store.fetch("SELECT * FROM duty_ticks WHERE undone_at IS NULL ORDER BY day, id", ())
    return {
        (row["duty"], row["account"]): Attested(
            row["by"], from_db(row["at"]), date.fromisoformat(row["day"]), row["note"], row["proof"]
        )
        for row in rows
    }


def done(act: DutyDone, who: Operator, setting: Setting) -> Op:
    """済: a person attests that a duty was done. Raises Refused where it is not theirs, or the proof is missing."""

    def op(tx: Tx) -> Done:
        charge = _meant(act.duty, act.account, setting.book)
        _may(who, charge, setting.book)
        note = _short(given(act.note))
        proof = _proof(act.proof, charge)
        day = _day(act.on, setting.now)
        if charge.duty.start == "document" and not _document_is_there(charge, setting.book):
            raise Refused("missing", charge.duty.how, charge.duty.how_en, clause=charge.duty.clause)
        tx.db.execute(
            "INSERT INTO duty_ticks (duty, account, at, day, by, note, proof) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*charge.key, tx.now, day.isoformat(), who.login, note, proof),
        )
        head = _record(tx, who, "duty_done", charge, on=day.isoformat(), note=note, proof=proof)
        return Done(
            message=f"済にしました: {charge.duty.title}{_of(charge)}",
            message_en=f"Attested: {charge.duty.title_en}{_of(charge)}",
            audit_head=head,
        )

    return op


def undo(act: DutyUndo, who: Operator, setting: Setting) -> Op:
    """取消 of the last tick that stands, by whoever made it or a manager."""

    def op(tx: Tx) -> Done:
        charge = _meant(act.duty, act.account, setting.book)
        row = tx.db.execute(
            "SELECT * FROM duty_ticks WHERE duty = ? AND account = ? AND undone_at IS NULL ORDER BY day DESC, id DESC LIMIT 1",
            charge.key,
        ).fetchone()
        if row is None:
            raise Refused(
                "state",
                "まだ済になっていません。取り消すものはありません。",
                "It was never attested: there is nothing to take back.",
            )
        _serves(who, charge)
        if who.role != "manager" and who.login != row["by"]:
            raise Refused(
                "role",
                f"取り消せるのは、記録した {row['by']} さんか管理者です。",
                f"Only {row['by']}, who ticked it, or a manager can take it back.",
            )
        reason = _short(given(act.reason))
        tx.db.execute(
            "UPDATE duty_ticks SET undone_by = ?, undone_at = ?, undone_reason = ? WHERE id = ?",
            (who.login, tx.now, reason, row["id"]),
        )
        head = _record(tx, who, "duty_undo", charge, on=row["day"], reason=reason)
        return Done(
            message=f"取り消しました。この務めはまた残っています: {charge.duty.title}{_of(charge)}",
            message_en=f"Taken back, it is open again: {charge.duty.title_en}{_of(charge)}",
            audit_head=head,
        )

    return op


def drilled(by: str, report: DrillReport) -> Callable[[Tx], str]:
    """The operation that writes down a drill and what it has shown; returns the head of the record."""

    def op(tx: Tx) -> str:
        counts = (report.before, report.meanwhile, report.after)
        tx.db.execute(
            "INSERT INTO drills (at, by, latched_us, silent_us, begun_before, begun_meanwhile, begun_after, passed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (tx.now, by, _us(report.latched_ms), _us(report.silent_ms), *counts, report.passed),
        )
        head = tx.record(
            by,
            "drill",
            None,
            outcome="passed" if report.passed else "failed",
            latched_us=_us(report.latched_ms),
            silent_us=_us(report.silent_ms),
            before=report.before,
            meanwhile=report.meanwhile,
            after=report.after,
        )
        tx.anchor()
        return head

    return op


async def past(store: Store, query: DutyHistory) -> DutyPast:
    """The last ticks, newest first."""
    rows = await store.fetch(
        "SELECT * FROM duty_ticks WHERE (? = '' OR duty = ?) AND (? = '' OR account = ?) ORDER BY id DESC LIMIT ?",
        (query.duty, query.duty, query.account, query.account, max(1, min(query.limit, _MOST))),
    )
    return DutyPast(ticks=tuple(_tick(row) for row in rows))


def _tick(row: sqlite3.Row) -> DutyTick:
    return DutyTick(
        id=row["id"],
        duty=row["duty"],
        account=row["account"],
        at=from_db(row["at"]),
        on=date.fromisoformat(row["day"]),
        by=row["by"],
        note=row["note"],
        proof=row["proof"],
        undone_by=row["undone_by"],
        undone_at=None if row["undone_at"] is None else from_db(row["undone_at"]),
        undone_reason=row["undone_reason"],
    )


def _meant(duty: str, account: str, book: Rulebook) -> Charge:
    """The duty that a person means. Raises Refused where there is none, or several accounts have it and none was named."""
    every = list(charges(book))
    named = [charge for charge in every if charge.id == duty]
    if not named:
        ids = tuple(dict.fromkeys(charge.id for charge in every))
        near, near_en = suggest(duty, ids)
        raise Refused(
            "no_such",
            f"務め「{duty}」はありません。{near or 'あるもの: ' + '、'.join(ids)}",
            f"There is no duty “{duty}”. {near_en or 'There are: ' + ', '.join(ids)}",
        )
    fitting = [charge for charge in named if account in ("", charge.key[1])]
    if len(fitting) == 1:
        return fitting[0]
    accounts = [charge.key[1] for charge in named]
    if accounts == [""]:
        raise Refused(
            "no_such",
            "この務めはアカウントごとではありません（--account は不要）。",
            "This duty is not one per account: name none.",
        )
    raise Refused(
        "no_such",
        f"どのアカウントの務めかを指定してください（--account）: {'、'.join(accounts)}",
        f"Say which account's duty it is (--account): {', '.join(accounts)}",
    )


def _serves(who: Operator, charge: Charge, *, manager: bool = False) -> None:
    """Raises Refused unless this person serves the account, the policy, or, of the office's duties, any."""
    if charge.account is not None:
        serves(who, charge.account, manager=manager)
    elif charge.policy is not None and charge.policy.id not in who.policies:
        raise Refused(
            "role",
            f"{who.name}さんは、要綱 {charge.policy.id} の担当ではありません（rules.toml の policies）。",
            f"{who.login} does not serve the policy {charge.policy.id} (policies in rules.toml).",
        )


def _may(who: Operator, charge: Charge, book: Rulebook) -> None:
    if charge.duty.by == "credentials":
        raise Refused(
            "state",
            "認証情報の取り替えは、kohoban secrets set または authorise で新しい値を入れたときに済になります。",
            "Replacing credentials is done once kohoban secrets set or authorise has taken the new ones; nobody attests it.",
        )
    if charge.duty.by != "person":
        raise Refused(
            "state",
            "この務めは広報番が行ったときに済になります（訓練は kohoban drill）。人が済にすることはできません。",
            "This one is done by the program (a drill: kohoban drill); nobody attests it.",
        )
    _serves(who, charge)
    if charge.duty.role == "manager" and who.role != "manager":
        names = "、".join(each.name for each in charged(charge, book)) or "管理者"
        raise Refused(
            "role",
            f"この務めを済にできるのは管理者です: {names}",
            "Only a manager attests this duty.",
            clause=charge.duty.clause,
        )


def _document_is_there(charge: Charge, book: Rulebook) -> bool:
    value = charge.account.founding.get(charge.duty.id) if charge.account else None
    return isinstance(value, str) and value not in book.duties.absent


def _proof(written: str, charge: Charge) -> str:
    proof = _short(written.strip())
    if proof and not (proof.isprintable() and is_url(proof)):
        raise Refused(
            "url",
            "証拠のアドレスは https:// で始まる形で書いてください（--proof）。ほかのことはメモ（--note）に書きます。",
            "Give the proof as an address that begins with https:// (--proof); anything else belongs into the note.",
        )
    if charge.duty.proof and not proof:
        raise Refused(
            "url",
            "この務めには、確かめたページのアドレスが要ります（--proof https://…）。",
            "This duty needs the address of the page that was looked at (--proof https://...).",
            clause=charge.duty.clause,
        )
    return proof


def _day(on: date | None, now: datetime) -> date:
    today = now.astimezone(TOKYO).date()
    if on is None:
        return today
    if not OLDEST <= on <= today:
        raise Refused(
            "time",
            f"行った日は {today} までの日付です（今の指定: {on}）。これから行うものは、行ってから済にしてください。",
            f"The day on which it was done is {today} at the latest (given: {on}): attest it once it is done.",
        )
    return on


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise Refused("reason", f"{LONGEST} 文字までで書いてください。", f"At most {LONGEST} characters.")
    return text


def _of(charge: Charge) -> str:
    return f"（{charge.account.id}）" if charge.account else ""


def _record(tx: Tx, who: Operator, act: str, charge: Charge, **detail: str) -> str:
    """The entry of the record: under which clause, with its words and the policy's hash."""
    policy = charge.policy
    clause = policy.clause(charge.duty.clause) if policy else None
    return tx.record(
        who.login,
        act,
        None,
        duty=charge.id,
        account=charge.key[1],
        clause=charge.duty.clause,
        words=clause.text if clause else "",
        policy=policy.hash if policy else "",
        titles=list(who.titles),
        **{key: value for key, value in detail.items() if value},
    )


def _us(ms: float | None) -> int | None:
    return None if ms is None else round(ms * 1000)
