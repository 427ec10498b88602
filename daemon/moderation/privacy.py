"""Every personal datum that is held: where it lies, of whom, what for, under which clause, until when. What is not listed here is not held.

A test reads the whole schema: each column is listed, or named there as none of a person's. There is no place for likes, followers, scores,
strikes or counts of what one citizen did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from daemon.moderation.comment import IN_HAND
from daemon.moderation.setting import Setting
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.powers import powers_of
from daemon.store import from_db
from daemon.wire.bench import BackupHeld, Datum, PrivacyList


class Held(NamedTuple):
    """A kind of datum: the columns where it lies, whose it is, what for, how many there are and since when (two SQL expressions over one
    table), and how its term is said."""

    what: tuple[str, str]
    whose: tuple[str, str]
    columns: tuple[str, ...]
    why: tuple[str, str]
    counted: str
    term: str


_CITIZEN = ("コメントを書いた人", "who wrote the comment")
_STAFF = ("職員", "the office's own people")

HELD: tuple[Held, ...] = (
    Held(
        ("コメントの本文（控え）", "the words of a comment (evidence)"),
        _CITIZEN,
        ("comment_evidence.body", "comment_evidence.hash", "comments.evidence"),
        ("号に当たるかを判断し、問われたときに答えるため", "to judge, and to answer for it"),
        "SELECT count(*), min(arrived_at) FROM comments WHERE erased_at IS NULL",
        "comment",
    ),
    Held(
        ("投稿者の名前と媒体の ID、投稿の場所", "name and platform id of the author, place of the comment"),
        _CITIZEN,
        (
            "comments.handle",
            "comments.author",
            "comments.source",
            "comments.url",
            "comments.conversation",
            "comments.posted_at",
            "comments.findings",
            "comments.tag",
        ),
        ("媒体の上のどのコメントかを示すため", "to say which comment on the platform it is"),
        "SELECT count(*), min(arrived_at) FROM comments WHERE erased_at IS NULL",
        "comment",
    ),
    Held(
        ("措置の相手の名前と ID", "name and id of whom a measure is about"),
        _CITIZEN,
        ("measures.handle", "measures.author", "measures.url", "measures.proof"),
        ("判断された措置を、人が媒体の上で行うため", "so that a person can carry it out on the platform"),
        "SELECT count(*), min(at) FROM measures WHERE handle <> '' OR author <> ''",
        "measure",
    ),
    Held(
        ("ブロックリスト（名前、ID、号、判断した人、日、理由）", "block list (name, id, ground, judge, dates, reason)"),
        ("ブロックされた人", "who is blocked"),
        ("block_list.handle", "block_list.author", "block_list.reason", "block_list.ended_why"),
        ("ブロックを続けるか、見直すため", "to go on with a block, or look at it again"),
        "SELECT count(*), min(at) FROM block_list",
        "block",
    ),
    Held(
        ("判断・提案・意見・取消しの理由", "reasons of judgements, proposals, opinions"),
        _STAFF,
        ("comment_says.reason", "comment_says.login", "comment_says.titles", "comment_says.to_login"),
        ("誰が何を根拠に決めたかを残すため", "who decided what, and why"),
        "SELECT count(*), min(at) FROM comment_says",
        "record",
    ),
    Held(
        ("着手した人・措置を行った人・載せた人・取り込んだ人", "who claimed, carried out, entered or imported"),
        _STAFF,
        (
            *("comment_claims.login", "comments.marked_by", "comment_files.by", "measures.holder", "measures.done_by"),
            *("block_list.judge", "block_list.ended_by"),
        ),
        ("誰が行ったかを示すため", "to say who did it"),
        "SELECT count(*), min(at) FROM comment_files",
        "record",
    ),
    Held(
        ("反応の報告の文", "reports of reactions"),
        _STAFF,
        ("reactions.note", "reactions.post", "reactions.by", "reactions.ended_by"),
        ("対応を決めるため", "to decide what to do"),
        "SELECT count(*), min(at) FROM reactions",
        "record",
    ),
    Held(
        ("記録にある人の言葉（理由、備考、ファイル名）", "people's own words in the record"),
        _STAFF,
        ("audit_private.text",),
        ("誰が何をなぜ決めたかを残すため", "who decided what, and why"),
        "SELECT count(*), (SELECT min(at) FROM audit) FROM audit_private",
        "record",
    ),
    Held(
        ("下書きの本文と版", "texts and revisions of drafts"),
        _STAFF,
        ("drafts.body", "drafts.author", "drafts.item", "drafts.name", "drafts.title", "revisions"),
        ("発信したものを、そのまま示せるようにするため", "to show exactly what went out"),
        "SELECT count(*), min(received_at) FROM drafts",
        "record",
    ),
)

NOT_PERSONAL: Mapping[str, frozenset[str]] = {
    "comment_files": frozenset(
        {"id", "account", "hash", "at", "lines", "kept", "clean", "known", "broken", "problems", "policy_hash"}
    ),
    "comment_evidence": frozenset(),
    "comments": frozenset(
        {"id", "account", "file", "arrived_at", "verdict", "guidance", "policy_hash", "state", "changed_at", "erased_at"}
    ),
    "comment_claims": frozenset({"comment", "until"}),
    "comment_says": frozenset({"id", "comment", "kind", "clause", "cite", "words", "actions", "at", "policy_hash", "undone_at"}),
    "measures": frozenset(
        {
            *(
                "id",
                "channel",
                "send_at",
                "sent",
                "why",
                "why_en",
                "comment",
                "judgement",
                "account",
                "asked",
                "really",
                "reverses",
                "clause",
                "state",
                "at",
                "until",
                "done_at",
            ),
        }
    ),
    "block_list": frozenset({"id", "account", "platform", "clause", "cite", "measure", "at", "review_on", "state", "ended_at"}),
    "reactions": frozenset({"id", "account", "at", "ended_at", "outcome"}),
}
"""Of the tables of moderation, the columns that say nothing of a person."""


def listed(db: sqlite3.Connection, setting: Setting, where: Path) -> PrivacyList:
    """All of it, as it is now. `where` is the office's folder: relative names of backups are looked for there."""
    data = [_datum(db, each, setting) for each in HELD]
    return PrivacyList(data=tuple(data), backups=backups(db, setting, where))


def _datum(db: sqlite3.Connection, held: Held, setting: Setting) -> Datum:
    count, oldest = db.execute(held.counted).fetchone()
    terms = setting.book.moderation.terms
    words = {
        "comment": (
            f"最後の判断から {terms.keep_days} 日、判断されないものは {terms.open_days} 日で消去",
            f"erased {terms.keep_days} days after the last decision, {terms.open_days} where there is none",
        ),
        "measure": ("措置が済み、コメントの期限が来たら消去", "erased with the comment, once it is done"),
        "block": (
            f"解除するまで。{terms.review_months} か月ごとに見直し、解除から {terms.keep_days} 日で消去",
            f"until it is removed; looked at every {terms.review_months} months; erased {terms.keep_days} days after",
        ),
        "record": ("文書の保存年限（rules.toml の [[retention]]）", "retention of records ([[retention]] in rules.toml)"),
    }[held.term]
    return Datum(
        what=held.what[0],
        what_en=held.what[1],
        whose=held.whose[0],
        whose_en=held.whose[1],
        where="、".join(dict.fromkeys(column.split(".")[0] for column in held.columns)),
        why=held.why[0],
        why_en=held.why[1],
        clause=_clause(setting) if held.whose is _CITIZEN or held.term == "block" else "",
        count=count,
        oldest=None if oldest is None else from_db(oldest),
        term=words[0],
        term_en=words[1],
        erase_on=_first_erasure(db, setting) if held.term == "comment" else None,
    )


def _clause(setting: Setting) -> str:
    """Under which articles comments are judged here at all: those of every policy in use that gives a power."""
    found = (power.clause for account in setting.book.accounts.values() for power in powers_of(account, setting.book))
    return "、".join(dict.fromkeys(found)) or "根拠規定なし"


def _first_erasure(db: sqlite3.Connection, setting: Setting) -> date | None:
    """The day on which the next words go."""
    terms = setting.book.moderation.terms
    named = ", ".join("?" for _ in IN_HAND)
    dates: list[datetime] = []
    for sql, days in (
        (f"SELECT min(arrived_at) FROM comments WHERE erased_at IS NULL AND state IN ({named})", terms.open_days),
        (f"SELECT min(changed_at) FROM comments WHERE erased_at IS NULL AND state NOT IN ({named})", terms.keep_days),
    ):
        (oldest,) = db.execute(sql, IN_HAND).fetchone()
        if oldest is not None:
            dates.append(from_db(oldest) + timedelta(days=days))
    return min(dates).astimezone(TOKYO).date() if dates else None


def backups(db: sqlite3.Connection, setting: Setting, where: Path) -> tuple[BackupHeld, ...]:
    """The backups that were made, and until when each may be kept: as long as the words that were in it at the most."""
    keep = timedelta(days=setting.book.moderation.terms.keep_days)
    rows = db.execute(
        "SELECT a.at, p.text FROM audit a LEFT JOIN audit_private p ON p.seq = a.seq AND p.field = 'name' WHERE a.act = 'backup' ORDER BY a.seq"
    )
    out = []
    for row in rows:
        name = row["text"].decode("utf-8", "backslashreplace") if row["text"] is not None else ""
        at = from_db(row["at"])
        until = (at + keep).astimezone(TOKYO).date()
        there = (where / name).exists() if name else None
        out.append(BackupHeld(at=at, name=name, until=until, there=there, late=there is not False and until < setting.today))
    return tuple(out)
