"""What is kept of comments that arrive: those with a finding or a mark. Of the others a number is kept, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from daemon.moderation.comment import Evidence
from daemon.moderation.setting import Setting
from daemon.refused import Refused, given, serves
from daemon.rulebook.model import Operator
from daemon.rulebook.verdict import Finding
from daemon.store import Tx, to_db
from daemon.wire.answers import Done
from daemon.wire.moderation import MarkComment

PROBLEMS = 50
"""Broken lines that are named; of the others there is a number."""
UNDER_WAY = "+"
"""Before the hash of an export that is being kept: it is not known yet, and is read again should nobody come to its end."""
TEXT_MOST = 20_000
"""Characters of a comment that an operator enters: more than any platform takes."""


class Kept(Struct, frozen=True):
    """One comment that has a row: its words, what the machine suggests to check, and what it calls for."""

    evidence: Evidence
    verdict: str
    findings: tuple[Finding, ...]
    guidance: str = ""


class Tally(Struct, frozen=True):
    """What became of an export: lines in all, clean ones (forgotten), broken ones with the first of them."""

    lines: int
    clean: int
    broken: int
    problems: tuple[tuple[int, str, str], ...] = ()


def together(parts: Sequence[Tally]) -> Tally:
    """The numbers of an export that was read in parts."""
    problems = sorted(problem for part in parts for problem in part.problems)
    return Tally(
        lines=sum(part.lines for part in parts),
        clean=sum(part.clean for part in parts),
        broken=sum(part.broken for part in parts),
        problems=tuple(problems[:PROBLEMS]),
    )


def known(db: sqlite3.Connection, account: str, digest: str) -> bool:
    """Whether an export of this account has been read already: by the hash of its bytes."""
    return db.execute("SELECT 1 FROM comment_files WHERE account = ? AND hash = ?", (account, digest)).fetchone() is not None


def begin(account: str, digest: str, by: str, policy_hash: str) -> Callable[[Tx], int]:
    """An export is about to be kept: its row, or the one that an attempt has left that came to no end. Returns its number."""

    def op(tx: Tx) -> int:
        tx.db.execute(
            "INSERT OR IGNORE INTO comment_files (account, hash, by, at, lines, kept, clean, known, broken, problems, policy_hash) "
            "VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, ?, ?)",
            (account, UNDER_WAY + digest, by, tx.now, b"[]", policy_hash),
        )
        (file,) = tx.db.execute(
            "SELECT id FROM comment_files WHERE account = ? AND hash = ?", (account, UNDER_WAY + digest)
        ).fetchone()
        return int(file)

    return op


def keep_some(file: int, kept: Sequence[Kept], policy_hash: str) -> Callable[[Tx], None]:
    """Write some of what an export holds: few enough that nobody's key waits behind them. Those that are known by the platform's id, or are
    there already, keep their row."""

    def op(tx: Tx) -> None:
        new = sum(_insert(tx, each, file, "", policy_hash) for each in kept)
        tx.db.execute("UPDATE comment_files SET kept = kept + ? WHERE id = ?", (new, file))

    return op


def end(file: int, account: str, digest: str, by: str, kept: int, tally: Tally) -> Callable[[Tx], tuple[int, int]]:
    """All that was to be `kept` of an export is: from now on its hash is known. Returns how many were new and how many known before."""

    def op(tx: Tx) -> tuple[int, int]:
        (new,) = tx.db.execute("SELECT kept FROM comment_files WHERE id = ?", (file,)).fetchone()
        before = max(0, kept - new)
        tx.db.execute(
            "UPDATE comment_files SET hash = ?, at = ?, lines = ?, clean = ?, known = ?, broken = ?, problems = ? WHERE id = ?",
            (digest, tx.now, tally.lines, tally.clean, before, tally.broken, msgspec.json.encode(tally.problems), file),
        )
        (policy_hash,) = tx.db.execute("SELECT policy_hash FROM comment_files WHERE id = ?", (file,)).fetchone()
        tx.record(
            by,
            "import_comments",
            None,
            account=account,
            file=digest,
            lines=tally.lines,
            kept=new,
            known=before,
            clean=tally.clean,
            broken=tally.broken,
            policy_hash=policy_hash,
        )
        return int(new), before

    return op


def keep_heard(
    account: str, kept: Sequence[Kept], tally: Tally, newest: str, policy_hash: str, *, gap: bool
) -> Callable[[Tx], int]:
    """What names an account was read up to the number `newest`: keep what has a finding or a mark, and how far it was read, at once. `gap`:
    older ones could not be read. Returns how many are new."""

    def op(tx: Tx) -> int:
        new = sum(_insert(tx, each, None, "", policy_hash) for each in kept)
        tx.db.execute(
            "INSERT INTO mention_cursor (account, since, at, gap_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET since = excluded.since, "
            "at = excluded.at, gap_at = coalesce(excluded.gap_at, gap_at)",
            (account, newest, tx.now, tx.now if gap else None),
        )
        if new or gap:
            tx.record(
                "daemon",
                "read_mentions",
                None,
                account=account,
                lines=tally.lines,
                kept=new,
                clean=tally.clean,
                gap=gap,
                policy_hash=policy_hash,
            )
        return new

    return op


def mark(act: MarkComment, who: Operator, setting: Setting, *, kept: Kept) -> Callable[[Tx], Done]:
    """印を付ける: the comment has a row because somebody says so, whatever the machine found in it (`kept`)."""

    def op(tx: Tx) -> Done:
        account = setting.account(act.account)
        serves(who, account)
        given(act.text)
        policy = setting.book.policies[account.policy]
        if not _insert(tx, kept, None, who.login, policy.hash):
            number = _same(tx, kept.evidence)
            raise Refused("state", f"コメント {number} として、もうあります。", f"It is there already: comment {number}.")
        (number,) = tx.db.execute("SELECT max(id) FROM comments").fetchone()
        head = tx.record(
            who.login,
            "mark_comment",
            None,
            comment=number,
            account=account.id,
            evidence=kept.evidence.hash,
            guidance=act.guidance,
        )
        return Done(message=f"コメント {number} として載せました。", message_en=f"It is comment {number}.", audit_head=head)

    return op


def evidence_of(act: MarkComment) -> Evidence:
    """What is kept of a comment that an operator enters. Raises Refused where it is too long to be one."""
    if len(act.text) > TEXT_MOST:
        raise Refused("protocol", f"コメントは {TEXT_MOST} 字までです。", f"A comment has at most {TEXT_MOST} characters.")
    return Evidence(
        account=act.account,
        text=act.text,
        handle=act.handle.strip().lstrip("@"),
        author=act.author.strip(),
        source=act.source.strip(),
        conversation=act.conversation.strip(),
        url=act.url.strip(),
        posted_at=act.posted_at,
    )


def _insert(tx: Tx, kept: Kept, file: int | None, by: str, policy_hash: str) -> int:
    """One row; 0 where this very comment is known already, by the platform's id or, erased or not, by its hash: what has left the office
    does not come back with the next export. A renamed author's rows are not touched: nothing ties them together."""
    evidence = kept.evidence
    if _same(tx, evidence) is not None:
        return 0
    data = evidence.data
    cursor = tx.db.execute(
        "INSERT OR IGNORE INTO comments (account, file, source, conversation, url, handle, author, posted_at, arrived_at, evidence, verdict, "
        "findings, guidance, marked_by, policy_hash, state, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)",
        (
            evidence.account,
            file,
            evidence.source,
            evidence.conversation,
            evidence.url,
            evidence.handle,
            evidence.author,
            _at(evidence.posted_at),
            tx.now,
            evidence.hash,
            kept.verdict,
            msgspec.json.encode(kept.findings),
            kept.guidance,
            by,
            policy_hash,
            tx.now,
        ),
    )
    if cursor.rowcount:
        tx.db.execute("INSERT OR IGNORE INTO comment_evidence (hash, body) VALUES (?, ?)", (evidence.hash, data))
    return cursor.rowcount


def _same(tx: Tx, evidence: Evidence) -> int | None:
    row = tx.db.execute(
        "SELECT id FROM comments WHERE evidence = ? UNION ALL SELECT id FROM comments WHERE account = ? AND source = ? AND source <> ''",
        (evidence.hash, evidence.account, evidence.source),
    ).fetchone()
    return None if row is None else int(row["id"])


def _at(moment: datetime | None) -> int | None:
    return None if moment is None else to_db(moment)
