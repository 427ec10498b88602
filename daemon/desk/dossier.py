"""決裁記録: one draft's whole story, read from the record and the tables alone, so that one of years ago can be told too.

The words of a clause are those that stood in the finding and in the decision when it was made; the policies of today are only asked
for names. What the office no longer has (an account, a person, a policy) is left as the record has it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from daemon.desk import board
from daemon.desk.case import ROW, Setting, findings_of, item_of, pictures_of
from daemon.desk.states import WORDS
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO, opening
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, Policy
from daemon.rulebook.picture import Picture
from daemon.store import Store, StoreError, from_db
from daemon.wire.papers import DossierSeen, ImageSeen, ReleaseSeen, RevisionStory, StopSpan
from daemon.wire.seen import HistoryLine

ENTRIES_MOST = 400
"""Entries of the record on one paper; the others are named by their number."""
TEXTS_MOST = 120_000
"""Characters of former revisions that are printed: what lies beyond is named by its hash."""


async def dossier(store: Store, draft: int, setting: Setting) -> DossierSeen:
    """Everything of one draft. Raises Refused where there is none."""
    rows = await store.fetch(f"SELECT {ROW} FROM drafts WHERE id = ?", (draft,))
    if not rows:
        raise Refused("no_such", f"下書き {draft} はありません。", f"There is no draft {draft}.")
    row, book = rows[0], setting.book
    item = item_of(row)
    account = book.accounts.get(row["account"])
    policy = book.policy_of(row["account"]) if account else None
    history = await board.history(store, draft, ENTRIES_MOST, whole=True)
    count = (await store.fetch("SELECT count(*) AS n FROM audit WHERE draft = ?", (draft,)))[0]["n"]
    state, state_en = WORDS[row["state"]]
    findings = findings_of(row)
    current = policy is not None and policy.hash == row["policy_hash"]
    return DossierSeen(
        office=book.office.name,
        made=setting.now,
        draft=draft,
        account=row["account"],
        account_name=account.name if account else "",
        platform=account.platform if account else "",
        handle=account.handle if account else "",
        path=f"drafts/{row['account']}/{board.shown(row['name'])}",
        title=row["title"],
        state=state,
        state_en=state_en,
        author=row["author"],
        author_verified=bool(row["author_verified"]),
        text=row["body"],
        item=board.front_matter(item),
        hash=row["hash"],
        policy=policy.id if policy else "",
        policy_title=policy.title if policy else "",
        policy_version=policy.version.cite if policy and current else "",
        policy_hash=row["policy_hash"],
        policy_current=current,
        url=row["url"],
        images=_images(item, pictures_of(rows[0]["pictures"])),
        revisions=await _revisions(store, draft, history),
        findings=tuple(board.seen(finding) for finding in findings),
        releases=await _releases(store, draft, account, policy if current else None, setting),
        stops=await _stops(store, row, account),
        related=await _related(store, draft),
        history=history,
        prevs=tuple(_prev(entry) for entry in history),
        people=_people(setting, row["author"], history),
        cites={} if policy is None else {c.id: c.cite for c in policy.clauses.values()},
        more=max(0, count - len(history)),
        head=store.head.hash,
        entries=store.head.seq,
    )


def _images(item: Item, pictures: Iterable[Picture]) -> tuple[ImageSeen, ...]:
    """The images as they were declared, each with the hash of its bytes where these were there."""
    hashes = {picture.file: picture.hash for picture in pictures}
    return tuple(
        ImageSeen(file=i.file, alt=i.alt, rights=i.rights, consent=i.consent, hash=hashes.get(i.file, "")) for i in item.images
    )


def _prev(entry: HistoryLine) -> str:
    try:
        return str(json.loads(entry.record)["prev"])
    except (ValueError, KeyError, TypeError):
        return ""


def detail_of(entry: HistoryLine) -> dict[str, object]:
    """An entry's details with its private texts; empty where the entry is not the daemon's JSON any more."""
    try:
        detail = json.loads(entry.detail)["detail"]
    except (ValueError, KeyError, TypeError):
        return {}
    return detail if isinstance(detail, dict) else {}


async def _revisions(store: Store, draft: int, history: Sequence[HistoryLine]) -> tuple[RevisionStory, ...]:
    """Every revision with what was judged of it as it came (from the record), and its bytes as text while there is room."""
    judged = {(d := detail_of(entry)).get("revision"): d for entry in history if entry.act in ("receive", "revise")}
    rows = await store.fetch(
        "SELECT n, hash, at, size, encoding, bytes FROM draft_revisions WHERE draft = ? ORDER BY n", (draft,)
    )
    room, stories = TEXTS_MOST, []
    for row in rows:
        detail = judged.get(row["n"], {})
        text = await _text(store, row["bytes"] or row["hash"], row["encoding"]) if row["size"] <= room else None
        room -= len(text or "")
        clauses = detail.get("clauses")
        stories.append(
            RevisionStory(
                n=row["n"],
                hash=row["hash"],
                at=from_db(row["at"]),
                size=row["size"],
                encoding=row["encoding"],
                verdict=str(detail.get("verdict", "")),
                clauses=tuple(map(str, clauses)) if isinstance(clauses, list) else (),
                policy=str(detail.get("policy", "")),
                text=text,
            )
        )
    return tuple(stories)


async def _text(store: Store, digest: str, encoding: str) -> str | None:
    """The file as it lay in the folder, front matter and all; None where its bytes are not what they were, or are no text."""
    try:
        return (await store.bytes_of(digest)).decode(encoding, "backslashreplace").removeprefix("\ufeff")
    except (StoreError, LookupError, UnicodeError):
        return None


async def _releases(
    store: Store, draft: int, account: Account | None, policy: Policy | None, setting: Setting
) -> tuple[ReleaseSeen, ...]:
    rows = await store.fetch(
        "SELECT id, channel, state, holder, begun_at, ended_at, url, hash FROM releases WHERE draft = ? ORDER BY id", (draft,)
    )
    return tuple(_release(row, account, policy, setting) for row in rows)


def _release(row: sqlite3.Row, account: Account | None, policy: Policy | None, setting: Setting) -> ReleaseSeen:
    begun = from_db(row["begun_at"])
    then = opening(policy, begun, days=setting.book.days, account=account) if policy else None
    return ReleaseSeen(
        id=row["id"],
        channel=row["channel"],
        state=row["state"],
        holder=row["holder"],
        begun=begun.astimezone(TOKYO),
        ended=from_db(row["ended_at"]).astimezone(TOKYO) if row["ended_at"] else None,
        url=row["url"],
        hash=row["hash"],
        hours=then.reason if then else "",
        hours_en=then.reason_en if then else "",
    )


async def _stops(store: Store, row: sqlite3.Row, account: Account | None) -> tuple[StopSpan, ...]:
    """The stops that lay over this draft while it was in hand."""
    scopes = ("all", row["account"], account.platform if account else "")
    rows = await store.fetch(
        "SELECT scope, at, by, ended_at, ended_by, confirmed_by FROM stops WHERE scope IN (?, ?, ?) "
        "AND at <= ? AND coalesce(ended_at, ?) >= ? ORDER BY at",
        (*scopes, row["changed_at"], row["changed_at"], row["received_at"]),
    )
    return tuple(span(each) for each in rows)


def span(row: sqlite3.Row) -> StopSpan:
    """A stop as papers show it."""
    return StopSpan(
        scope=row["scope"],
        at=from_db(row["at"]).astimezone(TOKYO),
        by=row["by"],
        ended=from_db(row["ended_at"]).astimezone(TOKYO) if row["ended_at"] else None,
        ended_by=row["ended_by"],
        confirmed_by=row["confirmed_by"],
    )


async def _related(store: Store, draft: int) -> tuple[int, ...]:
    """Corrections and deletions of this draft, and what it corrects or deletes."""
    rows = await store.fetch(
        "SELECT draft AS id FROM corrections WHERE original = ? UNION SELECT original FROM corrections WHERE draft = ? AND original "
        "IS NOT NULL ORDER BY 1",
        (draft, draft),
    )
    return tuple(row["id"] for row in rows)


def _people(setting: Setting, author: str, history: Iterable[HistoryLine]) -> dict[str, str]:
    """The names, and the posts of today, of the logins that occur."""
    register = setting.book.operators
    logins = {author, *(entry.actor for entry in history)}
    for entry in history:
        logins |= {value for value in detail_of(entry).values() if isinstance(value, str)}
    return {login: register[login].name for login in sorted(logins & register.keys())}
