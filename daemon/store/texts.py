"""The index of texts: which drafts have a word in their text, or in the name of their file, in a few milliseconds of a million.

Every text goes in as pairs of characters, for Japanese has no spaces: a word of two characters is one look-up, a longer one the pairs of
it behind each other, a single character the beginning of a pair. Both sides are folded the same way: width and case away, katakana read
as hiragana, white space and line ends gone (a word may be broken by the end of a line). The index is FTS5's without the texts
themselves; a row is changed in the transaction that changes its draft. Drafts up to number `upto` are still to be taken in: a database
from before the index is worked through in slices (`catch_up`), from the newest to the oldest.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable

TABLES = ("drafts_text", "drafts_named")
"""The two indices: of the texts, and of the files' names (which may have to be erased, and are small enough for that)."""

FOLDING = f"1/{unicodedata.unidata_version}"
"""What folded the texts in the index. With another one what lies there could not be taken out again: it is made anew."""

_KANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_CARRIED = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
"""ASCII signs would end a token: they go into the index as characters that nobody writes."""
_FOLD = _KANA | _CARRIED


def folded(text: str) -> str:
    """The text as it is compared: width, case, katakana, white space folded away."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(plain.split()).translate(_FOLD)


def as_name(name: bytes) -> str:
    """A file's name as it goes into the index."""
    return name.decode("utf-8", "backslashreplace")


def condition(word: str) -> str:
    """The FTS5 query for texts that have this word; empty for one of which folding leaves nothing."""
    plain = folded(word)
    if len(plain) < 2:
        return f'"{plain}"*' if plain else ""
    return f'"{" ".join(map("".join, zip(plain, plain[1:], strict=False)))}"'


def add(db: sqlite3.Connection, drafts: Iterable[tuple[int, bytes, str]]) -> None:
    """Take new drafts in: number, file name, text. Raises sqlite3.Error."""
    rows = [(draft, _pairs(as_name(name)), _pairs(text)) for draft, name, text in drafts]
    db.executemany("INSERT INTO drafts_text (rowid, body) VALUES (?, ?)", [(draft, text) for draft, _, text in rows])
    db.executemany("INSERT INTO drafts_named (rowid, name) VALUES (?, ?)", [(draft, name) for draft, name, _ in rows])


def change(db: sqlite3.Connection, draft: int, old: str, new: str) -> None:
    """A draft has another text. Raises sqlite3.Error."""
    if draft > behind(db) and old != new:
        db.execute("INSERT INTO drafts_text (drafts_text, rowid, body) VALUES ('delete', ?, ?)", (draft, _pairs(old)))
        db.execute("INSERT INTO drafts_text (rowid, body) VALUES (?, ?)", (draft, _pairs(new)))


def rename(db: sqlite3.Connection, draft: int, old: bytes, new: bytes, *, traces: bool = True) -> None:
    """A draft's file has another name. Without `traces` nothing of the old one stays behind in the index either, which writes it anew as
    a whole. Raises sqlite3.Error."""
    if draft > behind(db):
        db.execute("INSERT INTO drafts_named (drafts_named, rowid, name) VALUES ('delete', ?, ?)", (draft, _pairs(as_name(old))))
        db.execute("INSERT INTO drafts_named (rowid, name) VALUES (?, ?)", (draft, _pairs(as_name(new))))
        if not traces:
            db.execute("INSERT INTO drafts_named (drafts_named) VALUES ('optimize')")


def behind(db: sqlite3.Connection) -> int:
    """The highest number of a draft that is still to be taken in; 0 where all are."""
    upto: int = db.execute("SELECT upto FROM text_index").fetchone()[0]
    return upto


def catch_up(db: sqlite3.Connection, most: int) -> int:
    """Take in the next `most` of the drafts that are still to be; returns how many numbers are left. Raises sqlite3.Error."""
    upto = behind(db)
    rows = db.execute("SELECT id, name, body FROM drafts WHERE id <= ? ORDER BY id DESC LIMIT ?", (upto, most)).fetchall()
    add(db, ((row["id"], row["name"], row["body"]) for row in reversed(rows)))
    left = rows[-1]["id"] - 1 if len(rows) == most else 0
    db.execute("UPDATE text_index SET upto = ?", (left,))
    return left


def begin_anew(db: sqlite3.Connection) -> None:
    """Empty the index: every draft is still to be taken in. Raises sqlite3.Error."""
    for table in TABLES:
        db.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    db.execute("UPDATE text_index SET upto = (SELECT coalesce(max(id), 0) FROM drafts), folding = ?", (FOLDING,))


def agree(db: sqlite3.Connection) -> None:
    """Before the first write of a process: an index that was folded otherwise (another Python) is begun anew. Raises sqlite3.Error."""
    was: str = db.execute("SELECT folding FROM text_index").fetchone()[0]
    if was and was != FOLDING:
        begin_anew(db)
    elif not was:
        db.execute("UPDATE text_index SET folding = ?", (FOLDING,))


def _pairs(text: str) -> str:
    """The text as tokens: each character with the one behind it, and the last alone."""
    plain = folded(text)
    return " ".join([*map("".join, zip(plain, plain[1:], strict=False)), plain[-1:]])
