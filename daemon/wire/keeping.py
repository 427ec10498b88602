"""Answers about what is kept: the record as verified and sealed, and the backup under way."""

from __future__ import annotations

from datetime import datetime

from daemon.wire.answer import Answer


class AuditHead(Answer, frozen=True, kw_only=True, tag="audit"):
    """What a verification found: `ok`, how many entries, the hash of the last; or the first bad entry and what is wrong with it.
    Where `ok`, `why` is empty or a remark."""

    ok: bool
    entries: int
    head: str
    first_bad: int | None = None
    why: str = ""
    why_en: str = ""


class AuditSealed(Answer, frozen=True, kw_only=True, tag="sealed"):
    """The head of the record, signed: what an office prints, dates and seals. `line` is the signed line as it stands in the anchor,
    `public` the key (PEM) that checks it; both are empty where the seal could not be used."""

    office: str
    record: str
    entries: int
    head: str
    at: datetime
    key: str
    signature: str
    line: str
    public: str


class BackupProgress(Answer, frozen=True, kw_only=True, tag="backup_progress"):
    """The backup under way (`running`), or the last one of this daemon: what is being done, `done` of `of` bytes of it; when it is
    whole its size and the last entry of the record in it; else the error. All empty where there was none."""

    running: bool
    path: str = ""
    stage: str = ""
    done: int = 0
    of: int = 0
    size: int = 0
    seq: int = 0
    head: str = ""
    error: str = ""
    error_en: str = ""
