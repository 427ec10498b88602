"""The index of texts: whatever is in a text is found, folded, and nothing else is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.store import Store, texts
from daemon.store.database import open_writer
from daemon.store.schema import MIGRATIONS

_LETTERS = st.text(alphabet="図書館ガかがｶﾞNｎ１1 、。\n\"'*#-ー()@", max_size=12)
_INSERT = """INSERT INTO drafts (id, account, name, live, state, verdict, revision, hash, title, body, item, findings, author,
    author_verified, policy_hash, received_at, changed_at) VALUES (?, 'minato-x', ?, 1, 'waiting', 'pass', 1, '0', '', ?, x'', x'', '', 0,
    '', 0, 0)"""


def _index() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    db.executescript(";".join(MIGRATIONS))
    return db


def _having(db: sqlite3.Connection, word: str, table: str = "drafts_text") -> list[int]:
    sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY 1"
    return [row[0] for row in db.execute(sql, (texts.condition(word),))]


@given(some=st.lists(_LETTERS, min_size=1, max_size=4), word=_LETTERS)
def test_a_word_is_found_exactly_where_it_stands_folded(some: list[str], word: str) -> None:
    if not texts.condition(word):
        return
    db = _index()
    try:
        texts.add(db, [(n, b"", text) for n, text in enumerate(some)])
        assert _having(db, word) == [n for n, text in enumerate(some) if texts.folded(word) in texts.folded(text)]
    finally:
        db.close()


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("NHK", "ＮＨＫの番組"),
        ("図書", "区立図書館"),
        ("館", "区立図書館"),
        ("区", "区立図書館"),
        ("トショカン", "としょかん"),
        ("ガス", "ｶﾞｽ工事"),
        ("図書館", "区立図\n書館のお知らせ"),
        ("℡", "TEL 03"),
        ("(8)", "第7（8）"),
        ("がき", "ガキ"),
    ],
)
def test_width_case_kana_and_line_ends_do_not_matter(word: str, text: str) -> None:
    db = _index()
    texts.add(db, [(1, b"", text)])
    assert _having(db, word) == [1]
    db.close()


def test_pairs_that_stand_apart_are_not_the_word() -> None:
    db = _index()
    texts.add(db, [(1, b"", "東京と京都と都庁"), (2, b"", "東京都庁")])
    assert _having(db, "東京都庁") == [2]
    db.close()


def test_a_changed_text_is_found_by_its_new_words_only() -> None:
    db = _index()
    texts.add(db, [(1, b"a.txt", "図書館"), (2, b"b.txt", "図書館")])
    texts.change(db, 1, "図書館", "体育館")
    assert (_having(db, "図書"), _having(db, "体育")) == ([2], [1])
    db.close()


def test_of_an_erased_name_nothing_is_left_in_the_index(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    db.execute("PRAGMA secure_delete = ON")
    db.executescript(";".join(MIGRATIONS))
    texts.add(db, [(1, b"zanmai-tarou.txt", "図書館"), (2, b"b.txt", "体育館")])
    texts.rename(db, 1, b"zanmai-tarou.txt", b"erased-1", traces=False)
    pairs = [b"za", b"nm"]
    blocks = [bytes(row[0]) for row in db.execute("SELECT block FROM drafts_named_data")]
    assert not any(pair in block for pair in pairs for block in blocks)
    assert _having(db, "erased", "drafts_named") == [1]
    db.close()


async def test_an_office_from_before_the_index_is_worked_through_in_slices(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "kohoban.db")
    for n in range(1, 8):
        db.execute(_INSERT, (n, b"%d.txt" % n, f"図書館のお知らせ その{n}"))
    texts.begin_anew(db)
    left = [texts.catch_up(db, 3) for _ in range(3)]
    assert left == [4, 1, 0]
    assert _having(db, "図書館") == [1, 2, 3, 4, 5, 6, 7]
    db.close()


async def test_no_page_of_the_index_is_large_also_after_it_was_begun_anew(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "kohoban.db")
    texts.add(db, [(n, b"%d.txt" % n, f"{n}番の図書館からのお知らせ" * 20) for n in range(1, 300)])
    texts.begin_anew(db)
    texts.add(db, [(n, b"%d.txt" % n, f"{n}番の図書館からのお知らせ" * 20) for n in range(1, 300)])
    assert max(len(row[0]) for row in db.execute("SELECT block FROM drafts_text_data")) <= 1_100
    db.close()


async def test_a_draft_that_is_still_to_be_taken_in_goes_in_once_and_as_it_is_then(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "kohoban.db")
    for n in (1, 2):
        db.execute(_INSERT, (n, b"%d.txt" % n, "図書館"))
    texts.begin_anew(db)
    texts.catch_up(db, 1)
    texts.change(db, 1, "図書館", "体育館")  # not in yet
    db.execute("UPDATE drafts SET body = '体育館' WHERE id = 1")
    texts.catch_up(db, 1)
    assert (_having(db, "図書"), _having(db, "体育")) == ([2], [1])
    db.close()


async def test_an_index_that_was_folded_otherwise_is_begun_anew(state: Path) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.db.execute(_INSERT, (1, b"a.txt", "図書館")).rowcount)
        await store.write(lambda tx: tx.db.execute("UPDATE text_index SET folding = 'another'").rowcount)
    async with await Store.open(state) as store:
        assert await store.read(texts.behind) == 1
        assert await store.write(lambda tx: texts.catch_up(tx.db, 10)) == 0
        assert await store.read(lambda db: _having(db, "図書")) == [1]
