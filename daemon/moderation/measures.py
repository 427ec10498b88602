"""措置: what a judgement asks for (要綱上の措置), and what the platform can really do of it. What it cannot is recorded as that at once; what is
taken back is reversed, where it can be. Who carries one out: `taking`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from daemon.moderation import blocks
from daemon.moderation.comment import Comment, forget_measure
from daemon.moderation.judges import Decided, capacity_to_judge
from daemon.moderation.machine import could_send, in_hands, post_of, taker
from daemon.moderation.platforms import BACK, WORDS, is_own, means
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.channels import price
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import powers_of
from daemon.store import Tx, from_db, to_db
from daemon.wire.answers import Done
from daemon.wire.bench import MeasureSeen
from daemon.wire.moderation import DropMeasure

Op = Callable[[Tx], Done]


class Opened(NamedTuple):
    """A measure as it was opened."""

    id: int
    asked: str
    really: str
    what: tuple[str, str]
    channel: str = ""


def open_all(
    tx: Tx, comment: Comment, account: Account, said: int, found: Decided, actions: Sequence[str], setting: Setting
) -> list[Opened]:
    """Open the measures that follow a judgement: those that the platform knows wait for the account's channel, where that can take them, else
    for a person; the others end as impossible. Two of the policy's words that come to the same on the platform (削除 and 非表示 on X) are one
    task."""
    opened: list[Opened] = []
    own = is_own(account, comment.conversation)
    done: dict[str, int] = {}
    assert found.ground is not None
    for asked in dict.fromkeys(actions):
        how = means(account.platform, asked, own=own)
        if how.really and how.really in done:
            continue
        # What would reverse it, of an earlier judgement that was taken back, and was not begun: now nothing is to be reversed.
        tx.db.execute(
            "UPDATE measures SET state = 'dropped', done_at = ? WHERE comment = ? AND really = ? AND state = 'due'",
            (tx.now, comment.id, BACK.get(how.really, "")),
        )
        channel = taker(account, how.really, post_of(comment.source, comment.url), comment.author)
        cursor = tx.db.execute(
            "INSERT INTO measures (comment, judgement, account, asked, really, handle, author, url, clause, state, at, channel, send_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                comment.id,
                said,
                account.id,
                asked,
                how.really,
                comment.handle,
                comment.author,
                comment.url,
                found.ground.id,
                "due" if how.really else "impossible",
                tx.now,
                channel,
                to_db(setting.undo_until) if channel else None,
            ),
        )
        assert cursor.lastrowid is not None
        done[how.really] = cursor.lastrowid
        if how.really == "block":
            blocks.begin(tx, comment, account, cursor.lastrowid, found.ground)
        opened.append(Opened(cursor.lastrowid, asked, how.really, how.what, channel))
    return opened


def told(opened: Sequence[Opened]) -> tuple[str, str]:
    """What has to be done now, and what cannot be, in both languages; of many alike the first is named, and how many more there are."""
    ja, en = [], []
    alike: dict[tuple[str, str, str], list[Opened]] = {}
    for each in opened:
        alike.setdefault((each.asked, each.really, each.channel), []).append(each)
    for (asked, really, channel), those in alike.items():
        first, more = those[0], len(those) - 1
        word, word_en = WORDS[asked]
        others, others_en = (f" ほか {more} 件", f" and {more} more") if more else ("", "")
        if channel:
            others, others_en = f"{others}（自動）", f"{others_en} (by machine)"
        if not really:
            ja.append(f"{word}はこの媒体ではできません（{first.what[0]}）")
            en.append(f"{word_en}: not possible ({first.what[1]})")
        elif really == asked:
            ja.append(f"措置 {first.id}{others}: {word}")
            en.append(f"measure {first.id}{others_en}: {word_en}")
        else:
            ja.append(f"措置 {first.id}{others}: {word}（この媒体では{WORDS[really][0]}）")
            en.append(f"measure {first.id}{others_en}: {word_en} (here: {WORDS[really][1]})")
    return ("。".join(ja) + "。" if ja else "", "; ".join(en) + "." if en else "")


class Back(NamedTuple):
    """What became of one measure whose judgement was taken back: dropped, reversed by another one, final, or (a block) one that stands on by
    another judgement."""

    asked: str
    outcome: str
    by: int = 0


def drop_open(tx: Tx, comment: int, by: str) -> int:
    """Let the measures of a comment fall away that nobody has begun; returns how many."""
    cursor = tx.db.execute(
        "UPDATE measures SET state = 'dropped', done_by = ?, done_at = ? WHERE comment = ? AND state = 'due'",
        (by, tx.now, comment),
    )
    tx.db.execute(
        "UPDATE block_list SET state = 'removed', ended_at = ?, ended_by = ? WHERE state = 'pending' AND measure IN "
        "(SELECT id FROM measures WHERE comment = ? AND state = 'dropped')",
        (tx.now, by, comment),
    )
    return cursor.rowcount


def take_back(tx: Tx, judgement: int, who: Operator, setting: Setting) -> list[Back]:
    """The measures of a judgement that no longer stands. Raises Refused while somebody has one in hand."""
    rows = tx.db.execute("SELECT * FROM measures WHERE judgement = ? AND reverses IS NULL ORDER BY id", (judgement,)).fetchall()
    for row in rows:
        if in_hands(row, setting.now):
            raise held(row, setting)
    back = []
    for row in rows:
        if row["state"] == "due":
            back.append(_drop(tx, row, who))
        elif row["state"] in ("done", "taken"):  # taken and run out: it may have been done
            back.append(_reverse(tx, row, setting))
    return back


def told_back(back: Sequence[Back]) -> tuple[str, str]:
    """What becomes of the measures, in both languages."""
    ja, en = [], []
    for each in back:
        word, word_en = WORDS[each.asked]
        if each.outcome == "dropped":
            ja.append(f"{word}は取りやめました")
            en.append(f"{word_en} falls away")
        elif each.outcome == "reversed":
            ja.append(f"{word}を戻す措置 {each.by} を開きました")
            en.append(f"measure {each.by} reverses {word_en}")
        elif each.outcome == "stands":
            ja.append(f"{word}は、ほかの判断によるものが続いています（kohoban blocklist list）")
            en.append(f"{word_en} stands on by another judgement (kohoban blocklist list)")
        else:
            ja.append(f"{word}は元に戻せません（取り消したことは記録に残ります）")
            en.append(f"{word_en} cannot be undone (that it was taken back is on record)")
    return ("。".join(ja) + "。" if ja else "", "; ".join(en) + "." if en else "")


def drop(act: DropMeasure, who: Operator, setting: Setting) -> Op:
    """措置の取消し, with its reason, by whoever may judge."""

    def op(tx: Tx) -> Done:
        row = row_of(tx, act.measure)
        account = setting.account(row["account"])
        serves(who, account)
        reason = given(act.reason)
        capacity_to_judge(who, account, powers_of(account, setting.book), setting)
        if in_hands(row, setting.now) and row["holder"] != who.login:
            raise held(row, setting)
        if row["state"] in ("done", "taken"):
            back = _reverse(tx, row, setting)
        elif row["state"] == "due":
            back = _drop(tx, row, who)
        else:
            raise Refused("state", f"措置 {act.measure} は取り消せません。", f"Measure {act.measure} cannot be taken back.")
        head = tx.record(
            who.login, "drop_measure", None, measure=act.measure, comment=row["comment"], account=row["account"], reason=reason
        )
        ja, en = told_back([back])
        return Done(message=ja, message_en=en, audit_head=head)

    return op


def open_back(tx: Tx, row: sqlite3.Row | dict[str, object], asked: str, reverses: int | None, setting: Setting) -> int:
    """Open a measure that reverses another one; returns its number."""
    account = setting.book.accounts.get(str(row["account"]))
    source = tx.db.execute("SELECT source FROM comments WHERE id = ?", (row["comment"],)).fetchone()
    post = post_of(source["source"] if source else "", str(row["url"]))
    channel = taker(account, asked, post, str(row["author"])) if account else ""
    cursor = tx.db.execute(
        "INSERT INTO measures (comment, judgement, account, asked, really, reverses, handle, author, url, clause, state, at, channel, "
        "send_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'due', ?, ?, ?)",
        (
            row["comment"],
            row["judgement"],
            row["account"],
            asked,
            asked,
            reverses,
            row["handle"],
            row["author"],
            row["url"],
            row["clause"],
            tx.now,
            channel,
            to_db(setting.undo_until) if channel else None,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _drop(tx: Tx, row: sqlite3.Row, who: Operator) -> Back:
    tx.db.execute("UPDATE measures SET state = 'dropped', done_by = ?, done_at = ? WHERE id = ?", (who.login, tx.now, row["id"]))
    blocks.dropped(tx, row["id"], who.login)
    forget_measure(tx, row["id"])
    return Back(row["asked"], "dropped")


def _reverse(tx: Tx, row: sqlite3.Row, setting: Setting) -> Back:
    back = BACK.get(row["really"])
    if back is None:
        return Back(row["asked"], "final")
    whom: sqlite3.Row | dict[str, object] = row
    if back == "unblock":
        entry = blocks.entry_of(tx, row["id"])
        if entry is None and blocks.stands(tx, row["account"], row["handle"], row["author"]):
            return Back(row["asked"], "stands")  # on another ground, by another judgement
        if entry is not None:  # it keeps the name as long as the block stands, the measure only as long as its comment
            whom = {**dict(row), "handle": entry["handle"], "author": entry["author"]}
    known = tx.db.execute(
        "SELECT id FROM measures WHERE reverses = ? AND state IN ('due', 'taken', 'done')", (row["id"],)
    ).fetchone()
    return Back(row["asked"], "reversed", known["id"] if known else open_back(tx, whom, back, row["id"], setting))


def row_of(tx: Tx, measure: int) -> sqlite3.Row:
    """The row of a measure. Raises Refused where there is none."""
    row: sqlite3.Row | None = tx.db.execute("SELECT * FROM measures WHERE id = ?", (measure,)).fetchone()
    if row is None:
        raise Refused("no_such", f"措置 {measure} はありません。", f"There is no measure {measure}.")
    return row


def held(row: sqlite3.Row, setting: Setting) -> Refused:
    """That somebody has a measure in hand, until when, and what to do."""
    until = f"{from_db(row['until']).astimezone(TOKYO):%H:%M}"
    if row["sent"]:
        return Refused(
            "lease",
            f"措置 {row['id']} は発信係が行っている途中です。結果を待ってください。",
            f"The releaser is carrying out measure {row['id']}: wait for what becomes of it.",
        )
    return Refused(
        "lease",
        f"措置 {row['id']} は{setting.name(row['holder'])}さんが行っています（{until} まで）。本人に確かめてください。",
        f"{row['holder']} has measure {row['id']} in hand (until {until}): ask them.",
    )


def seen(row: sqlite3.Row, setting: Setting, who: Operator) -> MeasureSeen:
    """A measure as a console shows it."""
    account = setting.book.accounts.get(row["account"])
    serving = account is not None and account.policy in who.policies and who.role != "viewer"
    open_now = row["state"] in ("due", "taken")
    can = []
    if serving and open_now:
        can = ["take_measure", "measure_done", "drop_measure"] if row["state"] == "taken" else ["take_measure", "drop_measure"]
        if row["sent"]:
            can = ["measure_done", "drop_measure"] if row["sent"] == "unknown" else []
        elif account is not None and row["state"] == "due" and not row["channel"] and could_send(account, row):
            can.append("send_measure")
        if account is not None and setting.stopped(account):
            can = [each for each in can if each not in ("take_measure", "send_measure")]
    return MeasureSeen(
        id=row["id"],
        comment=row["comment"],
        account=row["account"],
        platform=account.platform if account else "",
        asked=row["asked"],
        really=row["really"],
        reverses=row["reverses"],
        handle=row["handle"],
        url=row["url"],
        clause=row["clause"],
        state=row["state"],
        at=from_db(row["at"]),
        holder=row["holder"],
        until=None if row["until"] is None else from_db(row["until"]),
        done_by=row["done_by"],
        done_at=None if row["done_at"] is None else from_db(row["done_at"]),
        proof=row["proof"],
        can=tuple(can),
        by="channel" if row["channel"] else "person" if row["really"] else "nobody",
        begins_at=from_db(row["send_at"]) if row["state"] == "due" and row["send_at"] is not None else None,
        sent=row["sent"],
        why=row["why"],
        why_en=row["why_en"],
        cost=price(row["channel"], row["really"]) if row["channel"] else 0,
    )
