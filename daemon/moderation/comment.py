"""One comment on the bench: its row, and the one copy of its words, which goes when the term is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from daemon.refused import Refused
from daemon.rulebook.verdict import Finding
from daemon.store import Tx, from_db

IN_HAND = ("open", "proposed", "second", "escalated")
"""The states in which a comment waits for a decision."""

STATES: dict[str, tuple[str, str]] = {
    "open": ("未確認", "new"),
    "proposed": ("提案あり", "proposed"),
    "second": ("意見待ち", "second opinion asked"),
    "escalated": ("上申", "escalated"),
    "judged": ("該当と判断", "judged"),
    "left": ("措置なし", "left as it is"),
    "guided": ("案内済", "guided"),
    "gone": ("消えた", "gone"),
}

_findings: msgspec.json.Decoder[tuple[Finding, ...]] = msgspec.json.Decoder(tuple[Finding, ...])


class Evidence(Struct, frozen=True, omit_defaults=True):
    """What is kept of a comment, whole, before anything is done about it. Its bytes are content-addressed."""

    account: str
    text: str
    handle: str
    author: str = ""
    source: str = ""
    conversation: str = ""
    url: str = ""
    posted_at: datetime | None = None

    @property
    def data(self) -> bytes:
        """Its canonical bytes."""
        return msgspec.json.encode(self, order="deterministic")

    @property
    def hash(self) -> str:
        """Their sha256."""
        return sha256(self.data).hexdigest()


class Comment(Struct, frozen=True):
    """A row of `comments`."""

    id: int
    account: str
    source: str
    conversation: str
    url: str
    handle: str
    author: str
    posted_at: datetime | None
    arrived_at: datetime
    evidence: str
    verdict: str
    findings: tuple[Finding, ...]
    guidance: str
    marked_by: str
    state: str
    changed_at: datetime
    tag: str
    file: int | None
    erased_at: datetime | None

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that the machine suggests to check, each once."""
        return tuple(dict.fromkeys(finding.clause for finding in self.findings if finding.shadow is None))


COLUMNS = (
    "id, account, source, conversation, url, handle, author, posted_at, arrived_at, evidence, verdict, findings, guidance, marked_by, state, "
    "changed_at, tag, file, erased_at"
)


def of(row: sqlite3.Row) -> Comment:
    """The comment in a row."""
    return Comment(
        id=row["id"],
        account=row["account"],
        source=row["source"],
        conversation=row["conversation"],
        url=row["url"],
        handle=row["handle"],
        author=row["author"],
        posted_at=None if row["posted_at"] is None else from_db(row["posted_at"]),
        arrived_at=from_db(row["arrived_at"]),
        evidence=row["evidence"],
        verdict=row["verdict"],
        findings=_findings.decode(row["findings"]),
        guidance=row["guidance"],
        marked_by=row["marked_by"],
        state=row["state"],
        changed_at=from_db(row["changed_at"]),
        tag=row["tag"],
        file=row["file"],
        erased_at=None if row["erased_at"] is None else from_db(row["erased_at"]),
    )


def load(db: sqlite3.Connection, comment: int) -> Comment:
    """The comment of that number. Raises Refused where there is none."""
    row = db.execute(f"SELECT {COLUMNS} FROM comments WHERE id = ?", (comment,)).fetchone()
    if row is None:
        raise Refused("no_such", f"コメント {comment} はありません。", f"There is no comment {comment}.")
    return of(row)


def words_of(db: sqlite3.Connection, comment: Comment) -> Evidence | None:
    """What is kept of it; None once it was erased. Raises Refused where its bytes are no longer what they were."""
    row = db.execute("SELECT body FROM comment_evidence WHERE hash = ?", (comment.evidence,)).fetchone()
    if row is None:
        return None
    if sha256(row["body"]).hexdigest() != comment.evidence:
        raise Refused(
            "state",
            f"コメント {comment.id} の控えが壊れています（ハッシュが合いません）。媒体の画面で確かめ、kohoban audit verify を実行してください。",
            f"What is kept of comment {comment.id} is damaged (its hash differs): look at the platform, and run kohoban audit verify.",
        )
    return msgspec.json.decode(row["body"], type=Evidence)


def moved(tx: Tx, comment: int, state: str) -> None:
    """Put it into a state, and end whatever claim there is."""
    tx.db.execute("UPDATE comments SET state = ?, changed_at = ? WHERE id = ?", (state, tx.now, comment))
    tx.db.execute("DELETE FROM comment_claims WHERE comment = ?", (comment,))


def in_hand(comment: Comment) -> None:
    """Raises Refused where it has been decided already."""
    if comment.state not in IN_HAND:
        ja, en = STATES[comment.state]
        raise Refused(
            "state",
            f"コメント {comment.id} は今「{ja}」です。変えるには、先に判断を取り消してください（kohoban comments undo）。",
            f"Comment {comment.id} is now “{en}”. To change that, take the decision back first (kohoban comments undo).",
        )


def forget_measure(tx: Tx, measure: int) -> None:
    """A measure that has come to its end names nobody any more where its comment is erased already."""
    tx.db.execute(
        "UPDATE measures SET handle = '', author = '', url = '', proof = '' WHERE id = ? AND state NOT IN ('due', 'taken') "
        "AND comment IN (SELECT id FROM comments WHERE erased_at IS NOT NULL)",
        (measure,),
    )
    tx.erased = True


def forget_again(tx: Tx, hashes: Iterable[str]) -> None:
    """Erase the words of these comments, which a backup of before has brought back."""
    for digest in hashes:
        rows = tx.db.execute(f"SELECT {COLUMNS} FROM comments WHERE evidence = ? AND erased_at IS NULL", (digest,)).fetchall()
        for row in rows:
            comment = of(row)
            forget(tx, comment)
            if comment.state in IN_HAND:
                moved(tx, comment.id, "gone")


def forget(tx: Tx, comment: Comment) -> None:
    """Erase what is kept of a comment's words and of its author; the row, its hash and what was decided stay."""
    bare = [msgspec.structs.replace(each, message="", message_en="", fix=None, start=0, end=0) for each in comment.findings]
    tx.db.execute(
        "UPDATE comments SET erased_at = ?, handle = '', author = '', source = '', url = '', conversation = '', posted_at = NULL, tag = '', "
        "findings = ? WHERE id = ?",
        (tx.now, msgspec.json.encode(bare), comment.id),
    )
    others = tx.db.execute(
        "SELECT 1 FROM comments WHERE evidence = ? AND erased_at IS NULL LIMIT 1", (comment.evidence,)
    ).fetchone()
    if others is None:
        tx.db.execute("DELETE FROM comment_evidence WHERE hash = ?", (comment.evidence,))
    # A measure that stands keeps the name that it is about as long as somebody has to find it on the platform.
    tx.db.execute(
        "UPDATE measures SET handle = '', author = '', url = '', proof = '' WHERE comment = ? AND state NOT IN ('due', 'taken')",
        (comment.id,),
    )
    tx.erased = True
