"""What people wrote can leave the record for good: its hash stays, the chain stays whole, and no file holds it any more."""

from __future__ import annotations

import json
import random
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from daemon.store import Store, Tx, Verified, verify
from daemon.store.audit import ERASE

SECRET = "山田花子さんの電話は090-1234-5678"


def files_with(state: Path, text: str) -> list[str]:
    """Every file of the store in which these words lie, in any of the forms in which they could."""
    forms = (text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le"))
    return [path.name for path in state.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


def everything(state: Path) -> bytes:
    """All bytes of all files of the store."""
    return b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())


def erased(seq: int, field: str) -> object:
    def op(tx: Tx) -> str | None:
        text = tx.erase(seq, field)
        tx.record("manager", ERASE, None, entry=seq, field=field, reason="個人情報のため")
        return text

    return op


async def settled(store: Store) -> None:
    """The traces go right after a batch is answered: the act after the next one comes behind that."""
    await store.write(lambda tx: None)
    await store.write(lambda tx: None)


async def test_what_a_person_typed_stands_in_the_chain_as_a_salted_hash_alone(store: Store, state: Path) -> None:
    await store.write(lambda tx: tx.record("sato", "return", 1, reason=SECRET, state="returned"))
    (row,) = await store.fetch("SELECT record, salt, text FROM audit JOIN audit_private USING (seq)")
    detail = json.loads(row["record"])["detail"]
    assert detail == {"reason": "sha256:" + sha256(row["salt"] + SECRET.encode()).hexdigest(), "state": "returned"}
    assert row["text"] == SECRET.encode()
    assert len(row["salt"]) == 16
    assert "000001.seg" not in files_with(state, SECRET)


async def test_the_same_words_have_another_hash_in_every_entry(store: Store) -> None:
    for _ in range(2):
        await store.write(lambda tx: tx.record("sato", "approve", 1, reason="了解"))
    one, two = [json.loads(row["record"])["detail"]["reason"] for row in await store.fetch("SELECT record FROM audit")]
    assert one != two


async def test_no_words_need_no_hiding(store: Store) -> None:
    await store.write(lambda tx: tx.record("sato", "approve", 1, reason=""))
    assert await store.fetch("SELECT 1 FROM audit_private") == []
    assert (await store.verify()).ok


async def test_an_erased_text_lies_in_no_file_any_more_and_the_record_still_verifies(store: Store, state: Path) -> None:
    await store.write(lambda tx: tx.record("sato", "approve", 1, reason="普通の理由"))
    await store.write(lambda tx: tx.record("sato", "return", 1, reason=SECRET))
    assert files_with(state, SECRET)

    assert await store.write(erased(2, "reason")) == SECRET
    await settled(store)
    assert files_with(state, SECRET) == []
    assert files_with(state, "普通の理由") == ["kohoban.db"]
    assert await store.verify() == Verified(True, 3, store.head.hash)
    assert await store.write(lambda tx: tx.erase(2, "reason")) is None


async def test_erasing_what_was_never_there_finds_nothing(store: Store) -> None:
    await store.write(lambda tx: tx.record("sato", "approve", 1, reason="理由"))
    assert await store.write(lambda tx: (tx.erase(1, "note"), tx.erase(7, "reason"))) == (None, None)


async def test_an_erasure_that_fails_with_its_act_leaves_the_text(store: Store) -> None:
    await store.write(lambda tx: tx.record("sato", "approve", 1, reason="理由"))
    with pytest.raises(ZeroDivisionError):
        await store.write(lambda tx: (tx.erase(1, "reason"), 1 // 0))
    assert [row["text"].decode() for row in await store.fetch("SELECT text FROM audit_private")] == ["理由"]


async def test_a_reader_that_keeps_old_pages_in_use_only_delays_the_end_of_the_traces(store: Store, state: Path) -> None:
    await store.write(lambda tx: tx.record("sato", "return", 1, reason=SECRET))
    reader = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM audit").fetchone()
    await store.write(erased(1, "reason"))
    await settled(store)
    assert files_with(state, SECRET) == ["kohoban.db-wal"]
    reader.close()
    await settled(store)
    assert files_with(state, SECRET) == []


async def test_of_many_texts_of_all_sizes_each_that_is_erased_leaves_no_trace(state: Path) -> None:
    choice = random.Random(3)
    # Marks long enough that no salt and no hash holds one by chance.
    marks = [f"<text {n:08}" for n in range(400)]
    texts = [f"{mark}>" + "あ" * choice.randrange(1, 3000) + f"{mark}/>" for mark in marks]
    gone = choice.sample(range(400), 150)
    async with await Store.open(state) as store:
        for text in texts:
            await store.write(lambda tx, text=text: tx.record("sato", "return", 1, reason=text))
        for n in gone:
            await store.write(erased(n + 1, "reason"))
        await settled(store)
        data = everything(state)
        assert [n for n in gone if marks[n].encode() in data] == []
        assert (await store.verify()).ok


async def test_a_text_that_is_gone_without_an_act_of_erasure_is_told(state: Path) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.record("sato", "return", 1, reason="一"))
        await store.write(lambda tx: tx.record("sato", "return", 1, reason="二"))
        await store.write(erased(1, "reason"))
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    db.execute("DELETE FROM audit_private WHERE seq = 2")
    db.close()
    found = verify(state / "kohoban.db", state / "audit.anchor")
    assert found.ok
    assert found.why_en.startswith("1 texts are gone")
