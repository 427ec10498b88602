"""訂正と削除 (港区 7条2項5号・7号): which draft corrects or deletes which, so that each shows the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from daemon.store import Store, Tx

_WATCHED = ("received", "to_fix", "waiting", "approved", "scheduled", "held", "returned", "releasing", "released", "unknown")


CORRECTING = ("correction", "delete")
"""The kinds that are about a post of one's own."""


class Linked(Struct, frozen=True, kw_only=True):
    """What a draft is tied to: the drafts that correct or delete it (kind, number, state), and the one that it corrects or deletes.
    `objected` are the 後閲 that found it wrong when it was out, and since which nothing that corrects or deletes it has gone out."""

    by: tuple[tuple[str, int, str], ...] = ()
    original: int | None = None
    kind: str = ""
    objected: tuple[int, ...] = ()


async def last_change(store: Store) -> int:
    """The moment of the last change of any draft: up to it the next look has seen everything."""
    each = "SELECT max(changed_at) AS at FROM drafts WHERE state = ?"
    rows = await store.fetch(" UNION ALL ".join([each] * len(_WATCHED)), _WATCHED)
    return max((row["at"] or 0 for row in rows), default=0)


async def unlinked(store: Store, since: int) -> list[tuple[int, str, str, str]]:
    """The corrections and deletions that have changed since that moment, and those that wait for what they name to go out: number,
    account, kind, target as it was written."""
    marks = ",".join("?" * len(_WATCHED))
    what = "d.id, d.account, json_extract(d.item, '$.kind') AS kind, json_extract(d.item, '$.target') AS target"
    rows = await store.fetch(
        f"SELECT {what} FROM drafts d WHERE d.state IN ({marks}) AND d.changed_at >= ? AND json_extract(d.item, '$.kind') IN "
        f"('correction', 'delete') UNION SELECT {what} FROM corrections c JOIN drafts d ON d.id = c.draft WHERE c.original IS NULL "
        "AND d.live = 1 AND json_extract(d.item, '$.kind') IN ('correction', 'delete')",
        (*_WATCHED, since),
    )
    return [(row["id"], row["account"], row["kind"], row["target"] or "") for row in rows]


def link(found: list[tuple[int, str, str, str]]) -> Callable[[Tx], list[int]]:
    """The operation that ties these to the drafts they name; returns those of which anything is new."""

    def op(tx: Tx) -> list[int]:
        new: list[int] = []
        for draft, account, kind, target in found:
            original = original_of(tx.db, account, target, draft)
            before = tx.db.execute("SELECT original, kind FROM corrections WHERE draft = ?", (draft,)).fetchone()
            if before is not None and (before["original"], before["kind"]) == (original, kind):
                continue
            new.append(draft)
            tx.db.execute(
                "INSERT INTO corrections (draft, kind, original) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET kind = excluded.kind, "
                "original = excluded.original",
                (draft, kind, original),
            )
            if original is not None:
                tx.record("daemon", "link", draft, account=account, kind=kind, original=original)
                tx.record("daemon", "link", original, account=account, kind=kind, by=draft)
        return new

    return op


def can_be_looked_up(kind: str, target: str) -> bool:
    """True for a correction or deletion of a post that is named by its number or address; one named in words is for people to find."""
    wanted = target.strip().removeprefix("#")
    return kind in CORRECTING and bool(_is_number(wanted) or plain(wanted))


def _is_number(wanted: str) -> bool:
    return wanted.isascii() and wanted.isdigit() and len(wanted) <= 18


def original_of(db: sqlite3.Connection, account: str, target: str, draft: int) -> int | None:
    """The released draft of that account that is meant: by its number, or by the address at which it was posted."""
    wanted = target.strip().removeprefix("#")
    if _is_number(wanted):
        row = db.execute(
            "SELECT id FROM drafts WHERE id = ? AND account = ? AND state = 'released' AND id <> ?", (int(wanted), account, draft)
        ).fetchone()
        return None if row is None else int(row["id"])
    address = plain(wanted)
    if not address:
        return None
    rows = db.execute(
        "SELECT id, url FROM drafts WHERE account = ? AND state = 'released' AND url <> '' AND id <> ? ORDER BY id DESC LIMIT 5000",
        (account, draft),
    )
    return next((int(row["id"]) for row in rows if plain(row["url"]) == address), None)


def address_of(db: sqlite3.Connection, account: str, kind: str, target: str, draft: int) -> str:
    """Where what is corrected or deleted can be found: a draft of ours that is named by its number stands at the address that was recorded
    when it went out. Anything else stays as it was written."""
    original = original_of(db, account, target, draft) if kind in CORRECTING else None
    if original is None:
        return target
    return str(db.execute("SELECT url FROM drafts WHERE id = ?", (original,)).fetchone()["url"]) or target


def plain(url: str) -> str:
    """An address without what does not tell posts apart: scheme, www, query; twitter.com is x.com. Empty for what is none."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.").replace("twitter.com", "x.com")
    return f"{host}{parts.path.rstrip('/')}" if host and parts.path.strip("/") else ""


async def objected(store: Store) -> Mapping[int, tuple[int, ...]]:
    """The drafts that are out and were found wrong by a 後閲 that nobody has dealt with: by draft, the numbers of those 後閲. What
    corrects or deletes the post, once out, answers the objections that were made before."""
    rows = await store.fetch(
        "SELECT r.draft, r.id FROM reviews r JOIN drafts d ON d.id = r.draft WHERE r.state IN ('open', 'objected') AND r.state = "
        "'objected' AND d.state IN ('releasing', 'unknown', 'released') AND NOT EXISTS (SELECT 1 FROM corrections c JOIN drafts x ON "
        "x.id = c.draft WHERE c.original = r.draft AND x.state = 'released' AND x.changed_at >= r.done_at) ORDER BY r.id",
        (),
    )
    found: dict[int, tuple[int, ...]] = {}
    for row in rows:
        found[row["draft"]] = (*found.get(row["draft"], ()), row["id"])
    return found


async def links(store: Store, found_wrong: Mapping[int, tuple[int, ...]]) -> Mapping[int, Linked]:
    """Every draft that is tied to another, or was `objected` to when it was out."""
    rows = await store.fetch(
        "SELECT c.draft, c.kind, c.original, d.state FROM corrections c JOIN drafts d ON d.id = c.draft WHERE c.original IS NOT NULL "
        "AND d.state NOT IN ('withdrawn', 'expired') ORDER BY c.draft DESC LIMIT 5000",
        (),
    )
    found = {draft: Linked(objected=reviews) for draft, reviews in found_wrong.items()}
    for row in rows:
        own = found.get(row["draft"], Linked())
        found[row["draft"]] = replace(own, original=row["original"], kind=row["kind"])
        other = found.get(row["original"], Linked())
        found[row["original"]] = replace(other, by=(*other.by, (row["kind"], row["draft"], row["state"])))
    return found
