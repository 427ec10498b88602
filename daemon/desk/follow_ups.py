"""What follows a stop on the platforms (さいたま 11): profile, display name, pinned notice, posts to delete, the account itself.

Every line is one person's task with who, when and proof, or the manager's 「不要」 with a reason; each tick is an entry of the record and
can be taken back. An account is deleted by two different people, one of them a manager, who both type its handle: it cannot be undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from daemon.desk.case import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.follow_ups import carried_out_by, check_list
from daemon.rulebook.model import Account, Operator, Rulebook
from daemon.store import Store, Tx, from_db
from daemon.wire.acts import AgreeFollowUp, DoneFollowUp, SkipFollowUps, UndoFollowUp
from daemon.wire.answers import Done
from daemon.wire.following import FollowUpList, FollowUpSeen

Op = Callable[[Tx], Done]

_NO_BASIS = "根拠規定なし"


def open_lists(tx: Tx, stop: int, scope: str, setting: Setting) -> None:
    """Open the check-list of every account that this stop covers. What is open from an earlier stop is not asked twice."""
    for account in setting.book.accounts.values():
        if scope not in ("all", account.id, account.platform):
            continue
        for line in check_list(setting.book, account):
            tx.db.execute(
                "INSERT INTO follow_ups (stop, account, item, kind, title, title_en, text, clause, basis) "
                "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS "
                "(SELECT 1 FROM follow_ups WHERE account = ? AND item = ? AND state = 'open')",
                (stop, account.id, line.id, line.kind, line.title, line.title_en, line.text, line.clause, line.basis)
                + (account.id, line.id),
            )


def agree(act: AgreeFollowUp, who: Operator, setting: Setting) -> Op:
    """アカウント削除の同意, the first of two people. Nothing may be deleted yet."""

    def op(tx: Tx) -> Done:
        row, account = _open(tx, act.follow_up, who, setting)
        if row["kind"] != "account":
            raise Refused(
                "state",
                "同意が要るのはアカウントの削除だけです。行ったら「済」にしてください。",
                "Only deleting an account needs a consent: tick this one off once it is done.",
            )
        _typed(act.handle, account)
        if row["agreed_by"]:
            raise Refused(
                "state",
                f"{row['agreed_by']} さんが同意しています。別の人が削除し、証拠を添えて「済」にします。",
                f"{row['agreed_by']} has agreed: another person deletes the account and ticks it off with the proof.",
            )
        tx.db.execute("UPDATE follow_ups SET agreed_by = ? WHERE id = ?", (who.login, act.follow_up))
        return _settled(
            tx,
            who,
            "follow_up_agree",
            row,
            (
                "削除に同意しました。別の人が @{handle} を削除し、証拠を添えて「済」にします。",
                "Agreed. Another person deletes @{handle} and ticks it off.",
            ),
            account,
        )

    return op


def done(act: DoneFollowUp, who: Operator, setting: Setting) -> Op:
    """済, with the proof. Raises Refused where an account was deleted by one person alone."""

    def op(tx: Tx) -> Done:
        row, account = _open(tx, act.follow_up, who, setting)
        proof = act.proof.strip()
        if not proof:
            raise Refused(
                "reason",
                "証拠（URL か、何をしたかのメモ）を書いてください（--proof）。記録に残ります。",
                "Give the proof, a URL or a note of what was done (--proof): it goes into the record.",
            )
        if row["kind"] == "account":
            _two_people(row, who, setting.book)
            _typed(act.handle, account)
        _tick(tx, act.follow_up, "done", who, proof)
        return _settled(tx, who, "follow_up_done", row, ("済にしました。", "Ticked off."), account, proof=proof)

    return op


def skip(act: SkipFollowUps, who: Operator, setting: Setting) -> Op:
    """不要: the manager's decision, with a reason, for one line or several."""

    def op(tx: Tx) -> Done:
        reason = given(act.reason)
        head = ""
        for number in dict.fromkeys(act.follow_ups):
            row, account = _open(tx, number, who, setting, manager=True)
            _tick(tx, number, "skipped", who, reason)
            head = _settled(tx, who, "follow_up_skip", row, ("", ""), account, reason=reason).audit_head
        count = len(dict.fromkeys(act.follow_ups))
        return Done(message=f"{count} 件を不要としました。", message_en=f"{count} not needed.", audit_head=head)

    return op


def undo(act: UndoFollowUp, who: Operator, setting: Setting) -> Op:
    """取消 of a wrong tick, by whoever made it or a manager. The line is open again."""

    def op(tx: Tx) -> Done:
        row = _row(tx, act.follow_up)
        account = _account(row, setting.book)
        serves(who, account)
        if row["state"] == "open" and not row["agreed_by"]:
            raise Refused("state", "まだ何も記録されていません。", "Nothing has been ticked yet.")
        by = row["settled_by"] or row["agreed_by"]
        if who.role != "manager" and who.login != by:
            raise Refused(
                "role",
                f"取り消せるのは、記録した {by} さんか管理者です。",
                f"Only {by}, who ticked it, or a manager can take it back.",
            )
        reason = given(act.reason)
        tx.db.execute(
            "UPDATE follow_ups SET state = 'open', agreed_by = '', settled_by = '', settled_at = NULL, proof = '' WHERE id = ?",
            (act.follow_up,),
        )
        words = ("取り消しました。この項目はまた残っています。", "Taken back: it is open again.")
        return _settled(tx, who, "follow_up_undo", row, words, account, reason=reason, was=row["state"])

    return op


async def count_open(store: Store, book: Rulebook) -> int:
    """How many lines are open, of accounts that the office still has."""
    marks = ",".join("?" * len(book.accounts))
    rows = await store.fetch(
        f"SELECT count(*) AS n FROM follow_ups WHERE state = 'open' AND account IN ({marks})", tuple(book.accounts)
    )
    return int(rows[0]["n"])


async def listed(store: Store, setting: Setting, who: Operator, *, settled: bool) -> FollowUpList:
    """Everything that is open, in the order in which it is to be done, the accounts that `who` serves first; with `settled`, also what was
    settled of the last stop."""
    rows = await store.fetch(
        "SELECT f.*, s.at AS stopped_at FROM follow_ups f JOIN stops s ON s.id = f.stop WHERE f.state = 'open' "
        + ("OR f.stop = (SELECT max(stop) FROM follow_ups) " if settled else "")
        + "ORDER BY f.state <> 'open', f.stop DESC, f.id",
        (),
    )
    found = ((row, setting.book.accounts.get(row["account"])) for row in rows)
    lines = [_seen(row, account, setting.book, who) for row, account in found if account]
    lines.sort(key=lambda line: (line.state != "open", setting.book.accounts[line.account].policy not in who.policies))
    return FollowUpList(follow_ups=tuple(lines), open=sum(line.state == "open" for line in lines))


def _seen(row: sqlite3.Row, account: Account, book: Rulebook, who: Operator) -> FollowUpSeen:
    return FollowUpSeen(
        id=row["id"],
        stop=row["stop"],
        stopped_at=from_db(row["stopped_at"]),
        account=account.id,
        name=account.name,
        platform=account.platform,
        handle=account.handle,
        kind=row["kind"],
        title=row["title"],
        title_en=row["title_en"],
        text=row["text"],
        clause=row["clause"],
        cite=_cite(row, account, book),
        by=carried_out_by(row["kind"], account.channel),
        state=row["state"],
        agreed_by=row["agreed_by"],
        settled_by=row["settled_by"],
        settled_at=None if row["settled_at"] is None else from_db(row["settled_at"]),
        proof=row["proof"],
        can=tuple(_possible(row, account, who)),
    )


def _cite(row: sqlite3.Row, account: Account, book: Rulebook) -> str:
    """The article as the policy cites it, or the office's rule with its basis; an article that was renumbered since keeps its id."""
    policy = book.policies[account.policy]
    if clause := policy.clause(row["clause"]):
        return clause.cite
    basis = policy.clause(row["basis"])
    return f"{row['clause']}（根拠 {basis.cite}）" if basis else f"{row['clause']}（{_NO_BASIS}）"


def _possible(row: sqlite3.Row, account: Account, who: Operator) -> Iterator[str]:
    if account.policy not in who.policies or who.role == "viewer":
        return
    by = row["settled_by"] or row["agreed_by"]
    if row["state"] == "open":
        if row["kind"] != "account" or row["agreed_by"] not in ("", who.login):
            yield "done"
        elif not row["agreed_by"]:
            yield "agree"
        if who.role == "manager":
            yield "skip"
    if by and (who.role == "manager" or who.login == by):
        yield "undo"


def _row(tx: Tx, number: int) -> sqlite3.Row:
    row: sqlite3.Row | None = tx.db.execute("SELECT * FROM follow_ups WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise Refused("no_such", f"停止のあとにすること {number} はありません。", f"There is no follow-up {number}.")
    return row


def _account(row: sqlite3.Row, book: Rulebook) -> Account:
    account = book.accounts.get(row["account"])
    if account is None:
        raise Refused(
            "no_such",
            f"アカウント {row['account']} が rules.toml にありません。戻してから記録してください。",
            f"The account {row['account']} is no longer in rules.toml: put it back first.",
        )
    return account


def _open(tx: Tx, number: int, who: Operator, setting: Setting, *, manager: bool = False) -> tuple[sqlite3.Row, Account]:
    """An open line and its account. Raises Refused where it is settled, or this person does not serve the account."""
    row = _row(tx, number)
    account = _account(row, setting.book)
    serves(who, account, manager=manager)
    if row["state"] != "open":
        raise Refused(
            "state",
            f"{number} は {row['settled_by']} さんが「{'済' if row['state'] == 'done' else '不要'}」にしています。違うなら取り消してください。",
            f"{row['settled_by']} has settled {number} already ({row['state']}): take that back if it is wrong.",
        )
    return row, account


def _two_people(row: sqlite3.Row, who: Operator, book: Rulebook) -> None:
    """Raises Refused unless somebody else has agreed, and one of the two is a manager."""
    first = row["agreed_by"]
    if not first or first == who.login:
        raise Refused(
            "state",
            "アカウントの削除は取り消せないので、二人で行います。先に別の人が、アカウント名を入力して同意してください。",
            "Deleting an account cannot be undone and takes two people: another person has to agree first, typing its handle.",
            clause=row["clause"],
        )
    agreed = book.operators.get(first)
    if who.role != "manager" and (agreed is None or agreed.role != "manager"):
        raise Refused(
            "role",
            "アカウントの削除には、二人のうち一人は管理者でなければなりません。",
            "One of the two who delete an account must be a manager.",
            clause=row["clause"],
        )


def _typed(handle: str, account: Account) -> None:
    if handle.strip().lstrip("@").casefold() != account.handle.lstrip("@").casefold():
        raise Refused(
            "handle",
            f"削除するのは {account.name}（{account.platform}）です。確かめるため、アカウント名 @{account.handle.lstrip('@')} を入力してください。",
            f"This is about {account.name} ({account.platform}): type its handle, @{account.handle.lstrip('@')}, to confirm.",
        )


def _tick(tx: Tx, number: int, state: str, who: Operator, proof: str) -> None:
    tx.db.execute(
        "UPDATE follow_ups SET state = ?, settled_by = ?, settled_at = ?, proof = ? WHERE id = ?",
        (state, who.login, tx.now, proof, number),
    )


def _settled(tx: Tx, who: Operator, act: str, row: sqlite3.Row, words: tuple[str, str], account: Account, **detail: str) -> Done:
    """The entry of the record, and what is said. A stop's aftermath must not be denied later: it is anchored."""
    head = tx.record(
        who.login, act, None, follow_up=row["id"], account=account.id, kind=row["kind"], clause=row["clause"], **detail
    )
    tx.anchor()
    ja, en = (said.replace("{handle}", account.handle.lstrip("@")) for said in words)
    return Done(message=ja, message_en=en, audit_head=head)
