"""紙の決裁: a clerk enters what somebody has decided on paper, and it counts once another person has held the entry against the scan.

Nobody makes a decision here in somebody else's name alone: the record names who decided, who entered it and who countersigned, the number
and the date on the paper, and the hash of its scan, whose bytes are kept.
"""

from __future__ import annotations

import sqlite3
from datetime import date

from msgspec import Struct

from daemon.desk import acts
from daemon.desk.acts import Op, done, note, rejudge
from daemon.desk.case import Case, Setting, load, save
from daemon.desk.manner import Manner, allowed
from daemon.desk.paper_waits import entered
from daemon.desk.passed import ask_again, passed
from daemon.desk.possible import awaits
from daemon.refused import Refused, given, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Operator
from daemon.store import Tx
from daemon.wire.acts import Approve, Return
from daemon.wire.answers import Done
from daemon.wire.deciding import CHECK, Countersign, EnterPaper, PaperEntry, check_number

_KINDS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*")
"""How the files of scanners begin: PDF, JPEG, PNG, TIFF."""
_LEAST_CHECK = 8
LARGEST_SCAN = 700 << 10
"""Bytes of a scan at most: one page, black and white or greys, with room to spare."""


class Entry(Struct, frozen=True):
    """A row of `paper_entries` that waits for its countersignature."""

    id: int
    seen: PaperEntry


def open_entry(db: sqlite3.Connection, case: Case) -> Entry | None:
    """What has been entered for this revision and is not countersigned yet."""
    row = db.execute(
        "SELECT * FROM paper_entries WHERE draft = ? AND hash = ? AND state = 'open'", (case.id, case.hash)
    ).fetchone()
    return Entry(row["id"], entered([row])[0]) if row is not None else None


def enter(act: EnterPaper, who: Operator, setting: Setting) -> Op:
    """入力. Raises Refused where the paper is of another revision, the one named could not decide it, or the scan is none."""

    def op(tx: Tx) -> Done:
        case = load(tx.db, act.draft, setting.book)
        serves(who, case.account)
        allowed(Manner("paper"), case.account)
        _same_paper(act.check, case)
        chief = _decider(act, who, case, setting)
        day = _day(act.on, chief, case, setting)
        reference, reason = _written(act)
        if act.decision == "approve" and not reason and (over := passed(case, setting.now)) is not None:
            raise ask_again(over)
        scan = _scanned(tx, act.scan, case)
        before = open_entry(tx.db, case)
        if before is not None and before.seen.entered_by != who.login:
            raise Refused(
                "state",
                f"この版には、{before.seen.entered_by} さんの入力が副署を待っています。副署するか、取り消してからにしてください。",
                f"An entry by {before.seen.entered_by} waits for its countersignature: countersign or strike it first.",
            )
        tx.db.execute("UPDATE paper_entries SET state = 'struck' WHERE draft = ? AND state = 'open'", (case.id,))
        tx.db.execute(
            "INSERT INTO paper_entries (draft, hash, decided_by, decision, reference, on_day, reason, scan, entered_by, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (case.id, case.hash, chief.login, act.decision, reference, day, reason, scan, who.login, tx.now),
        )
        case, _ = rejudge(load(tx.db, case.id, setting.book), setting) if case.state == "waiting" else (case, None)
        save(tx.db, case, tx.now)
        told = {"decided_by": chief.login, "outcome": act.decision, "reference": reference, "on": day, "scan": scan}
        head = note(tx, who, "enter_paper", case, case.policy(setting.book), reason=reason, **told)
        return done(
            case,
            head,
            f"{chief.name}さんの紙の決裁を入力しました。入力した人と作成者以外の人が副署すると有効になります。",
            f"Entered for {chief.login}. It counts once somebody else than you and the author countersigns.",
        )

    return op


def countersign(act: Countersign, who: Operator, setting: Setting) -> Op:
    """副署: from now on the decision counts, as that of the one who made it; or the entry is struck out, with the reason."""

    def op(tx: Tx) -> Done:
        case = acts.current(tx, act.draft, act.hash, setting)
        serves(who, case.account)
        entry = open_entry(tx.db, case)
        if entry is None:
            raise Refused(
                "no_such", "副署を待っている紙の決裁はありません。", "No decision on paper waits for a countersignature."
            )
        seen, policy = entry.seen, case.policy(setting.book)
        told = {"decided_by": seen.decided_by, "entered_by": seen.entered_by, "reference": seen.reference, "scan": seen.scan}
        if not act.agrees:
            reason = given(act.reason)
            _settle(tx, entry, "struck", who)
            head = note(tx, who, "strike_paper", case, policy, reason=reason, **told)
            return done(case, head, "紙の決裁の入力を取り消しました。", "The entry is struck out.")
        if who.login in (seen.entered_by, case.author):
            raise Refused(
                "own_draft",
                "入力した人と下書きの作成者は副署できません。ほかの人に頼んでください。",
                "Neither the clerk who entered it nor the author countersigns: ask somebody else.",
            )
        chief = setting.book.operators.get(seen.decided_by)
        if chief is None:
            raise Refused(
                "not_approver", f"{seen.decided_by} さんは名簿にいません。", f"{seen.decided_by} is not on the register."
            )
        _settle(tx, entry, "counted", who)
        note(tx, who, "countersign", case, policy, outcome=seen.decision, **told)
        manner = Manner("paper", seen.entered_by, who.login, seen.reference, seen.on, seen.scan)
        if seen.decision == "approve":
            return acts.approve(Approve(draft=case.id, hash=case.hash, reason=seen.reason), chief, setting, manner)(tx)
        return acts.give_back(Return(draft=case.id, hash=case.hash, reason=seen.reason), chief, setting, manner)(tx)

    return op


def _settle(tx: Tx, entry: Entry, state: str, who: Operator) -> None:
    tx.db.execute(
        "UPDATE paper_entries SET state = ?, countersigned_by = ?, countersigned_at = ? WHERE id = ?",
        (state, who.login, tx.now, entry.id),
    )


def _same_paper(check: str, case: Case) -> None:
    """The number printed on the paper must be the beginning of the hash of the revision that waits now."""
    typed = check.strip().lower().replace("-", "").replace(" ", "")
    if len(typed) >= _LEAST_CHECK and check_number(case.hash).startswith(typed[:CHECK]):
        return
    raise Refused(
        "stale",
        f"照合番号が、いまの版（{check_number(case.hash)[:4]}…）と一致しません。紙が古い版のものなら、印刷し直して決裁を受けてください。",
        "The check number is not that of the present revision: if the paper is of an older one, print it again and have it decided.",
    )


def _decider(act: EnterPaper, who: Operator, case: Case, setting: Setting) -> Operator:
    chief = setting.book.operators.get(act.decided_by)
    if chief is None:
        raise Refused("not_approver", f"担当者 {act.decided_by} は名簿にいません。", f"{act.decided_by} is not on the register.")
    if chief.login == who.login:
        raise Refused(
            "own_draft",
            "自分の決裁は紙から入力できません。コンソールか決裁モードで決裁してください。",
            "Nobody enters their own decision from paper: decide at the console.",
        )
    if act.decision == "approve" and not awaits(case, chief, setting):
        raise Refused(
            "not_approver",
            f"この下書きは、{chief.name}さんの承認を待っていません。だれを待っているかは「なぜまだ出ないか」に出ています。",
            f"This draft does not wait for {chief.login}: see why it is not out yet.",
        )
    if act.decision == "return":
        serves(chief, case.account, manager=True)
        case.step("return")
    return chief


def _day(on: str, chief: Operator, case: Case, setting: Setting) -> str:
    """The date on the paper: between the day on which this revision came and today, within the appointment of who decided."""
    try:
        day = date.fromisoformat(on.strip())
    except ValueError:
        raise Refused(
            "time", f"決裁日「{on}」を読めません。2026-11-24 の形で書いてください。", f"No date: {on!r} (2026-11-24)."
        ) from None
    today, came = setting.now.astimezone(TOKYO).date(), case.received_at.astimezone(TOKYO).date()
    if not came <= day <= today:
        raise Refused(
            "time",
            f"決裁日 {day} は、下書きが届いた {came} から今日 {today} までの間ではありません。",
            f"{day} is not between {came}, when the draft came, and today, {today}.",
        )
    if not chief.in_office(day):
        raise Refused(
            "appointment", f"{day} は {chief.name}さんの指名の期間の外です。", f"{chief.login} was not appointed on {day}."
        )
    return day.isoformat()


def _written(act: EnterPaper) -> tuple[str, str]:
    reference, reason = act.reference.strip(), act.reason.strip()
    if not reference:
        raise Refused("missing", "決裁番号を書いてください（--number）。", "Give the number of the decision (--number).")
    return reference, given(reason) if act.decision == "return" else reason


def _scanned(tx: Tx, scan: bytes, case: Case) -> str:
    """Keep the scan; its hash. Raises Refused for what is no scan, or was entered for another draft."""
    if not scan.startswith(_KINDS):
        raise Refused(
            "missing", "写し（--scan）は PDF・JPEG・PNG・TIFF のファイルです。", "The scan is a PDF, JPEG, PNG or TIFF."
        )
    if len(scan) > LARGEST_SCAN:
        words = f"写しは {LARGEST_SCAN >> 10} KiB までです。白黒か 200dpi で取り直してください。"
        raise Refused(
            "missing", words, f"A scan has at most {LARGEST_SCAN >> 10} KiB: scan it in black and white, or at 200 dpi."
        )
    digest = tx.keep(scan)
    other = tx.db.execute(
        "SELECT draft FROM paper_entries WHERE scan = ? AND state <> 'struck' AND (draft <> ? OR hash <> ?)",
        (digest, case.id, case.hash),
    ).fetchone()
    if other is not None:
        raise Refused(
            "stale",
            f"この写しは、下書き {other['draft']} の決裁に使われています。この版の紙の写しを付けてください。",
            f"This scan has been used for draft {other['draft']}: add that of this revision's paper.",
        )
    return digest
